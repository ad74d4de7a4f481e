import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { randomPassword } from '#shared/text/random-text.ts'
import { implementation } from './support/environment.ts'
import { uniqueName, usePool } from './support/pool.ts'
import { accepted, refusal, refused, refusedEach, statement } from './support/statement.ts'
import {
  createConfirmedUser,
  createUser,
  getUser,
  groupsOf,
  initiateAuth,
  refresh,
  signIn,
  whose,
  type User,
} from './support/users.ts'

const pool = usePool()

type Change = (username: string) => Promise<unknown>

const disable: Change = (username) => pool().cognito.send(new AdminDisableUserCommand(whose(pool(), username)))
const enable: Change = (username) => pool().cognito.send(new AdminEnableUserCommand(whose(pool(), username)))
const signOut: Change = (username) => pool().cognito.send(new AdminUserGlobalSignOutCommand(whose(pool(), username)))
const remove: Change = (username) => pool().cognito.send(new AdminDeleteUserCommand(whose(pool(), username)))
const addToGroup: Change = (username) =>
  pool().cognito.send(new AdminAddUserToGroupCommand({ ...whose(pool(), username), GroupName: 'service-user' }))
const removeFromGroup = (username: string, GroupName = 'service-user'): Promise<unknown> =>
  pool().cognito.send(new AdminRemoveUserFromGroupCommand({ ...whose(pool(), username), GroupName }))
const setPassword = (username: string, Password: string): Promise<unknown> =>
  pool().cognito.send(new AdminSetUserPasswordCommand({ ...whose(pool(), username), Password, Permanent: true }))

function signInWith(username: string, password: string): Promise<unknown> {
  return initiateAuth(pool(), { client: pool().clients.service, username, password })
}

/** Time enough for the clock of dates and sign-outs to go on; the other implementations count in seconds. */
const nextTick = (): Promise<void> => delay(implementation === undefined ? 2 : 1_100)

async function signInBefore(user: User): Promise<string> {
  const { refreshToken } = await signIn(pool(), user)
  await nextTick()
  return refreshToken
}

describe('disabling and enabling', () => {
  statement('AdminDisableUser twice leaves the user disabled', async () => {
    const { username } = await createConfirmedUser(pool())
    await disable(username)

    expect(await refusal(disable(username))).toBe('none')
    expect(await getUser(pool(), username)).toMatchObject({ Enabled: false, UserStatus: 'CONFIRMED' })
  })

  statement('AdminEnableUser twice leaves the user enabled', async () => {
    const { username } = await createConfirmedUser(pool())
    await disable(username)
    await enable(username)

    expect(await refusal(enable(username))).toBe('none')
    expect(await getUser(pool(), username)).toMatchObject({ Enabled: true, UserStatus: 'CONFIRMED' })
  })

  refused('AdminDisableUser makes a refresh NotAuthorizedException', async () => {
    const user = await createConfirmedUser(pool())
    const { refreshToken } = await signIn(pool(), user)
    await disable(user.username)
    return refresh(pool(), user, refreshToken)
  })

  statement('AdminDisableUser keeps the groups and the attributes', async () => {
    const { username } = await createConfirmedUser(pool(), { groups: ['service-user'] })
    const { UserAttributes: attributes } = await getUser(pool(), username)

    await disable(username)

    expect(await groupsOf(pool(), username)).toEqual(['service-user'])
    expect((await getUser(pool(), username)).UserAttributes).toEqual(attributes)
  })

  statement('AdminDisableUser moves UserLastModifiedDate and not UserCreateDate', async () => {
    const { username } = await createConfirmedUser(pool())
    const before = await getUser(pool(), username)
    await nextTick()

    await disable(username)

    const after = await getUser(pool(), username)
    expect(after.UserLastModifiedDate?.getTime()).toBeGreaterThan(before.UserLastModifiedDate?.getTime() ?? Infinity)
    expect(after.UserCreateDate).toEqual(before.UserCreateDate)
  })
})

describe('signing out', () => {
  refused('AdminUserGlobalSignOut makes a refresh NotAuthorizedException', async () => {
    const user = await createConfirmedUser(pool())
    const refreshToken = await signInBefore(user)
    await signOut(user.username)
    return refresh(pool(), user, refreshToken)
  })

  refused('AdminEnableUser leaves a refresh token of before the sign-out NotAuthorizedException', async () => {
    const user = await createConfirmedUser(pool())
    const refreshToken = await signInBefore(user)
    await disable(user.username)
    await signOut(user.username)
    await enable(user.username)
    return refresh(pool(), user, refreshToken)
  })

  accepted('AdminUserGlobalSignOut leaves a sign-in of afterwards alone', async () => {
    const user = await createConfirmedUser(pool())
    await signIn(pool(), user)
    await signOut(user.username)
    const { refreshToken } = await signIn(pool(), user)
    return refresh(pool(), user, refreshToken)
  })

  accepted('AdminUserGlobalSignOut leaves the sign-ins of other users alone', async () => {
    const user = await createConfirmedUser(pool())
    const { username } = await createConfirmedUser(pool())
    const { refreshToken } = await signIn(pool(), user)
    await signOut(username)
    return refresh(pool(), user, refreshToken)
  })

  accepted('AdminUserGlobalSignOut twice succeeds, also of a user who never signed in', async () => {
    const { username } = await createConfirmedUser(pool())
    await signOut(username)
    return signOut(username)
  })

  accepted('AdminUserGlobalSignOut of a disabled user succeeds', async () => {
    const { username } = await createConfirmedUser(pool())
    await disable(username)
    return signOut(username)
  })
})

describe('another password', () => {
  statement('AdminSetUserPassword of a CONFIRMED user replaces the password and keeps the groups', async () => {
    const { username, password: old } = await createConfirmedUser(pool(), { groups: ['service-user'] })
    const password = randomPassword().expose()

    await setPassword(username, password)

    expect(await refusal(signInWith(username, old))).toBe('NotAuthorizedException')
    expect(await refusal(signInWith(username, password))).toBe('none')
    expect(await groupsOf(pool(), username)).toEqual(['service-user'])
    expect((await getUser(pool(), username)).UserStatus).toBe('CONFIRMED')
  })

  statement('AdminSetUserPassword of a disabled user leaves the user disabled, and counts after enabling', async () => {
    const { username, password: old } = await createConfirmedUser(pool())
    const password = randomPassword().expose()
    await disable(username)

    await setPassword(username, password)

    expect(await refusal(signInWith(username, password))).toBe('NotAuthorizedException')
    await enable(username)
    expect(await refusal(signInWith(username, old))).toBe('NotAuthorizedException')
    expect(await refusal(signInWith(username, password))).toBe('none')
  })
})

describe('leaving a group', () => {
  statement('AdminRemoveUserFromGroup twice succeeds, and leaves the other groups alone', async () => {
    const { username } = await createConfirmedUser(pool(), { groups: ['service-user', 'api-client'] })
    await removeFromGroup(username)

    expect(await refusal(removeFromGroup(username))).toBe('none')
    expect(await groupsOf(pool(), username)).toEqual(['api-client'])
  })

  statement('AdminAddUserToGroup after AdminRemoveUserFromGroup makes a member again', async () => {
    const { username } = await createConfirmedUser(pool(), { groups: ['service-user'] })
    await removeFromGroup(username)

    await addToGroup(username)

    expect(await groupsOf(pool(), username)).toEqual(['service-user'])
  })

  refused('AdminRemoveUserFromGroup of a group that does not exist is ResourceNotFoundException', async () => {
    const { username } = await createUser(pool())
    return removeFromGroup(username, 'no-such-group')
  })

  statement('AdminListGroupsForUser shows every group once, in pages', async () => {
    const { username } = await createConfirmedUser(pool(), { groups: ['service-user', 'api-client'] })
    const names: (string | undefined)[] = []
    let token: string | undefined
    do {
      const { Groups = [], NextToken } = await pool().cognito.send(
        new AdminListGroupsForUserCommand({ ...whose(pool(), username), Limit: 1, NextToken: token }),
      )
      expect(Groups.length).toBeLessThanOrEqual(1)
      names.push(...Groups.map(({ GroupName }) => GroupName))
      token = NextToken
    } while (token !== undefined)

    expect(names.toSorted()).toEqual(['api-client', 'service-user'])
  })
})

describe('a change of a user', () => {
  statement('AdminDisableUser and AdminEnableUser take a sub in place of the username', async () => {
    const { username, sub } = await createConfirmedUser(pool())

    await disable(sub)
    const disabled = await getUser(pool(), username)
    await enable(sub)

    expect([disabled.Enabled, (await getUser(pool(), username)).Enabled]).toEqual([false, true])
  })

  refused('AdminUserGlobalSignOut of a sub makes a refresh NotAuthorizedException', async () => {
    const user = await createConfirmedUser(pool())
    const refreshToken = await signInBefore(user)
    expect(await refusal(signOut(user.sub))).toBe('none')
    return refresh(pool(), user, refreshToken)
  })

  statement('AdminRemoveUserFromGroup and AdminListGroupsForUser take a sub in place of the username', async () => {
    const { sub } = await createConfirmedUser(pool(), { groups: ['service-user', 'api-client'] })

    await removeFromGroup(sub)

    expect(await groupsOf(pool(), sub)).toEqual(['api-client'])
  })

  refusedEach(
    'each change of a name that nobody has is UserNotFoundException',
    [disable, enable, signOut, removeFromGroup, remove],
    (change) => change(uniqueName()),
  )

  refused('AdminDeleteUser a second time is UserNotFoundException', async () => {
    const { username } = await createUser(pool())
    await remove(username)
    return remove(username)
  })

  statement('AdminDeleteUser ends the refresh tokens of the user', async () => {
    const user = await createConfirmedUser(pool())
    const { refreshToken } = await signIn(pool(), user)

    await remove(user.username)

    const ended = ['NotAuthorizedException', 'UserNotFoundException']
    expect(ended).toContain(await refusal(refresh(pool(), user, refreshToken)))
  })

  statement('AdminDeleteUser takes a disabled user as well', async () => {
    const { username } = await createUser(pool())
    await disable(username)

    await remove(username)

    expect(await refusal(getUser(pool(), username))).toBe('UserNotFoundException')
  })
})
