// A thread that plays cases in environments of its own, several at a time, and tells what it saw of each.
import { parentPort } from 'node:worker_threads'
import { errorName } from '#shared/aws/aws-errors.ts'
import { captureOutput } from '../../support/capture-output.ts'
import { playCase, type CaseResult } from './play-case.ts'
import { parseCase } from './test-case.ts'
import { startFaultEnvironment, type FaultEnvironment } from './fault-environment.ts'

/** `broken` says why a case could not be played to its end. */
export type Played = { readonly id: string } & (CaseResult | { readonly broken: string })

/** Nothing but the logger may print: whatever gets here has come past its allow-list. */
const printed = captureOutput()

const idle: FaultEnvironment[] = []
/** One at a time: an environment is much work to make, and cases that are being played must not wait for it. */
let starting: Promise<unknown> = Promise.resolve()

function nextEnvironment(): Promise<FaultEnvironment> {
  const faultEnvironment = starting.then(startFaultEnvironment)
  starting = faultEnvironment.catch(() => undefined)
  return faultEnvironment
}

const port = parentPort
if (port === null) throw new Error('this is a worker: see run.ts')

port.on('message', (id: string) => {
  void play(id).then((played) => {
    port.postMessage(played)
  })
})

async function play(id: string): Promise<Played> {
  const testCase = parseCase(id)
  if (testCase === undefined) return { id, broken: 'no such case' }
  const faultEnvironment = idle.pop() ?? (await nextEnvironment())
  try {
    const result = await playCase(faultEnvironment, testCase)
    idle.push(faultEnvironment)
    const stray = printed.text()
    return stray === '' ? { id, ...result } : { id, broken: `printed past the logger: ${stray.slice(0, 200)}` }
  } catch (error) {
    await faultEnvironment.close()
    const where = error instanceof Error ? (error.stack ?? '').split('\n').slice(0, 4).join(' ') : ''
    return { id, broken: `${errorName(error)} ${where}` }
  }
}
