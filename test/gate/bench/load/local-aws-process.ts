// Local AWS in a process of its own, so that its share of time and memory is not the pair's; it ends with its parent.
import { startLocalAws } from '../../../../infra/emulators/aws/server.ts'
import type { Fault } from '../../../../infra/emulators/aws/faults.ts'

/** What the parent may ask. Every message gets one report as its answer, in order. */
export type AwsRequest =
  | { readonly ask: 'disturb'; readonly faults: readonly Fault[]; readonly quotaScale: number }
  | { readonly ask: 'leave_alone' }
  | { readonly ask: 'count' }

/** Of the calls since the last `disturb`. */
export type AwsCounts = {
  readonly calls: number
  /** Calls that were answered with an error, or not at all: the planned faults, the quotas, and what was refused. */
  readonly failedCalls: number
  readonly initiateAuthCalls: number
  readonly peakRssBytes: number
}

/** The first one comes unasked, when local AWS serves. */
export type AwsReport = { readonly url: string; readonly counts: AwsCounts }

if (process.send === undefined) throw new Error('local-aws-process.ts is started by start-aws-process.ts only')
const aws = await startLocalAws()
let countFrom = 0

process.on('message', (message) => {
  // Only start-aws-process.ts holds the other end.
  obey(message as AwsRequest)
  report()
})
// Also when the parent was killed and could not say goodbye.
process.once('disconnect', () => void aws.close())
report()

function obey(request: AwsRequest): void {
  switch (request.ask) {
    case 'disturb':
      aws.setFaults(request.faults)
      aws.setQuotaScale(request.quotaScale)
      countFrom = aws.calls.length
      break
    case 'leave_alone':
      aws.setFaults([])
      aws.setQuotaScale(undefined)
      break
    case 'count':
      break
  }
}

function report(): void {
  process.send?.({ url: aws.url, counts: countCalls() } satisfies AwsReport)
}

function countCalls(): AwsCounts {
  const calls = aws.calls.slice(countFrom)
  return {
    calls: calls.length,
    failedCalls: calls.filter(({ error }) => error !== undefined).length,
    initiateAuthCalls: calls.filter(({ operation }) => operation === 'InitiateAuth').length,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}
