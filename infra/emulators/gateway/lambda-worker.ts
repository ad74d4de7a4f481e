// The entry of a worker thread that is one Lambda function; started by inWorker() alone, with its own environment.
import { parentPort, workerData } from 'node:worker_threads'
import { serveInvocations } from './lambda-runtime.ts'

if (parentPort === null) throw new Error('lambda-worker.ts runs in a worker thread only')
const { handlerModule } = workerData as { handlerModule: string }
serveInvocations(parentPort, {
  loadModule: async () => (await import(handlerModule)) as object,
  print: console.error,
})
