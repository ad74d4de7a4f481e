// The provisioned limit of a category of API requests: what the quotas that are in force here admit a second.
import * as z from 'zod/mini'
import { stringMap } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { cognitoQuota } from '../quotas.ts'
import { invalid } from './errors.ts'
import * as shapes from './shapes.ts'

const getProvisionedLimit = z.object({
  LimitDefinition: z.object({ LimitClass: z.enum(['API_CATEGORY']), Attributes: stringMap }),
})

/** `quotaScale` is what the quotas are times now. */
export function provisionedLimitOperations(quotaScale: () => number): OperationTable {
  return {
    // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetProvisionedLimit.html
    GetProvisionedLimit: shapes.cognitoOperation(getProvisionedLimit, ({ LimitDefinition }) => {
      const perSecond = cognitoQuota(LimitDefinition.Attributes['Category'] ?? '')
      if (perSecond === undefined) throw invalid('The limit definition names no category of API requests.')
      // An integer, and as in token-bucket.ts never less than one.
      const ProvisionedLimitValue = Math.max(1, Math.floor(perSecond * quotaScale()))
      return { Limit: { LimitDefinition, ProvisionedLimitValue, FreeLimitValue: perSecond } }
    }),
  }
}
