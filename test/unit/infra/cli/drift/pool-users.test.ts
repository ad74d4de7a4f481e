import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
  UserNotFoundException,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { AwsCallError } from '#infra/cli/drift/aws-call.ts'
import { createPoolUsers } from '#infra/cli/drift/pool-users.ts'
import { manualClock } from '#test/support/clock.ts'
import { collect } from './drift-pool.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const clock = manualClock(0)

const poolOf = (): ReturnType<typeof createPoolUsers> =>
  createPoolUsers({
    cognito: new CognitoIdentityProviderClient({ region: 'eu-west-1' }),
    userPoolId: 'eu-west-1_abc',
    monotonicNow: clock.now,
    sleep: (ms) => {
      clock.advance(ms)
      return Promise.resolve()
    },
  })

const record = (sub: string, changes: Partial<UserType> = {}): UserType => ({
  Username: `user-${sub}`,
  Attributes: [
    { Name: 'sub', Value: sub },
    { Name: 'custom:provisioning_id', Value: 'v1' },
  ],
  Enabled: true,
  UserStatus: 'CONFIRMED',
  UserCreateDate: new Date(1_000),
  UserLastModifiedDate: new Date(2_000),
  ...changes,
})

const gone = new UserNotFoundException({ message: 'User does not exist.', $metadata: {} })
const denied = Object.assign(new Error('user-1 may not'), { name: 'AccessDeniedException' })

beforeEach(() => {
  cognito.reset()
})

describe('the users of a pool', () => {
  it('come from every page, an empty one in between included', async () => {
    cognito
      .on(ListUsersCommand)
      .resolvesOnce({ Users: [record('1')], PaginationToken: 'a' })
      .resolvesOnce({ Users: [], PaginationToken: 'b' })
      .resolvesOnce({ PaginationToken: 'c' })
      .resolvesOnce({ Users: [record('2')] })

    const users = await collect(poolOf().users())

    expect(users).toEqual([
      {
        username: 'user-1',
        sub: '1',
        status: 'CONFIRMED',
        enabled: true,
        createdAt: 1_000,
        modifiedAt: 2_000,
        provisioningId: 'v1',
      },
      expect.objectContaining({ sub: '2' }),
    ])
    // No AttributesToGet: Cognito fails on it as soon as one user lacks the attribute.
    expect(cognito).toHaveReceivedNthCommandWith(ListUsersCommand, 1, { UserPoolId: 'eu-west-1_abc', Limit: 60 })
    expect(cognito.commandCalls(ListUsersCommand).map(({ args }) => args[0].input)).toEqual(
      [undefined, 'a', 'b', 'c'].map((PaginationToken) => ({
        UserPoolId: 'eu-west-1_abc',
        Limit: 60,
        PaginationToken,
      })),
    )
  })

  it('are listed at 20 pages a second at most, both lists together', async () => {
    cognito.on(ListUsersCommand).callsFake(({ PaginationToken: token = '0' }: { PaginationToken?: string }) =>
      Promise.resolve({
        Users: [],
        ...(Number(token) < 20 && { PaginationToken: String(Number(token) + 1) }),
      }),
    )
    cognito.on(ListUsersInGroupCommand).resolves({ Users: [] })
    const pool = poolOf()
    const before = clock.now()

    await collect(pool.memberPages('service-user'))
    await collect(pool.users())

    expect(clock.now() - before).toBeCloseTo(21 * 50)
  })

  it.each([
    { Username: undefined },
    { UserStatus: undefined },
    { Enabled: undefined },
    { UserCreateDate: undefined },
    { UserLastModifiedDate: undefined },
    { Attributes: undefined },
    { Attributes: [{ Name: 'custom:provisioning_id', Value: 'v1' }] },
  ])('are never judged by half a record: %j', async (missing) => {
    cognito.on(ListUsersCommand).resolves({ Users: [{ ...record('1'), ...missing }] })

    await expect(collect(poolOf().users())).rejects.toThrow(new AwsCallError('ListUsers', 'IncompleteUser'))
  })
})

it('the members of a group come as subs, page by page', async () => {
  cognito
    .on(ListUsersInGroupCommand, { GroupName: 'service-user', Limit: 60 })
    .resolvesOnce({ Users: [record('1'), record('2')], NextToken: 'a' })
    .resolvesOnce({})

  expect(await collect(poolOf().memberPages('service-user'))).toEqual([['1', '2'], []])
  expect(cognito).toHaveReceivedNthCommandWith(ListUsersInGroupCommand, 2, { NextToken: 'a' })
})

describe('a call that fails', () => {
  const user = { sub: '1', username: 'user-1' }

  it.each<[string, (pool: ReturnType<typeof createPoolUsers>) => Promise<unknown>]>([
    ['ListUsers', (pool) => collect(pool.users())],
    ['ListUsersInGroup', (pool) => collect(pool.memberPages('service-user'))],
    ['AdminListGroupsForUser', (pool) => pool.isInGroup(user, 'service-user')],
    ['AdminGetUser', (pool) => pool.read(user)],
    ['AdminDeleteUser', (pool) => pool.remove(user)],
  ])('%s is named with the exception, and AWS’s words beside them', async (operation, call) => {
    cognito.onAnyCommand().rejects(denied)

    await expect(call(poolOf())).rejects.toThrow(new AwsCallError(operation, 'AccessDeniedException', 'user-1 may not'))
  })

  it('because the user is gone already is an answer: no member, or a removal that succeeded', async () => {
    cognito.onAnyCommand().rejects(gone)

    expect(await poolOf().isInGroup(user, 'service-user')).toBeUndefined()
    await expect(poolOf().remove(user)).resolves.toBeUndefined()
  })
})

describe('whether a user is in a group', () => {
  const user = { username: 'user-1' }

  it('is looked for on every page of its groups', async () => {
    cognito
      .on(AdminListGroupsForUserCommand)
      .resolvesOnce({ Groups: [{ GroupName: 'service-user-2' }], NextToken: 'a' })
      .resolvesOnce({ Groups: [{ GroupName: 'service-user' }], NextToken: 'b' })

    expect(await poolOf().isInGroup(user, 'service-user')).toBe(true)
    expect(cognito).toHaveReceivedNthCommandWith(AdminListGroupsForUserCommand, 2, { NextToken: 'a' })
    expect(cognito).toHaveReceivedCommandTimes(AdminListGroupsForUserCommand, 2)
  })

  it('is no when no page has it', async () => {
    cognito.on(AdminListGroupsForUserCommand).resolvesOnce({ Groups: [], NextToken: 'a' }).resolvesOnce({})

    expect(await poolOf().isInGroup(user, 'service-user')).toBe(false)
  })
})

describe('one user, read again', () => {
  const listed = { sub: '1', username: 'user-1' }
  const answerFor = (sub: string) => {
    const { Attributes: UserAttributes, ...rest } = record(sub)
    return { ...rest, Username: `user-${sub}`, UserAttributes }
  }

  it('is addressed by its sub', async () => {
    cognito.on(AdminGetUserCommand, { Username: '1' }).resolves(answerFor('1'))

    expect(await poolOf().read(listed)).toMatchObject({ sub: '1', username: 'user-1' })
    expect(cognito).toHaveReceivedCommandTimes(AdminGetUserCommand, 1)
  })

  it('is undefined when neither its sub nor its name leads to it', async () => {
    cognito.on(AdminGetUserCommand).rejects(gone)

    expect(await poolOf().read(listed)).toBeUndefined()
  })

  it('is undefined when its name belongs to somebody else by now', async () => {
    cognito.on(AdminGetUserCommand, { Username: '1' }).rejects(gone)
    cognito.on(AdminGetUserCommand, { Username: 'user-1' }).resolves(answerFor('2'))

    expect(await poolOf().read(listed)).toBeUndefined()
  })

  it('is not called gone where the endpoint cannot find users by sub', async () => {
    cognito.on(AdminGetUserCommand, { Username: '1' }).rejects(gone)
    cognito.on(AdminGetUserCommand, { Username: 'user-1' }).resolves(answerFor('1'))

    await expect(poolOf().read(listed)).rejects.toThrow(new AwsCallError('AdminGetUser', 'NotFoundBySub'))
  })

  it('is never taken for a user whose name is its sub', async () => {
    cognito.on(AdminGetUserCommand, { Username: '1' }).resolves(answerFor('2'))

    await expect(poolOf().read(listed)).rejects.toThrow(new AwsCallError('AdminGetUser', 'AnotherUserHasThisName'))
  })

  it('without attributes is no user', async () => {
    cognito.on(AdminGetUserCommand).resolves({ ...answerFor('1'), UserAttributes: undefined })

    await expect(poolOf().read(listed)).rejects.toThrow(new AwsCallError('AdminGetUser', 'IncompleteUser'))
  })
})

it('a removal is by sub, and three a second at most', async () => {
  cognito.on(AdminDeleteUserCommand).resolves({})
  const pool = poolOf()
  const before = clock.now()

  for (const sub of ['1', '2', '3', '4']) await pool.remove({ sub })

  expect(cognito).toHaveReceivedNthCommandWith(AdminDeleteUserCommand, 4, {
    UserPoolId: 'eu-west-1_abc',
    Username: '4',
  })
  expect(clock.now() - before).toBeCloseTo(1_000)
})

it('the estimate is unknown where it may not be read', async () => {
  cognito.on(DescribeUserPoolCommand).rejects(denied)

  expect(await poolOf().estimate()).toBeUndefined()
})
