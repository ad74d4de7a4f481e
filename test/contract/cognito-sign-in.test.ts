import {
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
  InitiateAuthCommand,
  type InitiateAuthCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { randomPassword } from '#shared/text/random-text.ts'
import { uniqueName, usePool } from './support/pool.ts'
import { accepted, refusal, refused, statement } from './support/statement.ts'
import { createConfirmedUser, createUser, initiateAuth, refresh, secretHash, signIn, whose } from './support/users.ts'

const pool = usePool()

function passwordGrant(parameters: Record<string, string>, clientId: string): Promise<InitiateAuthCommandOutput> {
  return pool().cognito.send(
    new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: clientId, AuthParameters: parameters }),
  )
}

function signInWith(username: string, password: string): Promise<InitiateAuthCommandOutput> {
  return initiateAuth(pool(), { client: pool().clients.service, username, password })
}

describe('InitiateAuth with USER_PASSWORD_AUTH', () => {
  statement(
    'a sign-in answers with an access, an ID and a refresh token, of type Bearer, and no challenge',
    async () => {
      const { username, password } = await createConfirmedUser(pool())

      const { AuthenticationResult: result, ChallengeName: challenge } = await signInWith(username, password)

      expect(challenge).toBeUndefined()
      expect(result?.TokenType).toBe('Bearer')
      expect([result?.AccessToken, result?.IdToken, result?.RefreshToken]).not.toContain(undefined)
    },
  )

  statement('a sign-in needs no AWS credentials', async () => {
    const { username, password } = await createConfirmedUser(pool())
    const request = { client: pool().clients.service, username, password }

    const { AuthenticationResult: result } = await initiateAuth({ cognito: pool().anonymousCognito }, request)

    expect(result?.AccessToken).toBeTypeOf('string')
  })

  accepted('a sign-in takes the name in another case, with the SECRET_HASH of what is sent', async () => {
    const { username, password } = await createConfirmedUser(pool())
    return signInWith(username.toUpperCase(), password)
  })

  statement('a temporary password is answered with NEW_PASSWORD_REQUIRED, a session and no tokens', async () => {
    const { username, password } = await createUser(pool())

    const answer = await signInWith(username, password)

    expect(answer.ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    expect(answer.Session?.length).toBeGreaterThanOrEqual(20)
    expect(answer.AuthenticationResult).toBeUndefined()
  })

  statement('a temporary password is dead after a permanent one was set', async () => {
    const { username, password: temporary } = await createUser(pool())
    await setPermanentPassword(username)

    expect(await refusal(signInWith(username, temporary))).toBe('NotAuthorizedException')
  })

  refused('a wrong password is NotAuthorizedException', async () => {
    const { username } = await createConfirmedUser(pool())
    return signInWith(username, randomPassword().expose())
  })

  refused('a name that nobody has is NotAuthorizedException, as a wrong password is', () =>
    signInWith(uniqueName(), randomPassword().expose()),
  )

  // A sub stands for the username where an administrator names a user, not where a user gives a name of their own.
  refused('a sign-in with the sub in place of the username is NotAuthorizedException', async () => {
    const { sub, password } = await createConfirmedUser(pool())
    return signInWith(sub, password)
  })

  refused('a sign-in without SECRET_HASH is NotAuthorizedException when the client has a secret', async () => {
    const { username, password } = await createConfirmedUser(pool())
    return passwordGrant({ USERNAME: username, PASSWORD: password }, pool().serviceClientId)
  })

  refused('a sign-in with the SECRET_HASH of another client is NotAuthorizedException', async () => {
    const { username, password } = await createConfirmedUser(pool())
    const { machine, service } = pool().clients
    const wrongHash = secretHash({ id: service.id, secret: machine.secret }, username)
    return passwordGrant({ USERNAME: username, PASSWORD: password, SECRET_HASH: wrongHash }, service.id)
  })

  refused('a sign-in without USERNAME is InvalidParameterException', () =>
    passwordGrant({ PASSWORD: randomPassword().expose(), SECRET_HASH: 'x' }, pool().serviceClientId),
  )

  refused('a sign-in through a client that does not exist is ResourceNotFoundException', async () => {
    const { username, password } = await createConfirmedUser(pool())
    const client = { id: '0'.repeat(26), secret: 'x' }
    return initiateAuth(pool(), { client, username, password })
  })

  refused('a sign-in through a client that does not allow the flow is InvalidParameterException', async () => {
    const { username, password } = await createConfirmedUser(pool())
    const { UserPoolClient: client } = await pool().cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId: pool().userPoolId,
        ClientName: uniqueName('srp-only'),
        ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      }),
    )
    return passwordGrant({ USERNAME: username, PASSWORD: password }, client?.ClientId ?? '')
  })

  refused('a disabled user is NotAuthorizedException with the right password', async () => {
    const { username, password } = await createConfirmedUser(pool())
    await pool().cognito.send(new AdminDisableUserCommand(whose(pool(), username)))
    return signInWith(username, password)
  })

  accepted('a user who is enabled again signs in with the old password', async () => {
    const { username, password } = await createConfirmedUser(pool())
    await pool().cognito.send(new AdminDisableUserCommand(whose(pool(), username)))
    await pool().cognito.send(new AdminEnableUserCommand(whose(pool(), username)))
    return signInWith(username, password)
  })

  accepted('four wrong passwords do not lock a user out', async () => {
    const { username, password } = await createConfirmedUser(pool())
    for (let attempt = 1; attempt <= 4; attempt += 1) await refusal(signInWith(username, randomPassword().expose()))
    return signInWith(username, password)
  })

  refused('after five wrong passwords the right one is NotAuthorizedException too', async () => {
    const { username, password } = await createConfirmedUser(pool())
    for (let attempt = 1; attempt <= 5; attempt += 1) await refusal(signInWith(username, randomPassword().expose()))
    return signInWith(username, password)
  })

  accepted('the lock after five wrong passwords ends by itself', async () => {
    const { username, password } = await createConfirmedUser(pool())
    for (let attempt = 1; attempt <= 5; attempt += 1) await refusal(signInWith(username, randomPassword().expose()))
    await delay(2_000)
    return signInWith(username, password)
  })
})

describe('InitiateAuth with REFRESH_TOKEN_AUTH', () => {
  statement('a refresh gives a new access token and no new refresh token', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken, refreshToken } = await signIn(pool(), user)

    const { AuthenticationResult: result } = await refresh(pool(), user, refreshToken)

    expect(result?.AccessToken).toBeTypeOf('string')
    expect(result?.AccessToken).not.toBe(accessToken)
    expect(result?.RefreshToken).toBeUndefined()
  })
})

async function setPermanentPassword(username: string): Promise<void> {
  await pool().cognito.send(
    new AdminSetUserPasswordCommand({
      ...whose(pool(), username),
      Password: randomPassword().expose(),
      Permanent: true,
    }),
  )
}
