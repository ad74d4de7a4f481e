// What each function of a local pair finds in its environment: what its mode needs, and nothing of another one.
import { localRoles } from './local-signers.ts'
import { takesScopes, type PairModes } from './pair-modes.ts'
import type { Provisioned } from './set-up/apply-templates.ts'

export type FunctionName = 'app1-provisioner' | 'create-user' | 'sample' | 'authorizer' | 'machine-credential-rotation'

type Environment = Readonly<Record<string, string>>

/** Each function sees these variables and no other, as it would in Lambda. `aws` goes to those that call AWS. */
export function functionEnvironments(
  provisioned: Provisioned,
  modes: PairModes,
  aws: Environment,
): Record<FunctionName, Environment> {
  const { userPoolId: USER_POOL_ID, passwordKeyArn: KMS_KEY_ARN } = provisioned
  const shared = { AWS_REGION: provisioned.region, ...aws }
  const scopeClients = takesScopes(modes) && {
    MACHINE_SCOPE_CLIENT_ID: provisioned.machineScopeClientId,
    SERVICE_SCOPE_CLIENT_ID: provisioned.serviceScopeClientId,
  }
  const claims = given({ ACCESS_FROM: 'claims', USER_POOL_ID, ...scopeClients })
  const nativeAuthorizer = modes.app2Authorizer === 'cognito'
  const byIam = { ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARN: localRoles.provisioner }
  return {
    'app1-provisioner': given({
      ...shared,
      USER_POOL_ID,
      KMS_KEY_ARN,
      MACHINE_SECRET_ARN: provisioned.machineSecretArn,
      ALLOWED_CALLERS: localRoles.caller,
      MACHINE_AUTH: modes.machineAuth,
      TOKEN_ENDPOINT: modes.machineAuth === 'client-credentials' ? provisioned.tokenEndpoint : undefined,
    }),
    'create-user': {
      ...shared,
      USER_POOL_ID,
      KMS_KEY_ARN,
      ...(nativeAuthorizer ? claims : modes.accepted.includes('sigv4') ? byIam : { ACCESS_FROM: 'authorizer' }),
    },
    sample: nativeAuthorizer ? claims : { ACCESS_FROM: 'authorizer' },
    'machine-credential-rotation': given({
      ...shared,
      USER_POOL_ID,
      MACHINE_SECRET_ARN: provisioned.machineSecretArn,
      MACHINE_AUTH_ACCEPTED: modes.accepted.join(','),
      MACHINE_CLIENT_ID: modes.accepted.includes('password') ? provisioned.machineClientId : undefined,
      MACHINE_SCOPE_CLIENT_ID: takesScopes(modes) ? provisioned.machineScopeClientId : undefined,
      TOKEN_ENDPOINT: modes.accepted.includes('client-credentials') ? provisioned.tokenEndpoint : undefined,
    }),
    authorizer: given({
      ...shared,
      USER_POOL_ID,
      MACHINE_AUTH_ACCEPTED: modes.accepted.join(','),
      MACHINE_CLIENT_ID: modes.accepted.includes('password') ? provisioned.machineClientId : undefined,
      SERVICE_CLIENT_ID: provisioned.serviceClientId,
      ...scopeClients,
    }),
  }
}

/** The variables that have a value. */
function given(variables: Readonly<Record<string, string | undefined>>): Environment {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
