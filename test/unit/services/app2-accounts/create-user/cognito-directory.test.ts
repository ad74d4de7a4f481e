import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCognitoDirectory } from '#services/app2-accounts/create-user/cognito-directory.ts'
import { passwordProblems } from '#shared/password-policy.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { goodPassword, provisioningId } from '#test/support/requests.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const directory = createCognitoDirectory({
  cognito: new CognitoIdentityProviderClient({ region: 'eu-west-1' }),
  userPoolId: 'eu-west-1_abc',
})

const sub = '0f8fad5b-d9cb-469f-a165-70867728950e'
const createdAt = new Date('2026-01-01T00:00:00Z')
const newUser = { username: 'orders-worker', humanUserId: 'alice', provisioningId }
const created = { Attributes: [{ Name: 'sub', Value: sub }], UserCreateDate: createdAt }
const call = { signal: AbortSignal.timeout(10_000) }

const named = (name: string): Error => Object.assign(new Error('canary'), { name })

beforeEach(() => {
  cognito.reset()
  cognito.on(AdminCreateUserCommand).resolves({ User: created, $metadata: { attempts: 1 } })
  cognito.on(AdminAddUserToGroupCommand).resolves({})
  cognito.on(AdminSetUserPasswordCommand).resolves({})
})

describe('creating a user', () => {
  it('sends no message, keeps who asked and why, and gives back the sub', async () => {
    expect(await directory.create(newUser, call)).toEqual({ kind: 'created', sub, createdAt, atOnce: true })

    expect(cognito).toHaveReceivedCommandExactlyOnceWith(AdminCreateUserCommand, {
      UserPoolId: 'eu-west-1_abc',
      Username: 'orders-worker',
      MessageAction: 'SUPPRESS',
      TemporaryPassword: expect.any(String) as string,
      UserAttributes: [
        { Name: 'custom:human_user_id', Value: 'alice' },
        { Name: 'custom:provisioning_id', Value: provisioningId },
      ],
    })
  })

  it('keeps by what its human is known, where that is more than a claim', async () => {
    await directory.create({ ...newUser, humanProof: 'verified https://idp.example.com' }, call)

    const [{ args: [command] } = expect.fail()] = cognito.commandCalls(AdminCreateUserCommand)
    expect(command.input.UserAttributes).toContainEqual({
      Name: 'custom:human_proof',
      Value: 'verified https://idp.example.com',
    })
  })

  it('that took the SDK another attempt says so: the first may still be under way', async () => {
    cognito.on(AdminCreateUserCommand).resolves({ User: created, $metadata: { attempts: 2 } })

    expect(await directory.create(newUser, call)).toMatchObject({ kind: 'created', atOnce: false })
  })

  it('uses a temporary password within the policy, another one each time', async () => {
    await directory.create(newUser, call)
    await directory.create(newUser, call)

    const passwords = cognito
      .commandCalls(AdminCreateUserCommand)
      .map(({ args }) => args[0].input.TemporaryPassword ?? '')
    expect(new Set(passwords).size).toBe(2)
    expect(passwords.flatMap(passwordProblems)).toEqual([])
  })

  it.each(['UsernameExistsException', 'AliasExistsException'])('refused with %s finds the name taken', async (name) => {
    cognito.on(AdminCreateUserCommand).rejects(named(name))

    expect(await directory.create(newUser, call)).toEqual({ kind: 'name_taken' })
  })

  it.each([
    ['TooManyRequestsException', 'throttled'],
    ['AccessDeniedException', 'internal_error'],
    ['InvalidParameterException', 'internal_error'],
  ])('that fails with %s throws %s', async (name, code) => {
    cognito.on(AdminCreateUserCommand).rejects(named(name))

    await expect(directory.create(newUser, call)).rejects.toMatchObject({ code, reason: name })
  })

  it.each([
    undefined,
    {},
    { Attributes: [{ Name: 'sub', Value: sub }] },
    { Attributes: [{ Name: 'name', Value: 'x' }], UserCreateDate: createdAt },
  ])('answered without sub or date (%j) is not believed', async (user) => {
    cognito.on(AdminCreateUserCommand).resolves({ ...(user && { User: user }), $metadata: { attempts: 1 } })

    await expect(directory.create(newUser, call)).rejects.toMatchObject({
      code: 'upstream_error',
      reason: 'created_user_without_sub',
    })
  })
})

describe('writing to a user', () => {
  it('addresses it by its sub', async () => {
    await directory.addToGroup(sub, 'service-user', call)
    await directory.setPermanentPassword(sub, new SecretValue(goodPassword), call)

    expect(cognito).toHaveReceivedCommandExactlyOnceWith(AdminAddUserToGroupCommand, {
      UserPoolId: 'eu-west-1_abc',
      Username: sub,
      GroupName: 'service-user',
    })
    expect(cognito).toHaveReceivedCommandExactlyOnceWith(AdminSetUserPasswordCommand, {
      UserPoolId: 'eu-west-1_abc',
      Username: sub,
      Password: goodPassword,
      Permanent: true,
    })
  })

  it.each(['InvalidPasswordException', 'PasswordHistoryPolicyViolationException'])(
    'a password refused with %s is weak',
    async (name) => {
      cognito.on(AdminSetUserPasswordCommand).rejects(named(name))

      await expect(directory.setPermanentPassword(sub, new SecretValue('p'), call)).rejects.toMatchObject({
        code: 'weak_password',
        errors: [{ pointer: '/password', detail: 'is refused by the user pool' }],
      })
    },
  )

  it('that fails otherwise throws what the failure means', async () => {
    cognito.on(AdminAddUserToGroupCommand).rejects(named('ResourceNotFoundException'))
    cognito.on(AdminSetUserPasswordCommand).rejects(named('TooManyRequestsException'))

    await expect(directory.addToGroup(sub, 'g', call)).rejects.toMatchObject({ code: 'internal_error' })
    await expect(directory.setPermanentPassword(sub, new SecretValue('p'), call)).rejects.toMatchObject({
      code: 'throttled',
    })
  })
})

describe('reading a user', () => {
  const answer = {
    Username: 'orders-worker',
    UserAttributes: [
      { Name: 'sub', Value: sub },
      { Name: 'custom:provisioning_id', Value: provisioningId },
    ],
    UserCreateDate: createdAt,
    UserLastModifiedDate: createdAt,
    Enabled: true,
    UserStatus: 'FORCE_CHANGE_PASSWORD' as const,
  }

  it('gives what recognising it needs', async () => {
    cognito.on(AdminGetUserCommand).resolves(answer)

    expect(await directory.read('orders-worker', call)).toEqual({
      sub,
      createdAt,
      enabled: true,
      awaitsPassword: true,
      changedSinceCreation: false,
      provisioningId,
    })
  })

  it('a confirmed user awaits no password, and one without our attribute has no id', async () => {
    const UserAttributes = [{ Name: 'sub', Value: sub }]
    cognito.on(AdminGetUserCommand).resolves({ ...answer, UserAttributes, UserStatus: 'CONFIRMED', Enabled: false })

    expect(await directory.read(sub, call)).toMatchObject({
      enabled: false,
      awaitsPassword: false,
      provisioningId: undefined,
    })
  })

  it.each([
    [1, false],
    [1_000, false],
    [1_001, true],
    [Infinity, true],
  ])('last modified %d ms after its creation has changed since: %s', async (ms, changedSinceCreation) => {
    const date = ms === Infinity ? undefined : new Date(createdAt.getTime() + ms)
    cognito.on(AdminGetUserCommand).resolves({ ...answer, UserLastModifiedDate: date })

    expect(await directory.read(sub, call)).toMatchObject({ changedSinceCreation })
  })

  it.each(['UserAttributes', 'UserCreateDate', 'Enabled'] as const)('without %s is not believed', async (missing) => {
    cognito.on(AdminGetUserCommand).resolves({ ...answer, [missing]: undefined })

    await expect(directory.read(sub, call)).rejects.toMatchObject({
      code: 'upstream_error',
      reason: 'user_without_sub',
    })
  })
})

describe('a user that is missing', () => {
  it('is told apart by every call, and no failure of a removal', async () => {
    for (const command of [AdminGetUserCommand, AdminAddUserToGroupCommand, AdminSetUserPasswordCommand]) {
      cognito.on(command as typeof AdminGetUserCommand).rejects(named('UserNotFoundException'))
    }
    cognito.on(AdminDeleteUserCommand).rejects(named('UserNotFoundException'))

    await expect(directory.read(sub, call)).rejects.toBeInstanceOf(UserMissingError)
    await expect(directory.addToGroup(sub, 'g', call)).rejects.toBeInstanceOf(UserMissingError)
    await expect(directory.setPermanentPassword(sub, new SecretValue('p'), call)).rejects.toBeInstanceOf(
      UserMissingError,
    )
    await expect(directory.remove(sub, call)).resolves.toBe('missing')
  })
})

describe('removing a user', () => {
  it('addresses it by its sub, and throws what a failure means', async () => {
    cognito.on(AdminDeleteUserCommand).resolvesOnce({}).rejects(named('AccessDeniedException'))

    expect(await directory.remove(sub, call)).toBe('removed')

    expect(cognito).toHaveReceivedCommandExactlyOnceWith(AdminDeleteUserCommand, {
      UserPoolId: 'eu-west-1_abc',
      Username: sub,
    })
    await expect(directory.remove(sub, call)).rejects.toMatchObject({ code: 'internal_error' })
  })
})
