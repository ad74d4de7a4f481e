// One function in a process of its own: times the import of its module, then each answer. Its argument names the module; it
// takes events from standard input and reports on descriptor 3, a line each. It is JavaScript, and imports nothing, so that
// Node has loaded only itself. While it waits for an event all of it stands still, as an execution environment does.

const { performance } = globalThis
const { readSync, writeSync } = process.getBuiltinModule('node:fs')
const buffer = globalThis.Buffer.alloc(65_536)

const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  functionName: 'cold-load',
  getRemainingTimeInMillis: () => 10_000,
}

const time = async (work) => {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const result = await work()
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  return { result, duration: { wallMs, cpuMs: (user + system) / 1_000 } }
}

const report = (line) => {
  writeSync(3, `${JSON.stringify(line)}\n`)
}

const nextEvent = () => {
  let text = ''
  while (!text.endsWith('\n')) {
    const length = readSync(0, buffer)
    if (length === 0) return undefined
    text += buffer.toString('utf8', 0, length)
  }
  return JSON.parse(text)
}

const { result: module, duration: init } = await time(() => import(process.argv[2]))
report({ duration: init })
for (let event = nextEvent(); event !== undefined; event = nextEvent()) {
  const { result: answer, duration } = await time(() => module.handler(event, context))
  report({ duration, answer })
}
// What the function keeps open (sockets, timers) is of no interest here.
process.exit(0)
