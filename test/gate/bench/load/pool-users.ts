// Reads the users of a pool as an operator sees them, page by page; it skips machine users, which no creation makes.
import {
  paginateListUsers,
  paginateListUsersInGroup,
  type CognitoIdentityProviderClient,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import type { Group } from '../../../../shared/access-rules.ts'
import { machineUserPrefix } from '../../../../shared/contract.ts'

export type PoolUser = {
  readonly username: string
  readonly sub: string
  readonly createdAt: number
  readonly enabled: boolean
  readonly confirmed: boolean
  readonly inGroup: boolean
  readonly humanUserId: string | undefined
  readonly provisioningId: string | undefined
}

const group: Group = 'service-user'
const usersPerPage = 60

export async function readPoolUsers(
  cognito: CognitoIdentityProviderClient,
  userPoolId: string,
): Promise<readonly PoolUser[]> {
  const pages = { client: cognito, pageSize: usersPerPage }
  const members = new Set<string>()
  for await (const { Users = [] } of paginateListUsersInGroup(pages, { UserPoolId: userPoolId, GroupName: group })) {
    for (const user of Users) members.add(subOf(user))
  }
  const users: PoolUser[] = []
  for await (const { Users = [] } of paginateListUsers(pages, { UserPoolId: userPoolId })) {
    users.push(...Users.map((user) => toPoolUser(user, members)))
  }
  return users.filter(({ username }) => !username.startsWith(machineUserPrefix))
}

function toPoolUser(user: UserType, members: ReadonlySet<string>): PoolUser {
  const sub = subOf(user)
  return {
    username: user.Username ?? '',
    sub,
    createdAt: user.UserCreateDate?.getTime() ?? NaN,
    enabled: user.Enabled === true,
    confirmed: user.UserStatus === 'CONFIRMED',
    inGroup: sub !== '' && members.has(sub),
    humanUserId: attribute(user, 'custom:human_user_id'),
    provisioningId: attribute(user, 'custom:provisioning_id'),
  }
}

function subOf(user: UserType): string {
  return attribute(user, 'sub') ?? ''
}

function attribute(user: UserType, name: string): string | undefined {
  return user.Attributes?.find((candidate) => candidate.Name === name)?.Value
}
