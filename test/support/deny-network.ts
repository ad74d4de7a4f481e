// Vitest set-up: tests may open sockets to this machine alone, so that no test can depend on, or talk to, anything else.
// It holds for the test's own thread; a worker or child process that a test starts is not covered.
import net from 'node:net'

const loopbackHost = /^(localhost|::1|\[::1\]|127(\.\d{1,3}){3})$/

type ConnectOptions = { host?: string; port?: number; path?: string }

const denying = Symbol.for('latchkey.test.denying-network')
const connect: unknown = Reflect.get(net.Socket.prototype, 'connect')

function targetOf(args: readonly unknown[]): ConnectOptions {
  // net.connect() hands its arguments over as one normalised array, `[options, callback]`.
  const [first, second]: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && typeof second !== 'string') return { path: first }
  return { port: Number(first), ...(typeof second === 'string' && { host: second }) }
}

function connectToLoopbackOnly(this: net.Socket, ...args: unknown[]): net.Socket {
  const { host = 'localhost', path } = targetOf(args)
  if (path !== undefined || loopbackHost.test(host)) {
    return Reflect.apply(connect as (...args: unknown[]) => net.Socket, this, args)
  }
  queueMicrotask(() => this.destroy(new Error(`network denied in tests: ${host}`)))
  return this
}

// Test files share a worker, in which this runs once a file.
if (!Reflect.has(net.Socket.prototype, denying)) {
  Reflect.set(net.Socket.prototype, denying, true)
  Reflect.set(net.Socket.prototype, 'connect', connectToLoopbackOnly)
}
