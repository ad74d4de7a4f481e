// The process of one cold load: times the import of a function and its first answer. Its argument says which; it reports on
// descriptor 3. It is JavaScript, and imports nothing before the clock has stopped, so that Node has loaded only itself.

const { module, event } = JSON.parse(process.argv[2])
const { performance } = globalThis
const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  functionName: 'cold-load',
  getRemainingTimeInMillis: () => 10_000,
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const start = { wall: performance.now(), cpu: cpuMs() }
const { handler } = await import(module)
const load = { wallMs: performance.now() - start.wall, cpuMs: cpuMs() - start.cpu }
const rssBytes = process.memoryUsage.rss()

const call = { wall: performance.now(), cpu: cpuMs() }
const answer = event === undefined ? undefined : await handler(event, context)
const response = { wallMs: performance.now() - call.wall, cpuMs: cpuMs() - call.cpu }

const { writeSync } = await import('node:fs')
const { createRequire } = await import('node:module')
// Packages that are CommonJS, as most of those in node_modules are, stand here file by file; a bundle is `module` alone.
const packageFiles = Object.keys(createRequire(import.meta.url).cache)
const nothing = { wallMs: 0, cpuMs: 0 }
const report = { load, response: event === undefined ? nothing : response, rssBytes, packageFiles, answer }
writeSync(3, JSON.stringify(report))
// What the function keeps open (sockets, timers) is of no interest here.
process.exit(0)
