import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  ListUsersCommand,
  type AdminCreateUserCommandInput,
  type AttributeType,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, goodPassword, signIn, startTestPool, type TestPool } from '../test-aws.ts'

function create({ cognito, poolId }: TestPool, input: Partial<AdminCreateUserCommandInput> = {}): Promise<unknown> {
  return cognito.send(
    new AdminCreateUserCommand({ UserPoolId: poolId, Username: 'ada', MessageAction: 'SUPPRESS', ...input }),
  )
}

async function attributesOf(
  { cognito, poolId }: TestPool,
  Username: string,
): Promise<Record<string, string | undefined>> {
  const { UserAttributes = [] } = await cognito.send(new AdminGetUserCommand({ UserPoolId: poolId, Username }))
  return Object.fromEntries(UserAttributes.map(({ Name = '', Value }) => [Name, Value]))
}

function update({ cognito, poolId }: TestPool, ...UserAttributes: AttributeType[]): Promise<unknown> {
  return cognito.send(new AdminUpdateUserAttributesCommand({ UserPoolId: poolId, Username: 'ada', UserAttributes }))
}

const schema = [
  {
    Name: 'badge',
    AttributeDataType: 'String',
    Mutable: false,
    StringAttributeConstraints: { MinLength: '2', MaxLength: '4' },
  },
  { Name: 'level', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '1', MaxValue: '5' } },
  { Name: 'active', AttributeDataType: 'Boolean' },
  { Name: 'since', AttributeDataType: 'DateTime' },
] as const

describe('AdminCreateUser', () => {
  it('makes an enabled user with a sub, who has to change the password', async () => {
    const pool = await startTestPool()

    const created = await create(pool, { UserAttributes: [{ Name: 'custom:badge', Value: 'b-7' }] })
    const found = await pool.cognito.send(new AdminGetUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))

    expect(created).toMatchObject({
      User: {
        Username: 'ada',
        Attributes: [
          { Name: 'sub', Value: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string },
          { Name: 'custom:badge', Value: 'b-7' },
        ],
        Enabled: true,
        UserCreateDate: new Date(pool.clock.now),
        UserStatus: 'FORCE_CHANGE_PASSWORD',
      },
    })
    expect(found).toMatchObject({ Username: 'ada', Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' })
    expect(found.UserAttributes).toHaveLength(2)
  })

  it.each([
    [false, 'Ada', 'ada', { name: 'UsernameExistsException', message: 'User account already exists' }],
    [true, 'Ada', 'Ada', undefined],
  ])('in a pool with CaseSensitive %s keeps Ada as %#', async (CaseSensitive, given, kept, error) => {
    const pool = await startTestPool({ pool: { UsernameConfiguration: { CaseSensitive } } })

    const created = await create(pool, { Username: given })
    const again = await create(pool, { Username: 'ada' }).catch((thrown: unknown) => thrown)

    expect(created).toMatchObject({ User: { Username: kept } })
    expect(again).toMatchObject(error ?? { User: { Username: 'ada' } })
  })

  it('never makes a second user of one name, and leaves the first as it is', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')

    const again = create(pool, { TemporaryPassword: 'Another-horse-9' })

    await expect(again).rejects.toMatchObject({ name: 'UsernameExistsException' })
    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
  })

  it.each([
    ['has space', 'Value'],
    ['tab\there', 'Value'],
    ['', 'Value'],
    ['x'.repeat(129), 'Value'],
    [undefined, 'Value null'],
  ])('refuses username %j', async (Username, start) => {
    const pool = await startTestPool()

    await expect(create(pool, { Username })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(`${start} at 'username' failed to satisfy constraint`) as string,
    })
  })

  it.each(['x'.repeat(128), 'ädä', '☃', "o'neil"])('takes username %s', async (Username) => {
    const pool = await startTestPool()

    await expect(create(pool, { Username })).resolves.toMatchObject({ User: { Username } })
  })

  it.each<[string, AttributeType[], string]>([
    [
      'undeclared',
      [{ Name: 'custom:absent', Value: 'x' }],
      'Attributes did not conform to the schema: custom:absent: Attribute does not exist in the schema.',
    ],
    [
      'too short',
      [{ Name: 'custom:badge', Value: 'x' }],
      'Attributes did not conform to the schema: custom:badge: Attribute does not meet its constraints.',
    ],
    [
      'too long',
      [{ Name: 'custom:badge', Value: 'xxxxx' }],
      'Attributes did not conform to the schema: custom:badge: Attribute does not meet its constraints.',
    ],
    [
      'too small',
      [{ Name: 'custom:level', Value: '0' }],
      'Attributes did not conform to the schema: custom:level: Attribute does not meet its constraints.',
    ],
    [
      'too large',
      [{ Name: 'custom:level', Value: '6' }],
      'Attributes did not conform to the schema: custom:level: Attribute does not meet its constraints.',
    ],
    [
      'no number',
      [{ Name: 'custom:level', Value: 'two' }],
      'Attributes did not conform to the schema: custom:level: Attribute does not meet its constraints.',
    ],
    [
      'no boolean',
      [{ Name: 'custom:active', Value: 'yes' }],
      'Attributes did not conform to the schema: custom:active: Attribute does not meet its constraints.',
    ],
    [
      'no date',
      [{ Name: 'custom:since', Value: 'lately' }],
      'Attributes did not conform to the schema: custom:since: Attribute does not meet its constraints.',
    ],
    ['Cognito’s own', [{ Name: 'sub', Value: 'x' }], 'user.sub: Attribute cannot be updated.'],
    ['verified and absent', [{ Name: 'email_verified', Value: 'True' }], 'email is required to verify/un-verify it.'],
    [
      'given twice',
      [
        { Name: 'name', Value: 'Ada' },
        { Name: 'name', Value: 'Eve' },
      ],
      'name: Attribute is given more than once.',
    ],
    ['no address', [{ Name: 'email', Value: 'ada@example' }], 'Invalid email address format.'],
    ['no number of a telephone', [{ Name: 'phone_number', Value: '+0' }], 'Invalid phone number format.'],
  ])('refuses an attribute that is %s, and makes no user', async (_what, UserAttributes, message) => {
    const pool = await startTestPool({ pool: { Schema: [...schema] } })

    await expect(create(pool, { UserAttributes })).rejects.toMatchObject({ name: 'InvalidParameterException', message })
    await expect(attributesOf(pool, 'ada')).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })

  it('takes attributes at the edge of their constraints', async () => {
    const pool = await startTestPool({ pool: { Schema: [...schema] } })
    const values = {
      'custom:badge': 'xxxx',
      'custom:level': '5',
      'custom:active': 'FALSE',
      'custom:since': '2026-01-01T00:00:00Z',
      email: 'ada@example.com',
      email_verified: 'true',
    }

    await create(pool, { UserAttributes: Object.entries(values).map(([Name, Value]) => ({ Name, Value })) })

    expect(await attributesOf(pool, 'ada')).toMatchObject(values)
  })

  it.each([
    ['Short-1', 'Password not long enough'],
    ['correct-horse-9', 'Password must have uppercase characters'],
    ['CORRECT-HORSE-9', 'Password must have lowercase characters'],
    ['Correct-horse-x', 'Password must have numeric characters'],
    ['Correcthorse9', 'Password must have symbol characters'],
    ['Äcorrect-horse-9', 'Password must have uppercase characters'],
    ['Correcthorse9€', 'Password must have symbol characters'],
  ])('holds a temporary password to the policy: %s', async (TemporaryPassword, rule) => {
    const pool = await startTestPool()

    await expect(create(pool, { TemporaryPassword })).rejects.toMatchObject({
      name: 'InvalidPasswordException',
      message: `Password did not conform with policy: ${rule}`,
    })
    await expect(attributesOf(pool, 'ada')).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })

  it.each([`A-b1${'x'.repeat(253)}`, ' Correct-horse-9', 'Correct-horse-9\n', ''])(
    'refuses a password outside the model (%#)',
    async (password) => {
      const pool = await startTestPool()

      await expect(create(pool, { TemporaryPassword: password })).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: expect.stringContaining("at 'temporaryPassword' failed to satisfy constraint") as string,
      })
    },
  )

  it('takes a password of 256 characters', async () => {
    const pool = await startTestPool()

    await expect(create(pool, { TemporaryPassword: `A-b1${'x'.repeat(252)}` })).resolves.toHaveProperty('User')
  })

  it('with RESEND renews the temporary password of a user who has not signed in yet', async () => {
    const pool = await startTestPool()
    await create(pool, { TemporaryPassword: 'Temporary-horse-1' })

    await create(pool, { MessageAction: 'RESEND', TemporaryPassword: 'Temporary-horse-2' })

    await expect(signIn(pool, 'ada', 'Temporary-horse-1')).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    await expect(signIn(pool, 'ada', 'Temporary-horse-2')).resolves.toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
    })
  })

  it('with RESEND refuses a user who is confirmed, and one who is not there', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')

    await expect(create(pool, { MessageAction: 'RESEND' })).rejects.toMatchObject({
      name: 'UnsupportedUserStateException',
    })
    await expect(create(pool, { Username: 'nobody', MessageAction: 'RESEND' })).rejects.toMatchObject({
      name: 'UserNotFoundException',
    })
  })

  it('hides the new user for as long as reads lag, and never gives the name away twice', async () => {
    const pool = await startTestPool({ aws: { readAfterWriteLagMs: 500 } })
    const list = async (): Promise<number | undefined> =>
      (await pool.cognito.send(new ListUsersCommand({ UserPoolId: pool.poolId }))).Users?.length
    await create(pool)

    pool.clock.now += 499
    await expect(attributesOf(pool, 'ada')).rejects.toMatchObject({ name: 'UserNotFoundException' })
    await expect(create(pool)).rejects.toMatchObject({ name: 'UsernameExistsException' })
    const hidden = await list()
    pool.clock.now += 1

    await expect(attributesOf(pool, 'ada')).resolves.toHaveProperty('sub')
    expect([hidden, await list()]).toEqual([0, 1])
  })
})

describe('a user’s sub', () => {
  it('stands wherever an administrator names a user, and signs nobody in', async () => {
    const pool = await startTestPool({ client: { PreventUserExistenceErrors: 'LEGACY' } })
    const sub = await addUser(pool, 'ada')

    const found = await pool.cognito.send(new AdminGetUserCommand({ UserPoolId: pool.poolId, Username: sub }))

    expect(found.Username).toBe('ada')
    await expect(signIn(pool, sub)).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })

  it('does not pass to the next user of the same name', async () => {
    const pool = await startTestPool()
    const first = await addUser(pool, 'ada')
    await pool.cognito.send(new AdminDeleteUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))

    const second = await addUser(pool, 'ada')

    expect(second).not.toBe(first)
    await expect(attributesOf(pool, first)).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })
})

describe('AdminSetUserPassword', () => {
  it.each([
    [true, 'CONFIRMED'],
    [false, 'FORCE_CHANGE_PASSWORD'],
    [undefined, 'FORCE_CHANGE_PASSWORD'],
  ])('with Permanent %s leaves the user %s', async (Permanent, UserStatus) => {
    const pool = await startTestPool()
    await create(pool)
    const user = { UserPoolId: pool.poolId, Username: 'ada' }
    pool.clock.now += 1000

    await pool.cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: goodPassword, Permanent }))

    await expect(pool.cognito.send(new AdminGetUserCommand(user))).resolves.toMatchObject({
      UserStatus,
      UserLastModifiedDate: new Date(pool.clock.now),
    })
  })

  it('holds the password to the policy, and keeps the old one otherwise', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')

    const call = pool.cognito.send(
      new AdminSetUserPasswordCommand({ UserPoolId: pool.poolId, Username: 'ada', Password: 'weak', Permanent: true }),
    )

    await expect(call).rejects.toMatchObject({ name: 'InvalidPasswordException' })
    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
  })
})

describe('AdminUpdateUserAttributes', () => {
  it('changes, adds and, with a blank value, removes attributes', async () => {
    const pool = await startTestPool()
    await create(pool, {
      UserAttributes: [
        { Name: 'name', Value: 'Ada' },
        { Name: 'locale', Value: 'en' },
      ],
    })

    await update(
      pool,
      { Name: 'name', Value: 'Ada L.' },
      { Name: 'locale', Value: '' },
      { Name: 'zoneinfo', Value: 'UTC' },
    )

    const { sub, ...rest } = await attributesOf(pool, 'ada')
    expect(sub).toBeDefined()
    expect(rest).toEqual({ name: 'Ada L.', zoneinfo: 'UTC' })
  })

  it('refuses an immutable attribute, with the old value, another or none', async () => {
    const pool = await startTestPool()
    await create(pool, { UserAttributes: [{ Name: 'custom:badge', Value: 'b-7' }] })

    for (const Value of ['b-7', 'b-8', '']) {
      await expect(update(pool, { Name: 'custom:badge', Value })).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'user.custom:badge: Attribute cannot be updated.',
      })
    }
    expect(await attributesOf(pool, 'ada')).toMatchObject({ 'custom:badge': 'b-7' })
  })

  it('changes nothing when one of several is refused', async () => {
    const pool = await startTestPool()
    await create(pool)

    const call = update(pool, { Name: 'name', Value: 'Ada' }, { Name: 'custom:absent', Value: 'x' })

    await expect(call).rejects.toMatchObject({ name: 'InvalidParameterException' })
    expect(Object.keys(await attributesOf(pool, 'ada'))).toEqual(['sub'])
  })

  it('lets "verified" be said of an address that the user has already', async () => {
    const pool = await startTestPool()
    await create(pool, { UserAttributes: [{ Name: 'email', Value: 'ada@example.com' }] })

    await update(pool, { Name: 'email_verified', Value: 'true' })

    expect(await attributesOf(pool, 'ada')).toMatchObject({ email_verified: 'true' })
  })
})

describe('disabling and deleting', () => {
  it('keeps a disabled user out until enabled again', async () => {
    const pool = await startTestPool()
    const user = { UserPoolId: pool.poolId, Username: 'ada' }
    await addUser(pool, 'ada')

    await pool.cognito.send(new AdminDisableUserCommand(user))
    const disabled = await pool.cognito.send(new AdminGetUserCommand(user))
    await expect(signIn(pool, 'ada')).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'User is disabled.',
    })
    await pool.cognito.send(new AdminEnableUserCommand(user))

    expect(disabled).toMatchObject({ Enabled: false, UserStatus: 'CONFIRMED' })
    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
  })

  it('says "disabled" only to who knows the password', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))

    await expect(signIn(pool, 'ada', 'Wrong-horse-9')).rejects.toMatchObject({
      message: 'Incorrect username or password.',
    })
  })

  it('of a user who is not there is refused', async () => {
    const { cognito, poolId } = await startTestPool()
    const nobody = { UserPoolId: poolId, Username: 'nobody' }
    const missing = { name: 'UserNotFoundException', message: 'User does not exist.' }

    await expect(cognito.send(new AdminDisableUserCommand(nobody))).rejects.toMatchObject(missing)
    await expect(cognito.send(new AdminEnableUserCommand(nobody))).rejects.toMatchObject(missing)
    await expect(cognito.send(new AdminDeleteUserCommand(nobody))).rejects.toMatchObject(missing)
  })
})
