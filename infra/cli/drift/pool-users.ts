// The user pool through Cognito's API, page by page and within its quotas; it holds one page at a time.
import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  DescribeUserPoolCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import type { Group } from '#shared/access-rules.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { AwsCallError, createPacer, rethrowFrom, type PacerDeps } from './aws-call.ts'
import type { PoolUser } from './drift.ts'

export type PoolUsers = {
  /** About how many users there are; undefined when that cannot be known. For a progress bar, and nothing else. */
  estimate(): Promise<number | undefined>
  /** The subs of a group's members, a page at a time. */
  memberPages(group: Group): AsyncGenerator<readonly string[], void, undefined>
  /** Every user of the pool. Eventually consistent: it may show who is gone, and what is no longer so. */
  users(): AsyncGenerator<PoolUser, void, undefined>
  /** Undefined when the user is gone. */
  isInGroup(user: Pick<PoolUser, 'username'>, group: Group): Promise<boolean | undefined>
  /** As it is now. Undefined when it is gone. */
  read(user: Pick<PoolUser, 'sub'> & Partial<Pick<PoolUser, 'username'>>): Promise<PoolUser | undefined>
  /** By `sub`, which no namesake ever has. The user is gone on return, also when it was gone before. */
  remove(user: Pick<PoolUser, 'sub'>): Promise<void>
}

export type PoolUsersDeps = PacerDeps & {
  readonly cognito: CognitoIdentityProviderClient
  readonly userPoolId: string
}

/** Every method throws AwsCallError. */
export function createPoolUsers({ cognito, userPoolId: UserPoolId, ...pacing }: PoolUsersDeps): PoolUsers {
  // Requests per second, of Cognito's 30 for both lists, 50 and 120 for the reads, and 25 for removals. The last are
  // shared with the creations that go on meanwhile, which may begin 20 a second.
  const beforeList = createPacer({ perSecond: 20 }, pacing)
  const beforeRead = createPacer({ perSecond: 20 }, pacing)
  const beforeRemoval = createPacer({ perSecond: 3 }, pacing)

  const getUser = async (nameOrSub: string): Promise<PoolUser | undefined> => {
    await beforeRead()
    const command = new AdminGetUserCommand({ UserPoolId, Username: nameOrSub })
    const answer = await unlessMissing('AdminGetUser', cognito.send(command))
    return answer && readUser('AdminGetUser', { ...answer, Attributes: answer.UserAttributes })
  }

  return {
    async estimate() {
      // Not worth a failure: an operator may lack this one permission.
      const answer = await cognito.send(new DescribeUserPoolCommand({ UserPoolId })).catch(() => undefined)
      return answer?.UserPool?.EstimatedNumberOfUsers
    },

    async *memberPages(group) {
      const operation = 'ListUsersInGroup'
      let token: string | undefined
      do {
        await beforeList()
        const command = new ListUsersInGroupCommand({ UserPoolId, GroupName: group, Limit: 60, NextToken: token })
        const answer = await cognito.send(command).catch(rethrowFrom(operation))
        yield (answer.Users ?? []).map((user) => readUser(operation, user).sub)
        token = answer.NextToken
      } while (token !== undefined)
    },

    async *users() {
      let token: string | undefined
      do {
        await beforeList()
        // Without AttributesToGet: Cognito answers with an error when one user lacks a custom attribute named there.
        const command = new ListUsersCommand({ UserPoolId, Limit: 60, PaginationToken: token })
        const answer = await cognito.send(command).catch(rethrowFrom('ListUsers'))
        for (const user of answer.Users ?? []) yield readUser('ListUsers', user)
        token = answer.PaginationToken
      } while (token !== undefined)
    },

    // By name: reading a namesake does no harm, and some emulators of Cognito find no user by its sub.
    async isInGroup({ username }, group) {
      let token: string | undefined
      do {
        await beforeRead()
        const command = new AdminListGroupsForUserCommand({ UserPoolId, Username: username, NextToken: token })
        const answer = await unlessMissing('AdminListGroupsForUser', cognito.send(command))
        if (answer === undefined) return undefined
        if (answer.Groups?.some(({ GroupName }) => GroupName === group)) return true
        token = answer.NextToken
      } while (token !== undefined)
      return false
    },

    async read({ sub, username }) {
      const user = await getUser(sub)
      // Cognito takes a sub wherever it takes a name, so a user can be named like another one's sub.
      if (user !== undefined && user.sub !== sub) throw new AwsCallError('AdminGetUser', 'AnotherUserHasThisName')
      // Gone, unless the endpoint cannot find users by sub (moto, for one): then the name still leads to it.
      if (user === undefined && username !== undefined && (await getUser(username))?.sub === sub) {
        throw new AwsCallError('AdminGetUser', 'NotFoundBySub')
      }
      return user
    },

    async remove({ sub }) {
      await beforeRemoval()
      await unlessMissing('AdminDeleteUser', cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: sub })))
    },
  }
}

function readUser(operation: string, user: UserType): PoolUser {
  const { Username, UserStatus, Enabled, UserCreateDate, UserLastModifiedDate } = user
  const sub = attribute(user.Attributes, 'sub')
  if (
    sub === undefined ||
    Username === undefined ||
    UserStatus === undefined ||
    Enabled === undefined ||
    UserCreateDate === undefined ||
    UserLastModifiedDate === undefined
  ) {
    // Judged by half a record, a user could be taken for one that may be removed.
    throw new AwsCallError(operation, 'IncompleteUser')
  }
  return {
    username: Username,
    sub,
    status: UserStatus,
    enabled: Enabled,
    createdAt: UserCreateDate.getTime(),
    modifiedAt: UserLastModifiedDate.getTime(),
    provisioningId: attribute(user.Attributes, 'custom:provisioning_id'),
  }
}

function attribute(attributes: readonly AttributeType[] | undefined, name: string): string | undefined {
  return attributes?.find((candidate) => candidate.Name === name)?.Value
}

function unlessMissing<Answer>(operation: string, call: Promise<Answer>): Promise<Answer | undefined> {
  return call.catch((error: unknown) => {
    return errorName(error) === 'UserNotFoundException' ? undefined : rethrowFrom(operation)(error)
  })
}
