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
import { addUser, refusal, startTestPool, type TestPool } from '../test-aws.ts'

const namesOf = (users: readonly { Username?: string | undefined }[] = []) => users.map(({ Username }) => Username)

function list({ cognito, poolId }: TestPool, input: Partial<ListUsersCommandInput> = {}) {
  return cognito.send(new ListUsersCommand({ UserPoolId: poolId, ...input }))
}

/** `ada` is confirmed, `adam` is not, and `bob` is disabled. */
async function startWithUsers(
  options: Parameters<typeof startTestPool>[0] = {},
): Promise<TestPool & { subOfAda: string }> {
  const pool = await startTestPool(options)
  const subOfAda = await addUser(pool, 'ada')
  for (const Username of ['adam', 'bob']) {
    const UserAttributes = [{ Name: 'custom:badge', Value: 'b-7' }]
    await pool.cognito.send(new AdminCreateUserCommand({ UserPoolId: pool.poolId, Username, UserAttributes }))
  }
  await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.poolId, Username: 'bob' }))
  return { ...pool, subOfAda }
}

describe('ListUsers', () => {
  it('finds what its filter says', async () => {
    const pool = await startWithUsers()
    const found = async (Filter?: string) => namesOf((await list(pool, { Filter })).Users)

    for (const [filter, names] of [
      [undefined, ['ada', 'adam', 'bob']],
      ['', ['ada', 'adam', 'bob']],
      ['username = "ada"', ['ada']],
      ['username ^= "ada"', ['ada', 'adam']],
      ['username = "ADA"', []],
      [' username="ada" ', ['ada']],
      ['username = "a\\"b"', []],
      ['cognito:user_status = "CONFIRMED"', ['ada']],
      ['cognito:user_status = "force_change_password"', ['adam', 'bob']],
      ['status = "Enabled"', ['ada', 'adam']],
      ['status = "Disabled"', ['bob']],
      ['status = "disabled"', []],
      [`sub = "${pool.subOfAda}"`, ['ada']],
    ] as const) {
      expect(await found(filter), filter).toEqual(names)
    }
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
    const parsing = 'InvalidParameterException: Error while parsing filter.'

    expect(await refusal(list(await startTestPool(), { Filter }))).toBe(parsing)
  })

  it('gives pages of what the filter finds', async () => {
    const pool = await startWithUsers()
    const input = { Filter: 'username ^= "ada"', Limit: 1 }

    const first = await list(pool, input)
    const second = await list(pool, { ...input, PaginationToken: first.PaginationToken })

    expect([first, second].map(({ Users }) => namesOf(Users))).toEqual([['ada'], ['adam']])
    expect(second.PaginationToken).toBeUndefined()
  })

  it('goes on with the filter and in the list that gave out the token, and with no other', async () => {
    const pool = await startWithUsers()
    const filter = { Filter: 'username ^= "ada"', Limit: 1 }
    const { PaginationToken } = await list(pool, filter)
    const { PaginationToken: unfiltered } = await list(pool, { Limit: 1 })
    const invalid = 'InvalidParameterException: Invalid pagination token.'

    for (const [input, answer] of [
      [{ ...filter, Limit: 60, PaginationToken }, 'none'],
      [{ Filter: '', PaginationToken: unfiltered }, 'none'],
      [{ PaginationToken }, invalid],
      [{ Filter: 'username ^= "a"', PaginationToken }, invalid],
      [{ ...filter, PaginationToken: unfiltered }, invalid],
    ] as const) {
      expect(await refusal(list(pool, input)), JSON.stringify(input)).toBe(answer)
    }
  })

  it('gives at most 60 a page', async () => {
    const pool = await startTestPool()

    expect(await refusal(list(pool, { Limit: 60 }))).toBe('none')
    expect(await refusal(list(pool, { Limit: 61 }))).toMatch(/^InvalidParameterException/)
  })

  it('with short pages cuts before it filters: an empty page has a token, and the last one none', async () => {
    const pool = await startWithUsers({ aws: { shortPages: true } })
    const input = { Filter: 'username ^= "b"', Limit: 2 }

    const first = await list(pool, input)
    const second = await list(pool, { ...input, PaginationToken: first.PaginationToken })

    expect([first, second].map(({ Users }) => namesOf(Users))).toEqual([[], ['bob']])
    expect(second.PaginationToken).toBeUndefined()
  })

  it('is refused with AttributesToGet where a user on the page lacks one', async () => {
    const pool = await startWithUsers()
    const show = (AttributesToGet: string[], Filter: string) => refusal(list(pool, { AttributesToGet, Filter }))
    const lacking = 'InvalidParameterException: One or more requested attributes do not exist.'

    expect(await show(['custom:badge', 'sub'], 'username = "adam"')).toBe('none')
    expect(await show(['custom:badge'], 'username ^= "ada"')).toBe(lacking)
    expect(await show([], 'username ^= "ada"')).toBe('none')
  })

  it('shows the attributes that are asked for', async () => {
    const { Users } = await list(await startWithUsers(), {
      AttributesToGet: ['custom:badge'],
      Filter: 'status = "Disabled"',
    })

    expect(Users).toMatchObject([{ Username: 'bob', Enabled: false }])
    expect(Users?.[0]?.Attributes).toEqual([{ Name: 'custom:badge', Value: 'b-7' }])
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

    expect([first, second].map(({ Users }) => namesOf(Users))).toEqual([['ada'], ['bob']])
    expect(second.NextToken).toBeUndefined()
  })
})
