import { AdminCreateUserCommand, type AttributeType } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { randomPassword } from '#shared/text/random-password.ts'
import { uniqueName, usePool } from './support/pool.ts'
import { refusal, refusals, statement } from './support/statement.ts'
import { createConfirmedUser, createUser, getUser } from './support/users.ts'

const pool = usePool()

function newUser(username: string, changes: Partial<AdminCreateUserCommand['input']> = {}): AdminCreateUserCommand {
  return new AdminCreateUserCommand({
    UserPoolId: pool().userPoolId,
    Username: username,
    MessageAction: 'SUPPRESS',
    TemporaryPassword: randomPassword().expose(),
    ...changes,
  })
}

function createWith(...attributes: AttributeType[]): Promise<unknown> {
  return pool().cognito.send(newUser(uniqueName(), { UserAttributes: attributes }))
}

describe('AdminCreateUser', () => {
  statement('AdminCreateUser with SUPPRESS leaves an enabled user in FORCE_CHANGE_PASSWORD', async () => {
    const username = uniqueName()

    const { User: user } = await pool().cognito.send(newUser(username))

    expect(user).toMatchObject({ Username: username, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' })
    expect(user?.UserCreateDate).toBeInstanceOf(Date)
  })

  statement('AdminCreateUser answers with a sub of its own in the form of a UUID', async () => {
    const { User: user } = await pool().cognito.send(newUser(uniqueName()))

    const sub = user?.Attributes?.find(({ Name }) => Name === 'sub')?.Value
    expect(sub).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  statement('AdminCreateUser keeps the custom attributes that the pool declares', async () => {
    const username = uniqueName()
    const attributes = [
      { Name: 'custom:human_user_id', Value: 'alice@example.com' },
      { Name: 'custom:provisioning_id', Value: `v1.${'A'.repeat(22)}.${'B'.repeat(21)}Q` },
    ]

    await pool().cognito.send(newUser(username, { UserAttributes: attributes }))

    expect((await getUser(pool(), username)).UserAttributes).toEqual(expect.arrayContaining(attributes))
  })

  statement('AdminCreateUser of a name that exists is UsernameExistsException', async () => {
    const { username } = await createConfirmedUser(pool())

    const name = await refusal(pool().cognito.send(newUser(username)))

    expect(name).toBe('UsernameExistsException')
    expect((await getUser(pool(), username)).UserStatus).toBe('CONFIRMED')
  })

  statement('AdminCreateUser of a name that exists in another case is UsernameExistsException', async () => {
    const { username } = await createUser(pool())

    const name = await refusal(pool().cognito.send(newUser(username.toUpperCase())))

    expect(name).toBe('UsernameExistsException')
  })

  statement('AdminCreateUser of a name with a space is InvalidParameterException', async () => {
    const name = await refusal(pool().cognito.send(newUser(`${uniqueName()} x`)))

    expect(name).toBe('InvalidParameterException')
  })

  statement('AdminCreateUser takes a name of 128 characters', async () => {
    const username = uniqueName().padEnd(128, 'x')

    const { User: user } = await pool().cognito.send(newUser(username))

    expect(user?.Username).toBe(username)
  })

  statement('AdminCreateUser of a name of 129 characters is InvalidParameterException', async () => {
    const name = await refusal(pool().cognito.send(newUser(uniqueName().padEnd(129, 'x'))))

    expect(name).toBe('InvalidParameterException')
  })

  statement('AdminCreateUser with a temporary password outside the policy is InvalidPasswordException', async () => {
    const name = await refusal(pool().cognito.send(newUser(uniqueName(), { TemporaryPassword: 'alllowercase1!' })))

    expect(name).toBe('InvalidPasswordException')
  })

  statement(
    'AdminCreateUser with an attribute that the pool does not declare is InvalidParameterException',
    async () => {
      const attributes = [{ Name: 'custom:undeclared', Value: 'x' }]

      const name = await refusal(pool().cognito.send(newUser(uniqueName(), { UserAttributes: attributes })))

      expect(name).toBe('InvalidParameterException')
    },
  )

  statement('AdminCreateUser takes an attribute of the longest declared length', async () => {
    const attributes = [{ Name: 'custom:human_user_id', Value: 'x'.repeat(256) }]

    const name = await refusal(pool().cognito.send(newUser(uniqueName(), { UserAttributes: attributes })))

    expect(name).toBe('none')
  })

  statement('AdminCreateUser with an attribute longer than declared is InvalidParameterException', async () => {
    const attributes = [{ Name: 'custom:human_user_id', Value: 'x'.repeat(257) }]

    const name = await refusal(pool().cognito.send(newUser(uniqueName(), { UserAttributes: attributes })))

    expect(name).toBe('InvalidParameterException')
  })

  // What clients in Python make of their own True; Cognito reads a Boolean in any case.
  statement('AdminCreateUser takes True of a Boolean attribute, in any case', async () => {
    const attributes = [
      { Name: 'email', Value: 'ada@example.com' },
      { Name: 'email_verified', Value: 'True' },
    ]

    expect(await refusal(createWith(...attributes))).toBe('none')
  })

  // user-pool-settings-attributes.html; recorded: "Invalid email address format." and "Invalid phone number format.",
  // aws-amplify/amplify-js#8274.
  statement('AdminCreateUser with a malformed e-mail address is InvalidParameterException', async () => {
    const malformed = ['ada.example.com', 'ada@', '@example.com', 'ada lovelace@example.com', 'ada@b@example.com']

    const refused = await refusals(malformed, (email) => createWith({ Name: 'email', Value: email }))

    expect(refused).toEqual(malformed.map(() => 'InvalidParameterException'))
  })

  statement('AdminCreateUser with a malformed telephone number is InvalidParameterException', async () => {
    const malformed = ['2065550100', '+1 206 555 0100', '+1(206)5550100', '+', '+1206555010x']

    const refused = await refusals(malformed, (number) => createWith({ Name: 'phone_number', Value: number }))

    expect(refused).toEqual(malformed.map(() => 'InvalidParameterException'))
  })

  statement('AdminCreateUser takes a telephone number of a plus sign, the country code and digits', async () => {
    expect(await refusal(createWith({ Name: 'phone_number', Value: '+12065550100' }))).toBe('none')
  })

  statement('AdminCreateUser in a pool that does not exist is ResourceNotFoundException', async () => {
    const elsewhere = { UserPoolId: `${pool().region}_000000000` }

    const name = await refusal(pool().cognito.send(newUser(uniqueName(), elsewhere)))

    expect(name).toBe('ResourceNotFoundException')
  })
})
