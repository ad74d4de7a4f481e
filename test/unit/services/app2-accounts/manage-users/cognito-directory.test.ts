import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  ListUsersCommand,
  PasswordHistoryPolicyViolationException,
  TooManyRequestsException,
} from '@aws-sdk/client-cognito-identity-provider'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCognitoDirectory } from '#services/app2-accounts/manage-users/cognito-directory.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { mockClient } from '#test/support/mock-client.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const UserPoolId = 'eu-west-1_Pool1'
const directory = createCognitoDirectory({
  cognito: new CognitoIdentityProviderClient({ region: 'eu-west-1' }),
  userPoolId: UserPoolId,
})
const call = { signal: AbortSignal.timeout(10_000) }
const whose = { UserPoolId, Username: 'sub-1' }

const dates = { UserCreateDate: new Date(1_000), UserLastModifiedDate: new Date(2_000) }
const attributes = [
  { Name: 'sub', Value: 'sub-1' },
  { Name: 'custom:human_user_id', Value: 'alice' },
  { Name: 'custom:provisioning_id', Value: 'id' },
  { Name: 'custom:human_proof', Value: 'verified x' },
]
const user = { Username: 'orders', Enabled: true, UserStatus: 'CONFIRMED' as const, ...dates }
const read = {
  sub: 'sub-1',
  username: 'orders',
  enabled: true,
  awaitsPassword: false,
  createdAt: dates.UserCreateDate,
  updatedAt: dates.UserLastModifiedDate,
  provisioningId: 'id',
  humanUserId: 'alice',
  humanProof: 'verified x',
}

const fails = (name: string): Error => Object.assign(new Error('canary'), { name })

beforeEach(() => {
  cognito.reset()
})

describe('a user of the directory', () => {
  it('is read with its attributes', async () => {
    cognito
      .on(AdminGetUserCommand, { UserPoolId, Username: 'orders' })
      .resolves({ ...user, UserAttributes: attributes })

    expect(await directory.read('orders', call)).toEqual(read)
  })

  it('that Latchkey did not make has none of ours', async () => {
    const fresh = { ...user, UserStatus: 'FORCE_CHANGE_PASSWORD' as const, UserAttributes: attributes.slice(0, 1) }
    cognito.on(AdminGetUserCommand).resolves(fresh)

    expect(await directory.read('orders', call)).toMatchObject({
      awaitsPassword: true,
      provisioningId: undefined,
      humanUserId: undefined,
    })
  })

  it.each(['Username', 'Enabled', 'UserCreateDate', 'UserLastModifiedDate', 'UserAttributes'])(
    'that comes without %s is none',
    async (name) => {
      cognito.on(AdminGetUserCommand).resolves({ ...user, UserAttributes: attributes, [name]: undefined })

      await expect(directory.read('orders', call)).rejects.toMatchObject({ reason: 'user_without_sub' })
    },
  )

  it('has the groups that Cognito lists', async () => {
    cognito
      .on(AdminListGroupsForUserCommand, { ...whose, Limit: 60 })
      .resolves({ Groups: [{ GroupName: 'service-user' }, {}] })

    expect(await directory.groupsOf('sub-1', call)).toEqual(['service-user'])
    cognito.on(AdminListGroupsForUserCommand).resolves({})
    expect(await directory.groupsOf('sub-1', call)).toEqual([])
  })
})

describe('a page of the directory', () => {
  it('is the first of all users, asked for without attributes: Cognito refuses those that a user has not', async () => {
    cognito
      .on(ListUsersCommand, { UserPoolId, Limit: 7 }, true)
      .resolves({ Users: [{ ...user, Attributes: attributes }], PaginationToken: 'next' })

    expect(await directory.list({ limit: 7, prefix: undefined, token: undefined }, call)).toEqual({
      users: [read],
      nextToken: 'next',
    })
  })

  it('is the next of those whose name begins so', async () => {
    const input = { UserPoolId, Limit: 7, Filter: 'username ^= "ord"', PaginationToken: 'token' }
    cognito.on(ListUsersCommand, input, true).resolves({})

    expect(await directory.list({ limit: 7, prefix: 'ord', token: 'token' }, call)).toEqual({
      users: [],
      nextToken: undefined,
    })
  })

  it('that Cognito knows no more is the caller’s mistake; without a token the same refusal is ours', async () => {
    cognito.on(ListUsersCommand).rejects(fails('InvalidParameterException'))

    await expect(directory.list({ limit: 7, prefix: undefined, token: 'old' }, call)).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/pagination_token' }],
    })
    await expect(directory.list({ limit: 7, prefix: undefined, token: undefined }, call)).rejects.toMatchObject({
      code: 'internal_error',
    })
  })

  it('fails as Cognito does', async () => {
    cognito.on(ListUsersCommand).rejects(fails('TooManyRequestsException'))

    await expect(directory.list({ limit: 7, prefix: undefined, token: 'old' }, call)).rejects.toMatchObject({
      code: 'throttled',
    })
  })
})

const password = new SecretValue('Correct-Horse-7-Battery')

describe.each([
  ['disable', AdminDisableUserCommand, whose, () => directory.disable('sub-1', call)],
  ['enable', AdminEnableUserCommand, whose, () => directory.enable('sub-1', call)],
  ['sign out', AdminUserGlobalSignOutCommand, whose, () => directory.signOut('sub-1', call)],
  ['remove', AdminDeleteUserCommand, whose, () => directory.remove('sub-1', call)],
  [
    'set a password',
    AdminSetUserPasswordCommand,
    { ...whose, Password: password.expose(), Permanent: true },
    () => directory.setPermanentPassword('sub-1', password, call),
  ],
  ['add', AdminAddUserToGroupCommand, { ...whose, GroupName: 'g' }, () => directory.addToGroup('sub-1', 'g', call)],
  [
    'take out',
    AdminRemoveUserFromGroupCommand,
    { ...whose, GroupName: 'g' },
    () => directory.removeFromGroup('sub-1', 'g', call),
  ],
] as const)('to %s', (_, command, input, write) => {
  it('asks Cognito once, by `sub`', async () => {
    cognito.onAnyCommand().resolves({})

    await write()

    const asked = cognito.calls().map(({ args }) => args[0])
    expect(asked).toEqual([expect.any(command)])
    expect(asked[0]?.input).toEqual(input)
  })

  it('tells a user that is missing from what else Cognito says', async () => {
    cognito.onAnyCommand().rejectsOnce(fails('UserNotFoundException')).rejects(fails('TooManyRequestsException'))

    await expect(write()).rejects.toBeInstanceOf(UserMissingError)
    await expect(write()).rejects.toMatchObject({ code: 'throttled' })
  })
})

describe('a password that the pool refuses', () => {
  it('is weak', async () => {
    cognito.on(AdminSetUserPasswordCommand).rejects(fails('InvalidPasswordException'))

    await expect(directory.setPermanentPassword('sub-1', password, call)).rejects.toMatchObject({
      code: 'weak_password',
      errors: [{ pointer: '/password', detail: 'is refused by the user pool' }],
    })
  })

  it.each([
    [1, 'weak_password'],
    [2, 'upstream_error'],
  ])('at attempt %i is %s: an earlier one may have set it', async (attempts, code) => {
    const refused = new PasswordHistoryPolicyViolationException({ message: 'canary', $metadata: { attempts } })
    cognito.on(AdminSetUserPasswordCommand).rejects(refused)

    await expect(directory.setPermanentPassword('sub-1', password, call)).rejects.toMatchObject({ code })
  })

  it('is no refusal where Cognito was asked too often, at whatever attempt', async () => {
    const throttled = new TooManyRequestsException({ message: 'canary', $metadata: { attempts: 3 } })
    cognito.on(AdminSetUserPasswordCommand).rejects(throttled)

    await expect(directory.setPermanentPassword('sub-1', password, call)).rejects.toMatchObject({ code: 'throttled' })
  })
})
