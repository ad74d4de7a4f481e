import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  ListUsersCommand,
  type ListUsersCommandInput,
  type ListUsersCommandOutput,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { uniqueName, usePool } from './support/pool.ts'
import { refused, refusedEach, statement } from './support/statement.ts'
import { createConfirmedUser, createUser, whose } from './support/users.ts'

const pool = usePool()

function list(input: Partial<ListUsersCommandInput>): Promise<ListUsersCommandOutput> {
  return pool().cognito.send(new ListUsersCommand({ UserPoolId: pool().userPoolId, ...input }))
}

const startingWith = (prefix: string): string => `username ^= "${prefix}"`

/** Of every page until there is no token; a page may be short, or empty. */
async function listAll(input: Partial<ListUsersCommandInput>): Promise<UserType[]> {
  const users: UserType[] = []
  let token: string | undefined
  do {
    const page = await list({ ...input, PaginationToken: token })
    expect(page.Users?.length).toBeLessThanOrEqual(input.Limit ?? 60)
    users.push(...(page.Users ?? []))
    token = page.PaginationToken
  } while (token !== undefined)
  return users
}

async function namesOf(filter: string): Promise<(string | undefined)[]> {
  return (await listAll({ Filter: filter })).map(({ Username }) => Username)
}

/** Users whose names begin with a prefix that nobody else's name has. */
async function createSome(count: number): Promise<{ readonly prefix: string; readonly usernames: string[] }> {
  const prefix = uniqueName('some')
  const usernames = Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
  for (const username of usernames) await createUser(pool(), username)
  return { prefix, usernames }
}

// https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
describe('ListUsers', () => {
  statement('ListUsers finds the names that begin with what the filter says, and no other', async () => {
    const { prefix, usernames } = await createSome(2)
    await createUser(pool(), `x${prefix}`)

    expect((await namesOf(startingWith(prefix))).toSorted()).toEqual(usernames)
    expect(await namesOf(startingWith(usernames[1] ?? ''))).toEqual([usernames[1]])
    expect(await namesOf(startingWith(uniqueName()))).toEqual([])
  })

  statement('ListUsers finds the user of a name and the user of a sub', async () => {
    const { username, sub } = await createUser(pool())
    await createUser(pool(), `${username}-2`)

    expect(await namesOf(`username = "${username}"`)).toEqual([username])
    expect(await namesOf(`sub = "${sub}"`)).toEqual([username])
  })

  statement('ListUsers shows every user once, in pages', async () => {
    const { prefix, usernames } = await createSome(5)

    const users = await listAll({ Filter: startingWith(prefix), Limit: 2 })

    expect(users.map(({ Username }) => Username).toSorted()).toEqual(usernames)
  })

  statement('ListUsers without a filter shows every user once, in pages', async () => {
    const { usernames } = await createSome(3)

    const names = (await listAll({ Limit: 2 })).map(({ Username }) => Username ?? '')

    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(usernames))
  })

  statement('ListUsers shows status, dates and all attributes of a user, the custom ones too', async () => {
    const { username, sub } = await createConfirmedUser(pool())
    await pool().cognito.send(new AdminDisableUserCommand(whose(pool(), username)))

    const [user] = await listAll({ Filter: startingWith(username) })

    expect(user).toMatchObject({ Username: username, Enabled: false, UserStatus: 'CONFIRMED' })
    expect(user?.UserCreateDate).toBeInstanceOf(Date)
    expect(user?.UserLastModifiedDate).toBeInstanceOf(Date)
    expect(user?.Attributes).toEqual(
      expect.arrayContaining([
        { Name: 'sub', Value: sub },
        { Name: 'custom:human_user_id', Value: 'alice@example.com' },
        { Name: 'custom:provisioning_id', Value: `v1.${'A'.repeat(22)}.${'A'.repeat(22)}` },
      ]),
    )
  })

  statement('ListUsers does not show a deleted user', async () => {
    const { username } = await createUser(pool())
    await pool().cognito.send(new AdminDeleteUserCommand(whose(pool(), username)))

    expect(await namesOf(startingWith(username))).toEqual([])
  })

  refused('ListUsers with AttributesToGet that a user lacks is InvalidParameterException', async () => {
    const { username } = await createUser(pool())
    return list({ Filter: startingWith(username), AttributesToGet: ['sub', 'given_name'] })
  })

  refused('ListUsers with a filter of a custom attribute is InvalidParameterException', () =>
    list({ Filter: 'custom:human_user_id = "alice@example.com"' }),
  )

  refusedEach(
    'ListUsers with a filter of two conditions or without quotation marks is InvalidParameterException',
    ['username = "ada" and status = "Enabled"', 'username = ada'],
    (Filter) => list({ Filter }),
  )

  refused('ListUsers of more than 60 users a page is InvalidParameterException', () => list({ Limit: 61 }))

  refused('ListUsers with a token that it did not give out is InvalidParameterException', () =>
    list({ PaginationToken: 'token' }),
  )

  refused('ListUsers with the token of another filter is InvalidParameterException', async () => {
    const { prefix } = await createSome(2)
    const { PaginationToken } = await list({ Filter: startingWith(prefix), Limit: 1 })
    expect(PaginationToken).toBeDefined()
    return list({ Filter: startingWith(uniqueName()), Limit: 1, PaginationToken })
  })

  refused('ListUsers in a pool that does not exist is ResourceNotFoundException', () =>
    list({ UserPoolId: `${pool().region}_000000000` }),
  )
})
