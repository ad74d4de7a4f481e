import { AdminAddUserToGroupCommand } from '@aws-sdk/client-cognito-identity-provider'
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  JwtInvalidSignatureError,
} from 'aws-jwt-verify/error'
import { describe, expect } from 'vitest'
import * as z from 'zod/mini'
import { usePool } from './support/pool.ts'
import { statement } from './support/statement.ts'
import { fetchKeys, verify } from './support/tokens.ts'
import { createConfirmedUser, initiateAuth, signIn, whose } from './support/users.ts'

const pool = usePool()

function segmentOf(token: string, index: 0 | 1): Record<string, unknown> {
  const text = Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
}

async function fetchJson(url: string): Promise<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(await (await fetch(url)).json())
}

describe('access tokens', () => {
  statement('an access token verifies with aws-jwt-verify against the keys of the pool', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken } = await signIn(pool(), user)

    const claims = await verify(pool(), accessToken)

    expect(claims.sub).toBe(user.sub)
  })

  statement('an access token names its issuer, use, client, user and scope', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken } = await signIn(pool(), user)

    const claims = segmentOf(accessToken, 1)

    expect(claims).toMatchObject({
      iss: `https://cognito-idp.${pool().region}.amazonaws.com/${pool().userPoolId}`,
      token_use: 'access',
      client_id: pool().serviceClientId,
      username: user.username,
      sub: user.sub,
      scope: 'aws.cognito.signin.user.admin',
    })
    expect(claims).not.toHaveProperty('aud')
  })

  statement('an access token lives as long as the client says, and the answer says how long', async () => {
    const { username, password } = await createConfirmedUser(pool())

    const { AuthenticationResult: result } = await initiateAuth(pool(), {
      client: pool().clients.service,
      username,
      password,
    })

    const { exp, iat } = await verify(pool(), result?.AccessToken ?? '')
    expect(exp - iat).toBe(900)
    expect(result?.ExpiresIn).toBe(900)
  })

  statement('an access token is issued at the time of the sign-in, by the clock of the caller', async () => {
    const nowInSeconds = Date.now() / 1000

    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))

    const { iat, auth_time: authTime } = await verify(pool(), accessToken)
    expect(Math.abs(iat - nowInSeconds)).toBeLessThan(30)
    expect(Math.abs(authTime - nowInSeconds)).toBeLessThan(30)
  })

  statement('an access token carries jti and origin_jti, by which it can be revoked', async () => {
    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))

    const claims = segmentOf(accessToken, 1)

    expect(claims).toMatchObject({ jti: expect.any(String) as string, origin_jti: expect.any(String) as string })
  })

  statement('an access token lists all groups of its user as an array of their exact names', async () => {
    const user = await createConfirmedUser(pool(), { groups: ['api-client', 'service-user'] })
    const { accessToken } = await signIn(pool(), user)

    const groups = (await verify(pool(), accessToken))['cognito:groups']

    expect(groups?.toSorted()).toEqual(['api-client', 'service-user'])
  })

  statement('an access token of a user without groups has no claim of groups at all', async () => {
    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))

    expect(segmentOf(accessToken, 1)).not.toHaveProperty('cognito:groups')
  })

  statement('a group that the user joins is in the tokens that come after, not in those that came before', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken: earlier } = await signIn(pool(), user)
    await pool().cognito.send(
      new AdminAddUserToGroupCommand({ ...whose(pool(), user.username), GroupName: 'service-user' }),
    )

    const { accessToken: later } = await signIn(pool(), user)

    expect((await verify(pool(), earlier))['cognito:groups']).toBeUndefined()
    expect((await verify(pool(), later))['cognito:groups']).toEqual(['service-user'])
  })

  statement('an access token names the client that it was issued to, so that each client knows its own', async () => {
    const user = await createConfirmedUser(pool(), { groups: ['api-client'] })
    const { machine, service } = pool().clients

    const { accessToken } = await signIn(pool(), user, machine)

    expect((await verify(pool(), accessToken, machine)).client_id).toBe(machine.id)
    await expect(verify(pool(), accessToken, service)).rejects.toBeInstanceOf(CognitoJwtInvalidClientIdError)
  })

  statement('an access token with one changed claim does not verify', async () => {
    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))
    const [header, , signature] = accessToken.split('.')
    const payload = { ...segmentOf(accessToken, 1), 'cognito:groups': ['api-client'] }
    const forged = [header, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.')

    await expect(verify(pool(), forged)).rejects.toBeInstanceOf(JwtInvalidSignatureError)
  })

  statement('an access token is signed with RS256 by a key of the pool', async () => {
    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))

    const { alg, kid } = segmentOf(accessToken, 0)

    expect(alg).toBe('RS256')
    expect((await fetchKeys(pool())).map((key) => key.kid)).toContain(kid)
  })

  statement('the OpenID configuration of the pool names the issuer of its tokens and where the keys are', async () => {
    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))

    const configuration = await fetchJson(`${pool().endpoint}/${pool().userPoolId}/.well-known/openid-configuration`)

    expect(configuration).toMatchObject({
      issuer: segmentOf(accessToken, 1)['iss'],
      id_token_signing_alg_values_supported: ['RS256'],
      subject_types_supported: ['public'],
    })
    expect(await fetchJson(String(configuration['jwks_uri']))).toEqual({ keys: await fetchKeys(pool()) })
  })

  statement('an ID token is signed by another key than an access token', async () => {
    const { accessToken, idToken } = await signIn(pool(), await createConfirmedUser(pool()))

    expect(segmentOf(idToken, 0)['kid']).not.toBe(segmentOf(accessToken, 0)['kid'])
  })

  statement('an ID token says that it is one, and does not verify as an access token', async () => {
    const { idToken } = await signIn(pool(), await createConfirmedUser(pool()))

    expect(segmentOf(idToken, 1)).toMatchObject({ token_use: 'id', aud: pool().serviceClientId })
    await expect(verify(pool(), idToken)).rejects.toBeInstanceOf(CognitoJwtInvalidTokenUseError)
  })
})
