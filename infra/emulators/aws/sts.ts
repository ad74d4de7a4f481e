// Local AWS STS: who the caller is, for tools that ask before they begin; see principal.ts.
import * as z from 'zod/mini'
import { operationsRefusing, type Service } from './operation.ts'

export const stsVersion = '2011-06-15'

const operation = operationsRefusing('ValidationError')

export function createSts(): Service {
  return {
    targetPrefix: stsVersion,
    errorNames: { throttled: 'Throttling', internal: 'InternalFailure' },
    operations: {
      GetCallerIdentity: operation(z.object({}), (_input, { arn, userId, accountId }) => ({
        Arn: arn,
        UserId: userId,
        Account: accountId,
      })),
    },
  }
}
