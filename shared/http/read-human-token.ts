// Takes the token of a human out of the request, where the route has a use for it; it never looks into it.
import type { MiddlewareHandler } from 'hono'
import { humanTokenHeader, humanTokenRoutes } from '../contract.ts'
import { ServiceError } from '../errors.ts'
import { SecretValue } from '../text/secret-value.ts'
import type { AppEnvironment } from './app-environment.ts'

/** Refuses it with `invalid_request` elsewhere: who sends it believes that it counts. */
export const readHumanToken: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const token = c.req.header(humanTokenHeader)
  if (token !== undefined) {
    if (!humanTokenRoutes.includes(`${c.req.method} ${c.req.path}`)) {
      throw new ServiceError('invalid_request', { errors: [{ header: humanTokenHeader, detail: 'is not taken here' }] })
    }
    c.set('unverifiedHumanToken', new SecretValue(token))
  }
  await next()
}
