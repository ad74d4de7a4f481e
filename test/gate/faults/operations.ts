// The calls on the way of one creation: who makes each of them, and in which order they come; never how they fail.

/** A function of the pair that can crash; `caller` is nobody's and lives on. */
export type PlayedFunction = 'app1-provisioner' | 'create-user' | 'authorizer'

/** Operations as AWS names them, `JWKS` for the pool's key set, `App2` for App1's HTTP request to App2. */
export const operations = {
  GetSecretValue: 'app1-provisioner',
  InitiateAuth: 'app1-provisioner',
  RevokeToken: 'app1-provisioner',
  Encrypt: 'app1-provisioner',
  App2: 'app1-provisioner',
  JWKS: 'authorizer',
  Decrypt: 'create-user',
  AdminCreateUser: 'create-user',
  AdminGetUser: 'create-user',
  AdminAddUserToGroup: 'create-user',
  AdminSetUserPassword: 'create-user',
  AdminDeleteUser: 'create-user',
} as const satisfies Record<string, PlayedFunction>

export type OperationName = keyof typeof operations

export const operationNames = Object.keys(operations) as readonly OperationName[]

/** These name one user and can change it: before each of them somebody might be able to sign in as an incomplete user. */
export function touchesUser(operation: string): boolean {
  return operation.startsWith('Admin')
}
