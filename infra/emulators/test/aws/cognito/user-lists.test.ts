import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  CreateGroupCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
  type ListUsersCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, startTestPool, type TestPool } from '../test-aws.ts'

async function list({ cognito, poolId }: TestPool, input: Partial<ListUsersCommandInput> = {}): Promise<unknown> {
  const { Users } = await cognito.send(new ListUsersCommand({ UserPoolId: poolId, ...input }))
  return Users?.map(({ Username }) => Username)
}

/** `ada` is confirmed, `adam` has a name and e-mail address, `bob` is disabled. */
async function startWithUsers(): Promise<TestPool & { subOfAda: string }> {
  const pool = await startTestPool()
  const subOfAda = await addUser(pool, 'ada')
  const create = (Username: string, attributes: Record<string, string>): Promise<unknown> =>
    pool.cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: pool.poolId,
        Username,
        UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      }),
    )
  await create('adam', { name: 'Adam "the" \\ first', email: 'Adam@example.com' })
  await create('bob', { name: 'Bob' })
  await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.poolId, Username: 'bob' }))
  return { ...pool, subOfAda }
}

describe('ListUsers', () => {
  it.each<[string | undefined, string[]]>([
    [undefined, ['ada', 'adam', 'bob']],
    ['', ['ada', 'adam', 'bob']],
    ['username = "ada"', ['ada']],
    ['username ^= "ada"', ['ada', 'adam']],
    ['username = "ADA"', []],
    [' username="ada" ', ['ada']],
    ['cognito:user_status = "CONFIRMED"', ['ada']],
    ['cognito:user_status = "force_change_password"', ['adam', 'bob']],
    ['status = "Enabled"', ['ada', 'adam']],
    ['status = "Disabled"', ['bob']],
    ['status = "disabled"', []],
    ['email = "adam@example.com"', ['adam']],
    ['name = "adam \\"the\\" \\\\ first"', ['adam']],
    ['name ^= ""', ['adam', 'bob']],
    ['username = "a\\"b"', []],
  ])('with filter %s finds %j', async (Filter, expected) => {
    const pool = await startWithUsers()

    expect(await list(pool, { Filter })).toEqual(expected)
  })

  it('finds by sub', async () => {
    const pool = await startWithUsers()

    expect(await list(pool, { Filter: `sub = "${pool.subOfAda}"` })).toEqual(['ada'])
  })

  it.each([
    'username',
    'username = ada',
    'username = "ada',
    'username ~ "ada"',
    'custom:badge = "b-7"',
    'constructor = "x"',
    'username = "ada" and status = "Enabled"',
  ])('refuses filter %s', async (Filter) => {
    const pool = await startTestPool()

    await expect(list(pool, { Filter })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Error while parsing filter.',
    })
  })

  it('gives pages of what the filter finds', async () => {
    const pool = await startWithUsers()
    const input = { UserPoolId: pool.poolId, Filter: 'username ^= "ada"', Limit: 1 }

    const first = await pool.cognito.send(new ListUsersCommand(input))
    const second = await pool.cognito.send(new ListUsersCommand({ ...input, PaginationToken: first.PaginationToken }))

    expect([first, second].map(({ Users }) => Users?.map(({ Username }) => Username))).toEqual([['ada'], ['adam']])
    expect(second.PaginationToken).toBeUndefined()
  })

  it('shows the attributes that are asked for', async () => {
    const pool = await startWithUsers()

    const { Users } = await pool.cognito.send(
      new ListUsersCommand({ UserPoolId: pool.poolId, AttributesToGet: ['name'], Filter: 'username = "bob"' }),
    )

    expect(Users).toMatchObject([{ Username: 'bob', Enabled: false, Attributes: [{ Name: 'name', Value: 'Bob' }] }])
    expect(Users?.[0]?.Attributes).toHaveLength(1)
  })

  it.each([
    [-1, 'greater than or equal to 0'],
    [61, 'less than or equal to 60'],
  ])('refuses Limit %i', async (Limit, constraint) => {
    const pool = await startTestPool()

    await expect(list(pool, { Limit })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value ${constraint}`,
    })
  })
})

describe('ListUsersInGroup', () => {
  it('gives the members in pages', async () => {
    const { cognito, poolId } = await startWithUsers()
    const group = { UserPoolId: poolId, GroupName: 'readers' }
    await cognito.send(new CreateGroupCommand(group))
    for (const Username of ['bob', 'ada']) await cognito.send(new AdminAddUserToGroupCommand({ ...group, Username }))

    const first = await cognito.send(new ListUsersInGroupCommand({ ...group, Limit: 1 }))
    const second = await cognito.send(new ListUsersInGroupCommand({ ...group, NextToken: first.NextToken }))

    expect([first, second].map(({ Users }) => Users?.map(({ Username }) => Username))).toEqual([['ada'], ['bob']])
    expect(second.NextToken).toBeUndefined()
  })

  it('is refused for a group that does not exist', async () => {
    const { cognito, poolId } = await startTestPool()

    const call = cognito.send(new ListUsersInGroupCommand({ UserPoolId: poolId, GroupName: 'absent' }))

    await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'Group not found.' })
  })
})
