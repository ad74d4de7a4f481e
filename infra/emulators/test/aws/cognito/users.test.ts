import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  CreateGroupCommand,
  ListUsersCommand,
  type AdminCreateUserCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, refusal, signIn, startTestPool, type TestPool } from '../test-aws.ts'

function create({ cognito, poolId }: TestPool, input: Partial<AdminCreateUserCommandInput> = {}): Promise<unknown> {
  return cognito.send(
    new AdminCreateUserCommand({ UserPoolId: poolId, Username: 'ada', MessageAction: 'SUPPRESS', ...input }),
  )
}

function find({ cognito, poolId }: TestPool, Username = 'ada'): Promise<unknown> {
  return cognito.send(new AdminGetUserCommand({ UserPoolId: poolId, Username }))
}

const missing = 'UserNotFoundException: User does not exist.'

describe('AdminCreateUser', () => {
  it('in a pool that tells upper from lower case makes Ada and ada', async () => {
    const pool = await startTestPool({ pool: { UsernameConfiguration: { CaseSensitive: true } } })

    for (const Username of ['Ada', 'ada']) {
      await expect(create(pool, { Username })).resolves.toMatchObject({ User: { Username } })
    }
  })

  const schema = [
    { Name: 'badge', AttributeDataType: 'String', StringAttributeConstraints: { MinLength: '2', MaxLength: '4' } },
    { Name: 'level', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '1', MaxValue: '5' } },
    { Name: 'active', AttributeDataType: 'Boolean' },
    { Name: 'since', AttributeDataType: 'DateTime' },
  ] as const
  const attributes = (values: Record<string, string>) =>
    Object.entries(values).map(([Name, Value]) => ({ Name, Value }))

  it.each<[Record<string, string>, RegExp]>([
    [{ 'custom:badge': 'x' }, /custom:badge: Attribute does not meet its constraints\.$/],
    [{ 'custom:level': '0' }, /custom:level: Attribute does not meet its constraints\.$/],
    [{ 'custom:level': '6' }, /custom:level: Attribute does not meet its constraints\.$/],
    [{ 'custom:level': 'two' }, /custom:level: Attribute does not meet its constraints\.$/],
    [{ 'custom:active': 'yes' }, /custom:active: Attribute does not meet its constraints\.$/],
    [{ 'custom:since': 'lately' }, /custom:since: Attribute does not meet its constraints\.$/],
    [{ sub: 'x' }, /user\.sub: Attribute cannot be updated\.$/],
    [{ email_verified: 'True' }, /email is required to verify\/un-verify it\.$/],
    [{ email: 'ada@example' }, /Invalid email address format\.$/],
    [{ phone_number: '+0' }, /Invalid phone number format\.$/],
  ])('refuses %o, and makes no user', async (values, sentence) => {
    const pool = await startTestPool({ pool: { Schema: [...schema] } })

    expect(await refusal(create(pool, { UserAttributes: attributes(values) }))).toMatch(sentence)
    expect(await refusal(find(pool))).toBe(missing)
  })

  it('takes attributes at the edge of their constraints', async () => {
    const pool = await startTestPool({ pool: { Schema: [...schema] } })
    const UserAttributes = attributes({
      'custom:badge': 'xxxx',
      'custom:level': '5',
      'custom:active': 'FALSE',
      'custom:since': '2026-01-01T00:00:00Z',
      email: 'ada@example.com',
      email_verified: 'true',
    })

    await create(pool, { UserAttributes })

    expect(await find(pool)).toMatchObject({ UserAttributes: expect.arrayContaining(UserAttributes) as unknown })
  })

  it('refuses an attribute that is given twice', async () => {
    const pool = await startTestPool()
    const UserAttributes = ['b-1', 'b-2'].map((Value) => ({ Name: 'custom:badge', Value }))

    expect(await refusal(create(pool, { UserAttributes }))).toMatch(
      /custom:badge: Attribute is given more than once\.$/,
    )
  })

  it.each([
    [
      'Äcorrect-horse-9',
      'InvalidPasswordException: Password did not conform with policy: Password must have uppercase',
    ],
    ['Correcthorse9€', 'InvalidPasswordException: Password did not conform with policy: Password must have symbol'],
    ['', "InvalidParameterException: 1 validation error detected: Value at 'temporaryPassword' failed to satisfy"],
  ])('counts basic Latin alone in a temporary password: %j', async (TemporaryPassword, start) => {
    expect(await refusal(create(await startTestPool(), { TemporaryPassword }))).toContain(start)
  })

  it('does not invite again', async () => {
    const call = create(await startTestPool(), { MessageAction: 'RESEND' })

    expect(await refusal(call)).toMatch(/MessageAction RESEND is not implemented by local AWS\.$/)
  })

  it('hides the new user for as long as reads lag, and never gives the name away twice', async () => {
    const pool = await startTestPool({ aws: { readAfterWriteLagMs: 500 } })
    const list = async (): Promise<number | undefined> =>
      (await pool.cognito.send(new ListUsersCommand({ UserPoolId: pool.poolId }))).Users?.length
    await create(pool)

    pool.clock.now += 499
    expect(await refusal(find(pool))).toBe(missing)
    expect(await refusal(create(pool))).toBe('UsernameExistsException: User account already exists')
    const hidden = await list()
    pool.clock.now += 1

    expect(await refusal(find(pool))).toBe('none')
    expect([hidden, await list()]).toEqual([0, 1])
  })
})

describe('UserLastModifiedDate', () => {
  it('is of the last password, disabling or enabling, and not of a group or a sign-out', async () => {
    const pool = await startTestPool()
    const user = { UserPoolId: pool.poolId, Username: 'ada' }
    await addUser(pool, 'ada')
    await pool.cognito.send(new CreateGroupCommand({ UserPoolId: pool.poolId, GroupName: 'readers' }))
    /** A second later; how old the date is then, in seconds. */
    const later = async (change: () => Promise<unknown>): Promise<number> => {
      pool.clock.now += 1000
      await change()
      const { UserLastModifiedDate: modifiedAt } = await pool.cognito.send(new AdminGetUserCommand(user))
      return (pool.clock.now - (modifiedAt?.getTime() ?? NaN)) / 1000
    }
    const membership = { ...user, GroupName: 'readers' }

    expect([
      await later(() => pool.cognito.send(new AdminDisableUserCommand(user))),
      await later(() => pool.cognito.send(new AdminUserGlobalSignOutCommand(user))),
      await later(() => pool.cognito.send(new AdminAddUserToGroupCommand(membership))),
      await later(() => pool.cognito.send(new AdminRemoveUserFromGroupCommand(membership))),
      await later(() => pool.cognito.send(new AdminEnableUserCommand(user))),
      await later(() => pool.cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: 'Other-horse-9' }))),
    ]).toEqual([0, 1, 2, 3, 0, 0])
  })
})

describe('a disabled user', () => {
  it('is told so only with the right password', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))

    expect(await refusal(signIn(pool, 'ada'))).toMatch(/User is disabled\.$/)
    expect(await refusal(signIn(pool, 'ada', 'Wrong-horse-9'))).toMatch(/Incorrect username or password\.$/)
  })
})
