// What Cognito allows this account a second; a worker does without where Cognito does not tell.
import {
  GetProvisionedLimitCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { errorName } from '#shared/aws/aws-errors.ts'
import type { Logger } from '#shared/logger.ts'

/** The category of AdminAddUserToGroup, the narrowest that a creation goes through: 25 a second for most accounts. */
const category = 'UserUpdate'

/** Once: the call itself may be made once a second by the whole account. Needs `cognito-idp:GetProvisionedLimit`. */
export async function readAccountLimit(deps: {
  readonly cognito: CognitoIdentityProviderClient
  readonly logger: Pick<Logger, 'info'>
}): Promise<number | undefined> {
  try {
    const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: category } } as const
    const { Limit } = await deps.cognito.send(new GetProvisionedLimitCommand({ LimitDefinition }))
    const limit = Limit?.ProvisionedLimitValue
    return limit !== undefined && limit > 0 ? limit : undefined
  } catch (error) {
    deps.logger.info('the account’s limit is not known, the configured one counts', { reason: errorName(error) })
    return undefined
  }
}
