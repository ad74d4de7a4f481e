import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
  RespondToAuthChallengeCommand,
  type AttributeType,
  type CreateUserPoolClientCommandInput,
  type InitiateAuthCommandOutput,
  type RespondToAuthChallengeCommandInput,
  type SchemaAttributeType,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { goodPassword, secretHash, signIn, startTestPool, type TestPool } from '../test-aws.ts'

const temporary = 'Temporary-horse-1'

type Challenged = TestPool & { readonly challenge: InitiateAuthCommandOutput }

async function startChallenged(
  options: {
    readonly attributes?: AttributeType[]
    readonly schema?: SchemaAttributeType[]
    readonly client?: Partial<CreateUserPoolClientCommandInput>
  } = {},
): Promise<Challenged> {
  const { attributes, schema, client } = options
  const pool = await startTestPool({ ...(schema && { pool: { Schema: schema } }), ...(client && { client }) })
  await pool.cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: pool.poolId,
      Username: 'ada',
      TemporaryPassword: temporary,
      UserAttributes: attributes,
    }),
  )
  return { ...pool, challenge: await signIn(pool, 'ada', temporary) }
}

function respond(
  pool: Challenged,
  responses: Record<string, string> = {},
  input: Partial<RespondToAuthChallengeCommandInput> = {},
): Promise<unknown> {
  return pool.cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId: pool.clientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: pool.challenge.Session,
      ChallengeResponses: {
        USERNAME: 'ada',
        NEW_PASSWORD: goodPassword,
        SECRET_HASH: secretHash(pool, responses['USERNAME'] ?? 'ada'),
        ...responses,
      },
      ...input,
    }),
  )
}

async function statusOf({ cognito, poolId }: TestPool): Promise<unknown> {
  return (await cognito.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: 'ada' }))).UserStatus
}

describe('a sign-in with a temporary password', () => {
  it('gives a challenge and no tokens', async () => {
    const { challenge } = await startChallenged({ attributes: [{ Name: 'name', Value: 'Ada' }] })

    expect(challenge.AuthenticationResult).toBeUndefined()
    expect(challenge).toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ChallengeParameters: { USER_ID_FOR_SRP: 'ada', requiredAttributes: '[]', userAttributes: '{"name":"Ada"}' },
    })
    expect(challenge.Session).toMatch(/^.{20,2048}$/)
  })

  it('names the required attributes that are missing, and shows only what the client may read', async () => {
    const { challenge } = await startChallenged({
      schema: [
        { Name: 'email', AttributeDataType: 'String', Required: true },
        { Name: 'badge', AttributeDataType: 'String' },
      ],
      attributes: [{ Name: 'custom:badge', Value: 'b-7' }],
    })

    expect(challenge.ChallengeParameters).toMatchObject({
      requiredAttributes: '["userAttributes.email"]',
      userAttributes: '{}',
    })
  })

  it('is refused when the temporary password is seven days old', async () => {
    const pool = await startChallenged()

    pool.clock.now += 7 * 86_400_000 - 1
    await expect(signIn(pool, 'ada', temporary)).resolves.toHaveProperty('Session')
    pool.clock.now += 1

    await expect(signIn(pool, 'ada', temporary)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Temporary password has expired and must be reset by an administrator.',
    })
  })
})

describe('RespondToAuthChallenge', () => {
  it('with a new password confirms the user and gives tokens; the temporary one is gone', async () => {
    const pool = await startChallenged()

    const answer = await respond(pool)

    expect(answer).toMatchObject({ AuthenticationResult: { TokenType: 'Bearer', ExpiresIn: 3600 } })
    expect(await statusOf(pool)).toBe('CONFIRMED')
    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
    await expect(signIn(pool, 'ada', temporary)).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it('takes an answer once', async () => {
    const pool = await startChallenged()
    await respond(pool)

    await expect(respond(pool, { NEW_PASSWORD: 'Another-horse-9' })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Invalid session for the user.',
    })
  })

  it('lets a weak password be corrected in the same session', async () => {
    const pool = await startChallenged()

    for (const NEW_PASSWORD of ['weak', 'Correct-horse-9 ', `A-b1${'x'.repeat(253)}`]) {
      await expect(respond(pool, { NEW_PASSWORD })).rejects.toMatchObject({ name: 'InvalidPasswordException' })
    }
    expect(await statusOf(pool)).toBe('FORCE_CHANGE_PASSWORD')

    await expect(respond(pool)).resolves.toHaveProperty('AuthenticationResult')
  })

  it.each([
    [undefined, 3],
    [15, 15],
  ])('with AuthSessionValidity %s takes an answer for %i minutes', async (AuthSessionValidity, minutes) => {
    const client = { ...(AuthSessionValidity && { AuthSessionValidity }) }
    const [inTime, late] = [await startChallenged({ client }), await startChallenged({ client })]

    inTime.clock.now += minutes * 60_000 - 1
    late.clock.now += minutes * 60_000

    await expect(respond(inTime)).resolves.toHaveProperty('AuthenticationResult')
    await expect(respond(late)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Invalid session for the user, session is expired.',
    })
  })

  it.each<[string, Record<string, string>, Partial<RespondToAuthChallengeCommandInput>]>([
    ['another user', { USERNAME: 'nobody' }, {}],
    ['an invented session', {}, { Session: 'x'.repeat(267) }],
    ['no session', {}, { Session: undefined }],
    ['another challenge', {}, { ChallengeName: 'SMS_MFA' }],
  ])('refuses %s', async (_what, responses, input) => {
    const pool = await startChallenged()

    await expect(respond(pool, responses, input)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Invalid session for the user.',
    })
  })

  it('refuses the session at another client', async () => {
    const pool = await startChallenged()
    const { UserPoolClient } = await pool.cognito.send(
      new CreateUserPoolClientCommand({ UserPoolId: pool.poolId, ClientName: 'other', GenerateSecret: true }),
    )
    const other = {
      ...pool,
      clientId: UserPoolClient?.ClientId ?? '',
      clientSecret: UserPoolClient?.ClientSecret ?? '',
    }

    await expect(respond(other)).rejects.toMatchObject({ message: 'Invalid session for the user.' })
  })

  it('refuses the session of a user who has meanwhile got a permanent password, and keeps that', async () => {
    const pool = await startChallenged()
    await pool.cognito.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: pool.poolId,
        Username: 'ada',
        Password: goodPassword,
        Permanent: true,
      }),
    )

    await expect(respond(pool, { NEW_PASSWORD: 'Another-horse-9' })).rejects.toMatchObject({
      message: 'Invalid session for the user.',
    })
    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
  })

  it('refuses a user who has meanwhile been disabled', async () => {
    const pool = await startChallenged()
    await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))

    await expect(respond(pool)).rejects.toMatchObject({ name: 'NotAuthorizedException', message: 'User is disabled.' })
    expect(await statusOf(pool)).toBe('FORCE_CHANGE_PASSWORD')
  })

  it('checks the secret hash', async () => {
    const pool = await startChallenged()

    await expect(respond(pool, { SECRET_HASH: secretHash(pool, 'bob') })).rejects.toMatchObject({
      message: `Unable to verify secret hash for client ${pool.clientId}`,
    })
  })

  it.each(['USERNAME', 'NEW_PASSWORD'])('needs %s', async (name) => {
    const pool = await startChallenged()

    await expect(respond(pool, { [name]: '' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Missing required parameter ${name}`,
    })
  })

  it('needs responses at all', async () => {
    const pool = await startChallenged()

    await expect(respond(pool, {}, { ChallengeResponses: undefined })).rejects.toMatchObject({
      message: 'Missing required parameter USERNAME',
    })
  })
})

describe('attributes in the answer to a challenge', () => {
  const email = { Name: 'email', AttributeDataType: 'String', Required: true } as const
  const badge = { Name: 'badge', AttributeDataType: 'String', Mutable: false } as const

  it('are required where the pool requires them', async () => {
    const pool = await startChallenged({ schema: [email] })

    await expect(respond(pool)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid user attributes: email is required.',
    })
    await respond(pool, { 'userAttributes.email': 'ada@example.com' })

    const user = await pool.cognito.send(new AdminGetUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))
    expect(user.UserAttributes).toContainEqual({ Name: 'email', Value: 'ada@example.com' })
  })

  it.each<[string, Record<string, string>, Partial<CreateUserPoolClientCommandInput>, object]>([
    [
      'outside WriteAttributes',
      { 'userAttributes.name': 'Ada' },
      { WriteAttributes: ['email'] },
      { name: 'NotAuthorizedException', message: 'A client attempted to write unauthorized attribute' },
    ],
    [
      'of the pool’s own without WriteAttributes',
      { 'userAttributes.custom:badge': 'b-8' },
      {},
      { name: 'NotAuthorizedException', message: 'A client attempted to write unauthorized attribute' },
    ],
    [
      'immutable',
      { 'userAttributes.custom:badge': 'b-8' },
      { WriteAttributes: ['custom:badge'] },
      { name: 'InvalidParameterException', message: 'user.custom:badge: Attribute cannot be updated.' },
    ],
    [
      'required and set already',
      { 'userAttributes.email': 'eve@example.com' },
      {},
      { name: 'NotAuthorizedException', message: 'Cannot modify an already provided email' },
    ],
  ])('are refused when %s, and nothing changes', async (_what, responses, client, error) => {
    const attributes = [
      { Name: 'email', Value: 'ada@example.com' },
      { Name: 'custom:badge', Value: 'b-7' },
    ]
    const pool = await startChallenged({ schema: [email, badge], attributes, client })

    await expect(respond(pool, responses)).rejects.toMatchObject(error)

    expect(await statusOf(pool)).toBe('FORCE_CHANGE_PASSWORD')
  })
})
