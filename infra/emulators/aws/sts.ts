// Local AWS STS: who the caller is, for tools that ask before they begin; whoever signs is the root of the one account.
import * as z from 'zod/mini'
import { operationsRefusing, type Service } from './operation.ts'

export const stsVersion = '2011-06-15'

const operation = operationsRefusing('ValidationError')

export function createSts({ accountId }: { readonly accountId: string }): Service {
  return {
    targetPrefix: stsVersion,
    errorNames: { throttled: 'Throttling', internal: 'InternalFailure' },
    operations: {
      GetCallerIdentity: operation(z.object({}), () => ({
        Arn: `arn:aws:iam::${accountId}:root`,
        UserId: accountId,
        Account: accountId,
      })),
    },
  }
}
