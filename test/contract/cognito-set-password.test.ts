import { AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { randomPassword } from '#shared/text/random-text.ts'
import { uniqueName, usePool } from './support/pool.ts'
import { accepted, refusal, refused, refusedEach, statement } from './support/statement.ts'
import { createConfirmedUser, createUser, getUser, initiateAuth, whose } from './support/users.ts'

const pool = usePool()

function setPassword(username: string, password: string, { permanent = true } = {}): Promise<unknown> {
  return pool().cognito.send(
    new AdminSetUserPasswordCommand({ ...whose(pool(), username), Password: password, Permanent: permanent }),
  )
}

/** Of a new user. */
async function setNew(password: string): Promise<unknown> {
  return setPassword((await createUser(pool())).username, password)
}

function signInWith(username: string, password: string): Promise<unknown> {
  return initiateAuth(pool(), { client: pool().clients.service, username, password })
}

describe('AdminSetUserPassword', () => {
  statement('AdminSetUserPassword with Permanent makes the user CONFIRMED', async () => {
    const { username } = await createUser(pool())

    await setPassword(username, randomPassword().expose())

    expect((await getUser(pool(), username)).UserStatus).toBe('CONFIRMED')
  })

  statement('AdminSetUserPassword without Permanent puts the user into FORCE_CHANGE_PASSWORD', async () => {
    const { username } = await createConfirmedUser(pool())

    await setPassword(username, randomPassword().expose(), { permanent: false })

    expect((await getUser(pool(), username)).UserStatus).toBe('FORCE_CHANGE_PASSWORD')
  })

  statement('AdminSetUserPassword takes a sub in place of the username', async () => {
    const { sub } = await createUser(pool())

    await setPassword(sub, randomPassword().expose())

    expect((await getUser(pool(), sub)).UserStatus).toBe('CONFIRMED')
  })

  accepted('AdminSetUserPassword with the same password again succeeds', async () => {
    const { username, password } = await createConfirmedUser(pool())
    return setPassword(username, password)
  })

  for (const { lacks, password } of [
    { lacks: 'a twelfth character', password: 'Abcdefg-123' },
    { lacks: 'an upper-case letter', password: 'abcdefgh-123' },
    { lacks: 'a lower-case letter', password: 'ABCDEFGH-123' },
    { lacks: 'a digit', password: 'Abcdefghijk-' },
    { lacks: 'a symbol', password: 'Abcdefghi123' },
  ]) {
    refused(`AdminSetUserPassword of a password without ${lacks} is InvalidPasswordException`, () => setNew(password))
  }

  accepted('AdminSetUserPassword takes a password of exactly twelve characters', () => setNew('Abcdefgh-123'))
  accepted('AdminSetUserPassword takes a password of 256 characters', () => setNew('Aa1-'.repeat(64)))
  refused('AdminSetUserPassword of a password of 257 characters is InvalidParameterException', () =>
    setNew(`${'Aa1-'.repeat(64)}x`),
  )

  // managing-users-passwords.html counts it among the special characters; aws-amplify/amplify-swift#3129.
  statement('AdminSetUserPassword takes a space inside of a password, and counts it as a symbol', async () => {
    const { username } = await createUser(pool())

    expect(await refusal(setPassword(username, 'Abcdefgh 123'))).toBe('none')
    expect(await refusal(signInWith(username, 'Abcdefgh 123'))).toBe('none')
  })

  // Recorded: "Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$", cds-snc/platform-forms-client#5635.
  refusedEach(
    'AdminSetUserPassword of a password that begins or ends with a space is InvalidParameterException',
    [' Abcdefgh-123', 'Abcdefgh-123 '],
    setNew,
  )

  refused('AdminSetUserPassword of a name that nobody has is UserNotFoundException', () =>
    setPassword(uniqueName(), randomPassword().expose()),
  )
})
