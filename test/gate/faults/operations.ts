// The calls on the way of one request: who makes each of them, and in which order they come; never how they fail.

/** A function of the pair that can crash. */
export type PlayedFunction = 'app1-provisioner' | 'create-user' | 'manage-users' | 'authorizer'

/** create-user in a creation, manage-users in what becomes of a user later. */
type Owner = PlayedFunction | 'App2'

/**
 * Operations as AWS names them, `JWKS` for the pool's key set, `App2` for App1's HTTP request to App2, `TakeTurn` for the
 * PutSecretValue that comes before a secret is changed, `CloseSecret` for the PutResourcePolicy after which nobody reads it.
 */
export const operations = {
  GetSecretValue: 'app1-provisioner',
  InitiateAuth: 'app1-provisioner',
  RevokeToken: 'app1-provisioner',
  Encrypt: 'app1-provisioner',
  App2: 'app1-provisioner',
  JWKS: 'authorizer',
  Decrypt: 'App2',
  AdminCreateUser: 'App2',
  AdminGetUser: 'App2',
  AdminDisableUser: 'App2',
  AdminEnableUser: 'App2',
  AdminAddUserToGroup: 'App2',
  AdminRemoveUserFromGroup: 'App2',
  DescribeUserPoolClient: 'App2',
  CreateSecret: 'App2',
  ListSecretVersionIds: 'App2',
  TakeTurn: 'App2',
  GetResourcePolicy: 'App2',
  CloseSecret: 'App2',
  PutResourcePolicy: 'App2',
  PutSecretValue: 'App2',
  AdminSetUserPassword: 'App2',
  AdminUserGlobalSignOut: 'App2',
  AdminListGroupsForUser: 'App2',
  DescribeSecret: 'App2',
  UpdateSecretVersionStage: 'App2',
  DeleteSecret: 'App2',
  AdminDeleteUser: 'App2',
} as const satisfies Record<string, Owner>

export type OperationName = keyof typeof operations

export const operationNames = Object.keys(operations) as readonly OperationName[]

/** Of a user's generated password. */
export const secretOperations = [
  ...([
    'DescribeUserPoolClient',
    'CreateSecret',
    'ListSecretVersionIds',
    'TakeTurn',
    'GetResourcePolicy',
    'CloseSecret',
    'PutResourcePolicy',
    'PutSecretValue',
  ] as const),
  ...(['DescribeSecret', 'UpdateSecretVersionStage', 'DeleteSecret'] as const),
] as const satisfies readonly OperationName[]

export function touchesSecret(operation: string): boolean {
  return secretOperations.some((name) => name === operation)
}

/** These name one user and can change it: before each of them somebody might be able to sign in as an incomplete user. */
export function touchesUser(operation: string): boolean {
  return operation.startsWith('Admin')
}
