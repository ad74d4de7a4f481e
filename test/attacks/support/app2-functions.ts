// App2's apps as Lambda handlers, over a directory that does not exist: whoever gets that far gets no user.
import { createApp as createCheckUsersApp } from '#services/app2-accounts/check-users/app.ts'
import type { CheckUsersDeps } from '#services/app2-accounts/check-users/check-users.ts'
import { createApp as createCreateUserApp } from '#services/app2-accounts/create-user/app.ts'
import type { CreateUserDeps } from '#services/app2-accounts/create-user/create-user.ts'
import { createApp as createManageUsersApp } from '#services/app2-accounts/manage-users/app.ts'
import type { ManageUsersDeps } from '#services/app2-accounts/manage-users/manage-users.ts'
import { createApp as createSampleApp } from '#services/app2-accounts/sample/app.ts'
import { createCallerReader, type AccessSource } from '#shared/http/access-source.ts'
import { createLambdaHandler, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import type { App2Function } from '#shared/routes.ts'
import type { ManualClock } from '../../support/clock.ts'
import { recordingLogger } from '../../support/logger.ts'

export type { App2Function }

/** `source` says who authenticates the caller: our authorizer unless told. */
export function createApp2Functions(
  { now }: ManualClock,
  source: AccessSource = { from: 'authorizer' },
): Readonly<Record<App2Function, LambdaHandler>> {
  const base = { now, logger: recordingLogger(), readCaller: createCallerReader(source, { now }) }
  // Nothing here is ever used: the attacks send the admin routes no body that they take, so their own 400 shows an open one.
  const noDirectory = {} as CheckUsersDeps & CreateUserDeps & ManageUsersDeps
  return {
    'create-user': createLambdaHandler(createCreateUserApp({ ...noDirectory, ...base }), base.logger),
    'check-users': createLambdaHandler(createCheckUsersApp({ ...noDirectory, ...base }), base.logger),
    'manage-users': createLambdaHandler(createManageUsersApp({ ...noDirectory, ...base }), base.logger),
    sample: createLambdaHandler(createSampleApp(base), base.logger),
  }
}
