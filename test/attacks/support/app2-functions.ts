// App2's two apps as Lambda handlers, over a directory that does not exist: whoever gets that far gets no user.
import { createApp as createCreateUserApp } from '#services/app2-accounts/create-user/app.ts'
import type { CreateUserDeps } from '#services/app2-accounts/create-user/create-user.ts'
import { createApp as createSampleApp } from '#services/app2-accounts/sample/app.ts'
import { createCallerReader, type AccessSource } from '#shared/http/access-source.ts'
import { createLambdaHandler, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import type { ManualClock } from '../../support/clock.ts'
import { recordingLogger } from '../../support/logger.ts'

export type App2Function = 'create-user' | 'sample'

/** `source` says who authenticates the caller: our authorizer unless told. */
export function createApp2Functions(
  { now }: ManualClock,
  source: AccessSource = { from: 'authorizer' },
): Readonly<Record<App2Function, LambdaHandler>> {
  const base = { now, logger: recordingLogger(), readCaller: createCallerReader(source, { now }) }
  // Nothing here is ever used: the attacks send create-user no body that it takes, so its own 400 shows an open route.
  const noDirectory = {} as CreateUserDeps
  return {
    'create-user': createLambdaHandler(createCreateUserApp({ ...noDirectory, ...base }), base.logger),
    sample: createLambdaHandler(createSampleApp(base), base.logger),
  }
}
