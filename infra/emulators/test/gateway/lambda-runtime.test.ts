import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { serveInvocations, type InvocationMessage } from '../../gateway/lambda-runtime.ts'

function setUp(loadModule: () => Promise<object>) {
  const emitter = new EventEmitter()
  const posted: unknown[] = []
  const ready = Promise.withResolvers<undefined>()
  const printed: string[] = []
  const port = {
    on: (event: string, listener: (message: InvocationMessage) => void) => emitter.on(event, listener),
    postMessage: (message: unknown) => {
      if (message === 'ready') ready.resolve(undefined)
      else posted.push(message)
    },
  }
  serveInvocations(port as unknown as Parameters<typeof serveInvocations>[0], {
    loadModule,
    print: (line) => printed.push(line),
  })
  const send = async (id: number, event: unknown): Promise<void> => {
    const expected = posted.length + 1
    emitter.emit('message', {
      id,
      functionName: 'f',
      requestId: `r-${id}`,
      event: JSON.stringify(event),
      expiresAt: Date.now() + 1000,
    })
    await vi.waitFor(() => {
      expect(posted).toHaveLength(expected)
    })
  }
  return { send, posted, printed, ready: ready.promise }
}

describe('serveInvocations', () => {
  it('each message is answered under its own id, and nothing is printed', async () => {
    const { send, posted, printed } = setUp(() =>
      Promise.resolve({ handler: (event: object) => ({ ...event, done: true }) }),
    )

    await send(7, { a: 1 })

    expect(posted).toEqual([{ id: 7, outcome: { result: '{"a":1,"done":true}' } }])
    expect(printed).toEqual([])
  })

  it('a module that cannot be loaded is loaded once and answered to every call', async () => {
    const loadModule = vi.fn(() => Promise.reject(new Error('no such module')))
    const { send, posted, printed, ready } = setUp(loadModule)
    await ready

    await send(1, {})
    await send(2, {})

    const error = { errorType: 'Error', errorMessage: 'no such module' }
    expect(posted).toEqual([
      { id: 1, outcome: { error } },
      { id: 2, outcome: { error } },
    ])
    expect(printed).toEqual([`ERROR r-1 ${JSON.stringify(error)}`, `ERROR r-2 ${JSON.stringify(error)}`])
    expect(loadModule).toHaveBeenCalledTimes(1)
  })

  it.each([{}, { handler: 'text' }])('the module %j has no handler', async (module) => {
    const { send, posted } = setUp(() => Promise.resolve(module))

    await send(1, {})

    const error = { errorType: 'Runtime.HandlerNotFound', errorMessage: 'handler is undefined or not exported' }
    expect(posted).toEqual([{ id: 1, outcome: { error } }])
  })
})
