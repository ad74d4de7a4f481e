// Starts local AWS in a process of its own and speaks with it; the process never outlives this one.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Fault } from '../../../../infra/emulators/aws/faults.ts'
import type { AwsCounts, AwsReport, AwsRequest } from './local-aws-process.ts'

export type AwsProcess = {
  readonly url: string
  /** From now on calls fail as `faults` say, and Cognito's quotas are in force. */
  disturb(trouble: { readonly faults: readonly Fault[]; readonly quotaScale: number }): Promise<void>
  /** No faults and no quotas, as at the start. */
  leaveAlone(): Promise<void>
  /** Of the calls since `disturb`. */
  count(): Promise<AwsCounts>
  close(): Promise<void>
}

/** Rejects when the process ends before it serves. */
export async function startAwsProcess(): Promise<AwsProcess> {
  const child = fork(fileURLToPath(new URL('./local-aws-process.ts', import.meta.url)), {
    // Else the process would run again what this one was told to run first (`node --import …`).
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const nextReport = async (): Promise<AwsReport> => {
    const ended = exited.then(() => {
      throw new Error('local AWS ended by itself')
    })
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [AwsReport]
    return message
  }
  const ask = async (request: AwsRequest): Promise<AwsReport> => {
    child.send(request)
    return nextReport()
  }

  const { url } = await nextReport()
  return {
    url,
    disturb: async (trouble) => {
      await ask({ ask: 'disturb', ...trouble })
    },
    leaveAlone: async () => {
      await ask({ ask: 'leave_alone' })
    },
    count: async () => (await ask({ ask: 'count' })).counts,
    close: async () => {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
