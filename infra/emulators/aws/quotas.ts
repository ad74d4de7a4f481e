// Request quotas of Cognito, Secrets Manager and STS as token buckets; who calls does not count: AWS counts per account and Region.
//
// Not modelled: the limits per user (10 reads and 10 writes a second) and per pool and operation (5 a second).
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'
import { tokenEndpointOperation } from './token-endpoint-handler.ts'

/** Requests per second. https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html#category_operations */
const cognitoQuotas = {
  UserAuthentication: 120,
  UserCreation: 50,
  UserAccountRecovery: 30,
  UserUpdate: 25,
  UserRead: 120,
  UserResourceRead: 50,
  UserList: 30,
  UserToken: 120,
  // The token endpoint with client_credentials, and GetClientToken.
  ClientAuthentication: 150,
  UserPoolRead: 15,
  UserPoolUpdate: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserPoolClientRead: 15,
  UserPoolClientUpdate: 15,
} as const

/** Requests per second. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html#quotas */
const secretsManagerQuotas = {
  SecretCreation: 50,
  SecretDeletion: 50,
  SecretRestoration: 50,
  SecretRead: 10_000,
  SecretUpdate: 50,
  SecretRotation: 50,
  SecretPolicy: 50,
  SecretList: 100,
  SecretVersionList: 50,
} as const

/**
 * Requests per second. The page does not name GetWebIdentityToken, which is taken to share in what it says of the others.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const stsQuotas = { SecurityToken: 600 } as const

export const requestQuotas = { ...cognitoQuotas, ...secretsManagerQuotas, ...stsQuotas }

export type QuotaCategory = keyof typeof requestQuotas

export const quotaCategories: Readonly<Record<string, QuotaCategory>> = {
  InitiateAuth: 'UserAuthentication',
  GetTokensFromRefreshToken: 'UserAuthentication',
  AdminCreateUser: 'UserCreation',
  AdminSetUserPassword: 'UserAccountRecovery',
  AdminAddUserToGroup: 'UserUpdate',
  AdminRemoveUserFromGroup: 'UserUpdate',
  AdminDeleteUser: 'UserUpdate',
  AdminDisableUser: 'UserUpdate',
  AdminEnableUser: 'UserUpdate',
  AdminUserGlobalSignOut: 'UserUpdate',
  AdminGetUser: 'UserRead',
  GetUser: 'UserRead',
  AdminListGroupsForUser: 'UserResourceRead',
  ListUsers: 'UserList',
  ListUsersInGroup: 'UserList',
  RevokeToken: 'UserToken',
  GetClientToken: 'ClientAuthentication',
  [tokenEndpointOperation]: 'ClientAuthentication',
  DescribeUserPool: 'UserPoolRead',
  ListUserPools: 'UserPoolRead',
  CreateUserPool: 'UserPoolUpdate',
  DeleteUserPool: 'UserPoolUpdate',
  GetGroup: 'UserPoolResourceRead',
  CreateGroup: 'UserPoolResourceUpdate',
  CreateResourceServer: 'UserPoolResourceUpdate',
  CreateUserPoolDomain: 'UserPoolResourceUpdate',
  DescribeUserPoolClient: 'UserPoolClientRead',
  ListUserPoolClients: 'UserPoolClientRead',
  ListUserPoolClientSecrets: 'UserPoolClientRead',
  CreateUserPoolClient: 'UserPoolClientUpdate',
  AddUserPoolClientSecret: 'UserPoolClientUpdate',
  DeleteUserPoolClientSecret: 'UserPoolClientUpdate',
  CreateSecret: 'SecretCreation',
  DeleteSecret: 'SecretDeletion',
  RestoreSecret: 'SecretRestoration',
  DescribeSecret: 'SecretRead',
  GetSecretValue: 'SecretRead',
  PutSecretValue: 'SecretUpdate',
  UpdateSecretVersionStage: 'SecretUpdate',
  RotateSecret: 'SecretRotation',
  CancelRotateSecret: 'SecretRotation',
  PutResourcePolicy: 'SecretPolicy',
  GetResourcePolicy: 'SecretPolicy',
  DeleteResourcePolicy: 'SecretPolicy',
  ListSecrets: 'SecretList',
  ListSecretVersionIds: 'SecretVersionList',
  GetCallerIdentity: 'SecurityToken',
  GetWebIdentityToken: 'SecurityToken',
}

/** The default quota of a category of Cognito; undefined for a category of another name. */
export function cognitoQuota(category: string): number | undefined {
  return Object.entries(cognitoQuotas).find(([name]) => name === category)?.[1]
}

/**
 * A function that takes one request from its category's bucket, or says false when the bucket is empty. Operations
 * without a category pass.
 */
export function enforceQuotas(options: {
  readonly scale: number
  readonly now: () => number
}): (name: string) => boolean {
  const buckets = new Map<QuotaCategory, TokenBucket>()
  return (name) => {
    const category = quotaCategories[name]
    if (category === undefined) return true
    const perSecond = requestQuotas[category] * options.scale
    const bucket = buckets.get(category) ?? createTokenBucket({ perSecond, now: options.now })
    buckets.set(category, bucket)
    return bucket.take().taken
  }
}
