// App1 as its function is, in front of an App2 that is never there: whoever gets past App1's gate has it asked.
import { createApp } from '#services/app1-provisioner/app.ts'
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
  const app = createApp({ now: Date.now, logger, allowedCallers, machine: fakeMachine(), sealer, app2 })
  return { handler: createLambdaHandler(app, logger), asked: app2.asked }
}
