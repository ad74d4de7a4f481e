// App1 as its two functions are, in front of an App2 and a store of jobs that are never there: whoever gets past App1's gate has
// one of them asked.
import { createApp } from '#services/app1-provisioner/app.ts'
import type { AcceptJobDeps } from '#services/app1-provisioner/jobs/accept-job.ts'
import { createApp as createJobs } from '#services/app1-provisioner/jobs/app.ts'
import type { AllowedCaller } from '#services/app1-provisioner/caller.ts'
import type { Permission } from '#shared/access-rules.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { createLambdaHandler, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { fakeApp2, type Asked } from '../../support/fake-app2.ts'
import { recordingLogger } from '../../support/logger.ts'
import { fakeMachine } from '../../support/machine-secrets.ts'

export const account = '111111111111'
export const role = `arn:aws:iam::${account}:role/orders`
export const session = `arn:aws:sts::${account}:assumed-role/orders/session`

/** The list of callers with `role` alone, which may do this. */
export function orders(granted: readonly Permission[]): AllowedCaller[] {
  const parsed = parseRoleArn(role)
  return parsed === undefined ? [] : [{ role: parsed, permissions: granted }]
}

export function createApp1(allowedCallers: readonly AllowedCaller[]): {
  readonly handler: LambdaHandler
  readonly asked: readonly Asked[]
} {
  const app2 = fakeApp2(() => Promise.reject(new Error('asked')))
  const logger = recordingLogger()
  const sealer = { seal: () => Promise.resolve('sealed') }
  const shared = { now: Date.now, logger, allowedCallers, machine: fakeMachine(), app2 }
  const app = createLambdaHandler(createApp({ ...shared, sealer }), logger)
  const store = refusingStore(app2.asked)
  const jobs = createLambdaHandler(createJobs({ ...shared, ...store, passwordReaders: [] }), logger)
  const isOfJobs = (event: object): boolean => 'routeKey' in event && String(event.routeKey).includes(' /jobs')
  return {
    handler: (event, context) => (isOfJobs(event) ? jobs(event, context) : app(event, context)),
    asked: app2.asked,
  }
}

/** It notes each call, and does none. */
function refusingStore(asked: Asked[]): Pick<AcceptJobDeps, 'jobs' | 'rows' | 'queue' | 'makeDataKey'> {
  const refuse =
    (path: string) =>
    (of: unknown): Promise<never> => {
      asked.push({ path, body: typeof of === 'string' ? { of } : {} })
      return Promise.reject(new Error('asked'))
    }
  const part: unknown = new Proxy({}, { get: (_, operation) => refuse(String(operation)) })
  return {
    jobs: part as AcceptJobDeps['jobs'],
    rows: part as AcceptJobDeps['rows'],
    queue: part as AcceptJobDeps['queue'],
    makeDataKey: refuse('makeDataKey'),
  }
}
