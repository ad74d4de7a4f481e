// Says in one line what a script is missing: a Node of today, or a package that `npm ci` leaves out in production.
import { setImmediate } from 'node:timers'
import { isMainThread } from 'node:worker_threads'

const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(
    `Latchkey's scripts need Node 24 or newer; this is ${process.version}. ` +
      'On Linux with glibc, Windows and Intel Macs `npm ci` brings it along; elsewhere install Node 24 (see .nvmrc).',
  )
  process.exit(1)
}

const explainMissingPackage = (error) => {
  const name = error?.code === 'ERR_MODULE_NOT_FOUND' && /Cannot find package '([^']+)'/.exec(error.message)?.[1]
  if (name) {
    console.error(`The package ${name} is not installed. \`npm ci --include=dev\` installs all that the scripts need.`)
    process.exit(1)
  }
  // Anything else ends the process as it would have without us.
  process.off('uncaughtException', explainMissingPackage)
  setImmediate(() => {
    throw error
  })
}
// A function's thread tells its own failures.
if (isMainThread) process.on('uncaughtException', explainMissingPackage)
