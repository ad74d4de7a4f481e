import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  type AttributeType,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { randomPassword } from '#shared/text/random-text.ts'
import { uniqueName, usePool } from './support/pool.ts'
import { accepted, refusal, refused, refusedEach, statement } from './support/statement.ts'
import { createConfirmedUser, createUser, getUser } from './support/users.ts'

const pool = usePool()

function create(username: string, changes: Partial<AdminCreateUserCommandInput> = {}) {
  const user = { UserPoolId: pool().userPoolId, Username: username, TemporaryPassword: randomPassword().expose() }
  return pool().cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS', ...changes }))
}

function createWith(...attributes: AttributeType[]): Promise<unknown> {
  return create(uniqueName(), { UserAttributes: attributes })
}

describe('AdminCreateUser', () => {
  statement('AdminCreateUser with SUPPRESS leaves an enabled user in FORCE_CHANGE_PASSWORD', async () => {
    const username = uniqueName()

    const { User: user } = await create(username)

    expect(user).toMatchObject({ Username: username, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' })
    expect(user?.UserCreateDate).toBeInstanceOf(Date)
  })

  statement('AdminCreateUser answers with a sub of its own in the form of a UUID', async () => {
    const { User: user } = await create(uniqueName())

    const sub = user?.Attributes?.find(({ Name }) => Name === 'sub')?.Value
    expect(sub).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  statement('AdminCreateUser keeps the custom attributes that the pool declares', async () => {
    const username = uniqueName()
    const attributes = [
      { Name: 'custom:human_user_id', Value: 'alice@example.com' },
      { Name: 'custom:provisioning_id', Value: `v1.${'A'.repeat(22)}.${'B'.repeat(21)}Q` },
    ]

    await create(username, { UserAttributes: attributes })

    expect((await getUser(pool(), username)).UserAttributes).toEqual(expect.arrayContaining(attributes))
  })

  statement('AdminCreateUser of a name that exists is UsernameExistsException', async () => {
    const { username } = await createConfirmedUser(pool())

    const name = await refusal(create(username))

    expect(name).toBe('UsernameExistsException')
    expect((await getUser(pool(), username)).UserStatus).toBe('CONFIRMED')
  })

  refused('AdminCreateUser of a name that exists in another case is UsernameExistsException', async () => {
    const { username } = await createUser(pool())
    return create(username.toUpperCase())
  })

  refused('AdminCreateUser of a name with a space is InvalidParameterException', () => create(`${uniqueName()} x`))

  statement('AdminCreateUser takes a name of 128 characters', async () => {
    const username = uniqueName().padEnd(128, 'x')

    const { User: user } = await create(username)

    expect(user?.Username).toBe(username)
  })

  refused('AdminCreateUser of a name of 129 characters is InvalidParameterException', () =>
    create(uniqueName().padEnd(129, 'x')),
  )

  refused('AdminCreateUser with a temporary password outside the policy is InvalidPasswordException', () =>
    create(uniqueName(), { TemporaryPassword: 'alllowercase1!' }),
  )

  refused('AdminCreateUser with an attribute that the pool does not declare is InvalidParameterException', () =>
    createWith({ Name: 'custom:undeclared', Value: 'x' }),
  )
  accepted('AdminCreateUser takes an attribute of the longest declared length', () =>
    createWith({ Name: 'custom:human_user_id', Value: 'x'.repeat(256) }),
  )
  refused('AdminCreateUser with an attribute longer than declared is InvalidParameterException', () =>
    createWith({ Name: 'custom:human_user_id', Value: 'x'.repeat(257) }),
  )

  // What clients in Python make of their own True; Cognito reads a Boolean in any case.
  accepted('AdminCreateUser takes True of a Boolean attribute, in any case', () =>
    createWith(
      ...[
        { Name: 'email', Value: 'ada@example.com' },
        { Name: 'email_verified', Value: 'True' },
      ],
    ),
  )

  // user-pool-settings-attributes.html; recorded: "Invalid email address format." and "Invalid phone number format.",
  // aws-amplify/amplify-js#8274.
  refusedEach(
    'AdminCreateUser with a malformed e-mail address is InvalidParameterException',
    ['ada.example.com', 'ada@', '@example.com', 'ada lovelace@example.com', 'ada@b@example.com'],
    (email) => createWith({ Name: 'email', Value: email }),
  )

  refusedEach(
    'AdminCreateUser with a malformed telephone number is InvalidParameterException',
    ['2065550100', '+1 206 555 0100', '+1(206)5550100', '+', '+1206555010x'],
    (number) => createWith({ Name: 'phone_number', Value: number }),
  )

  accepted('AdminCreateUser takes a telephone number of a plus sign, the country code and digits', () =>
    createWith({ Name: 'phone_number', Value: '+12065550100' }),
  )

  refused('AdminCreateUser in a pool that does not exist is ResourceNotFoundException', () =>
    create(uniqueName(), { UserPoolId: `${pool().region}_000000000` }),
  )
})
