// App2's apps as Lambda handlers, over a directory that does not exist: whoever gets that far gets no user.
import { createApp as createCheckUsersApp } from '#services/app2-accounts/check-users/app.ts'
import type { CheckUsersDeps } from '#services/app2-accounts/check-users/check-users.ts'
import { createApp as createCreateUserApp } from '#services/app2-accounts/create-user/app.ts'
import type { CreateUserDeps } from '#services/app2-accounts/create-user/create-user.ts'
import { createApp as createManageUsersApp } from '#services/app2-accounts/manage-users/app.ts'
import type { ManageUsersDeps } from '#services/app2-accounts/manage-users/manage-users.ts'
import { createApp as createSampleApp } from '#services/app2-accounts/sample/app.ts'
import { ServiceError } from '#shared/errors.ts'
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
  options: { readonly bindsCreations?: boolean } = {},
): Readonly<Record<App2Function, LambdaHandler>> {
  const base = { now, logger: recordingLogger(), readCaller: createCallerReader(source, { now }) }
  // Nothing else is ever used: the attacks send the admin routes no body that they take, or a password that nobody sealed, so that
  // their own 400 shows an open one.
  const opener: CreateUserDeps['opener'] = { open: () => Promise.reject(new ServiceError('password_unreadable')) }
  const noDirectory = { opener } as CheckUsersDeps & CreateUserDeps & ManageUsersDeps
  return {
    'create-user': createLambdaHandler(createCreateUserApp({ ...noDirectory, ...base, ...options }), base.logger),
    'check-users': createLambdaHandler(createCheckUsersApp({ ...noDirectory, ...base }), base.logger),
    'manage-users': createLambdaHandler(createManageUsersApp({ ...noDirectory, ...base }), base.logger),
    sample: createLambdaHandler(createSampleApp(base), base.logger),
  }
}
