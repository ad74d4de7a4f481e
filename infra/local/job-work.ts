// What Lambda and EventBridge do with the queue of jobs; loaded where there are jobs, and nowhere else.
import type { SQSClient } from '@aws-sdk/client-sqs'
import type { LambdaFunction } from '../emulators/gateway/lambda-function.ts'
import { startSchedule } from '../emulators/triggers/schedule.ts'
import { startSqsEventSource } from '../emulators/triggers/sqs-event-source.ts'

type JobWork = {
  /** One for each call that may be under way: Lambda gives each an instance, with a memory of its own. */
  readonly instances: readonly LambdaFunction[]
  readonly sqs: SQSClient
  readonly queueUrl: string
  readonly sweepMs: number
}

/** As serverless.yml has the event source and the schedule. */
export async function startJobWork({ instances, sweepMs, ...queue }: JobWork): Promise<{ close(): Promise<void> }> {
  const source = await startSqsEventSource({
    ...queue,
    function: onIdleInstance(instances),
    batchSize: 10,
    maximumConcurrency: instances.length,
    reportBatchItemFailures: true,
  })
  const [sweeper = () => Promise.resolve()] = instances
  const schedule = startSchedule({ function: sweeper, rateMs: sweepMs, input: { sweep: true } })
  return {
    close: async () => {
      await schedule.close()
      await source.close()
    },
  }
}

/** There is one: no more calls are under way than there are instances. */
function onIdleInstance(instances: readonly LambdaFunction[]): LambdaFunction {
  const idle = [...instances]
  return async (event) => {
    const instance = idle.shift()
    if (instance === undefined) throw new RangeError('every instance is at work')
    try {
      return await instance(event)
    } finally {
      idle.push(instance)
    }
  }
}
