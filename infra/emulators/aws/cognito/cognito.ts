// Local Amazon Cognito user pools: the operations that the pair, its set-up and its operators call, and no more.
import type { Service } from '../operation.ts'
import { appClientOperations } from './app-clients.ts'
import { clientSecretOperations } from './client-secrets.ts'
import { domainOperations } from './domains.ts'
import { groupOperations } from './groups.ts'
import { machineTokenOperations } from './machine-tokens.ts'
import { provisionedLimitOperations } from './provisioned-limits.ts'
import { resourceServerOperations } from './resource-servers.ts'
import { signInOperations } from './sign-in.ts'
import type { CognitoState } from './state.ts'
import { tokenOperations } from './token-operations.ts'
import { userListOperations } from './user-lists.ts'
import { userPoolOperations } from './user-pools.ts'
import { userOperations } from './users.ts'

export function createCognito(state: CognitoState, quotaScale: () => number): Service {
  return {
    targetPrefix: 'AWSCognitoIdentityProviderService',
    // A user pool has no resource policy.
    onlyAccount: state.accountId,
    errorNames: { throttled: 'TooManyRequestsException', internal: 'InternalErrorException' },
    operations: {
      ...userPoolOperations(state),
      ...resourceServerOperations(state),
      ...domainOperations(state),
      ...appClientOperations(state),
      ...clientSecretOperations(state),
      ...groupOperations(state),
      ...userOperations(state),
      ...userListOperations(state),
      ...signInOperations(state),
      ...tokenOperations(state),
      ...machineTokenOperations(state),
      ...provisionedLimitOperations(quotaScale),
    },
  }
}
