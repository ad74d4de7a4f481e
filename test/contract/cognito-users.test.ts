import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminRemoveUserFromGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { uniqueName, usePool } from './support/pool.ts'
import { refusal, refused, statement } from './support/statement.ts'
import { createConfirmedUser, createUser, getUser, groupsOf, whose } from './support/users.ts'

const pool = usePool()

function addToGroup(username: string, group: string): Promise<unknown> {
  return pool().cognito.send(new AdminAddUserToGroupCommand({ ...whose(pool(), username), GroupName: group }))
}

describe('AdminGetUser', () => {
  statement('AdminGetUser takes a sub wherever it takes a username', async () => {
    const { username, sub } = await createUser(pool())

    expect(await getUser(pool(), sub)).toMatchObject({ Username: username, Enabled: true })
  })

  statement('AdminGetUser finds a name in another case', async () => {
    const { username, sub } = await createUser(pool())

    const { UserAttributes: attributes } = await getUser(pool(), username.toUpperCase())

    expect(attributes).toContainEqual({ Name: 'sub', Value: sub })
  })

  statement('AdminGetUser says that a user is disabled', async () => {
    const { username } = await createUser(pool())
    await pool().cognito.send(new AdminDisableUserCommand(whose(pool(), username)))

    expect((await getUser(pool(), username)).Enabled).toBe(false)
  })

  refused('AdminGetUser of a name that nobody has is UserNotFoundException', () => getUser(pool(), uniqueName()))
})

describe('groups of a user', () => {
  statement('AdminAddUserToGroup adds to that group and no other', async () => {
    const { username } = await createUser(pool())

    await addToGroup(username, 'service-user')

    expect(await groupsOf(pool(), username)).toEqual(['service-user'])
  })

  statement('AdminAddUserToGroup takes a sub in place of the username', async () => {
    const { username, sub } = await createUser(pool())

    await addToGroup(sub, 'service-user')

    expect(await groupsOf(pool(), username)).toEqual(['service-user'])
  })

  statement('AdminAddUserToGroup twice is one membership', async () => {
    const { username } = await createUser(pool())
    await addToGroup(username, 'service-user')

    const name = await refusal(addToGroup(username, 'service-user'))

    expect(name).toBe('none')
    expect(await groupsOf(pool(), username)).toEqual(['service-user'])
  })

  refused('AdminAddUserToGroup of a group that does not exist is ResourceNotFoundException', async () => {
    const { username } = await createUser(pool())
    return addToGroup(username, 'no-such-group')
  })

  refused('AdminAddUserToGroup of a name that nobody has is UserNotFoundException', () =>
    addToGroup(uniqueName(), 'service-user'),
  )

  statement('AdminRemoveUserFromGroup ends the membership', async () => {
    const { username } = await createConfirmedUser(pool(), { groups: ['service-user'] })

    await pool().cognito.send(
      new AdminRemoveUserFromGroupCommand({ ...whose(pool(), username), GroupName: 'service-user' }),
    )

    expect(await groupsOf(pool(), username)).toEqual([])
  })
})

describe('AdminDeleteUser', () => {
  statement('AdminDeleteUser takes a sub and leaves nobody of that name', async () => {
    const { username, sub } = await createUser(pool())

    await pool().cognito.send(new AdminDeleteUserCommand(whose(pool(), sub)))

    expect(await refusal(getUser(pool(), username))).toBe('UserNotFoundException')
  })

  statement('AdminDeleteUser frees the name, and who takes it gets another sub', async () => {
    const first = await createUser(pool())
    await pool().cognito.send(new AdminDeleteUserCommand(whose(pool(), first.username)))

    const second = await createUser(pool(), first.username)

    expect(second.sub).not.toBe(first.sub)
    expect(await refusal(getUser(pool(), first.sub))).toBe('UserNotFoundException')
  })

  refused('AdminDeleteUser of a sub that nobody has is UserNotFoundException', () =>
    pool().cognito.send(new AdminDeleteUserCommand(whose(pool(), randomUUID()))),
  )
})
