// Local AWS STS: who the caller is, said to the caller itself or, as a signed token, to others; see principal.ts.
import * as z from 'zod/mini'
import { operationsRefusing, type Service } from '../operation.ts'
import { makeWebIdentityToken, webIdentityTokenInput, type WebIdentityTokenDeps } from './web-identity-token.ts'

export const stsVersion = '2011-06-15'

const operation = operationsRefusing('ValidationError')

export function createSts(deps: WebIdentityTokenDeps): Service {
  return {
    targetPrefix: stsVersion,
    errorNames: { throttled: 'Throttling', internal: 'InternalFailure' },
    operations: {
      GetCallerIdentity: operation(z.object({}), (_input, { arn, userId, accountId }) => ({
        Arn: arn,
        UserId: userId,
        Account: accountId,
      })),
      GetWebIdentityToken: operation(webIdentityTokenInput, (input, caller) =>
        makeWebIdentityToken(deps, input, caller),
      ),
    },
  }
}
