import {
  AdminAddUserToGroupCommand,
  AdminUpdateUserAttributesCommand,
  CreateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { CognitoJwtInvalidTokenUseError } from 'aws-jwt-verify/error'
import { describe, expect, it } from 'vitest'
import { addUser, claimsOf, startTestPool, tokensOf, type TestPool } from '../test-aws.ts'

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string

async function startWithGroups(groups: readonly string[]): Promise<TestPool & { sub: string }> {
  const pool = await startTestPool()
  const sub = await addUser(pool, 'ada')
  for (const GroupName of groups) {
    await pool.cognito.send(new CreateGroupCommand({ UserPoolId: pool.poolId, GroupName }))
    await pool.cognito.send(new AdminAddUserToGroupCommand({ UserPoolId: pool.poolId, Username: 'ada', GroupName }))
  }
  return { ...pool, sub }
}

describe('an access token', () => {
  it('holds the claims that AWS writes, and no others', async () => {
    const pool = await startWithGroups(['readers', 'writers'])
    const now = Math.floor(pool.clock.now / 1000)

    const { AccessToken } = await tokensOf(pool, 'ada')

    expect(claimsOf(AccessToken)).toEqual({
      sub: pool.sub,
      'cognito:groups': ['readers', 'writers'],
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${pool.poolId}`,
      client_id: pool.clientId,
      origin_jti: uuid,
      event_id: uuid,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: now,
      exp: now + 3600,
      iat: now,
      jti: uuid,
      username: 'ada',
    })
  })

  it('has no groups claim for a user without groups', async () => {
    const pool = await startWithGroups([])

    const { AccessToken, IdToken } = await tokensOf(pool, 'ada')

    expect(claimsOf(AccessToken)).not.toHaveProperty('cognito:groups')
    expect(claimsOf(IdToken)).not.toHaveProperty('cognito:groups')
  })

  it('is a new one at each sign-in', async () => {
    const pool = await startWithGroups([])

    const [one, other] = [await tokensOf(pool, 'ada'), await tokensOf(pool, 'ada')]

    const [first, second] = [claimsOf(one.AccessToken), claimsOf(other.AccessToken)]
    expect(first['jti']).not.toBe(second['jti'])
    expect(first['origin_jti']).not.toBe(second['origin_jti'])
  })

  it('has no origin_jti where the client does not revoke tokens', async () => {
    const pool = await startTestPool({ client: { EnableTokenRevocation: false } })
    await addUser(pool, 'ada')

    const { AccessToken } = await tokensOf(pool, 'ada')

    expect(claimsOf(AccessToken)).not.toHaveProperty('origin_jti')
  })

  it('passes the verifier that the pair uses, and as an ID token it does not', async () => {
    const pool = await startWithGroups(['readers'])
    pool.clock.now = Date.now()
    const { AccessToken } = await tokensOf(pool, 'ada')
    const jwks = await (await fetch(`${pool.aws.url}/${pool.poolId}/.well-known/jwks.json`)).json()
    const settings = { userPoolId: pool.poolId, clientId: pool.clientId, groups: 'readers' }
    const [access, id] = (['access', 'id'] as const).map((tokenUse) => {
      const verifier = CognitoJwtVerifier.create({ ...settings, tokenUse })
      verifier.cacheJwks(jwks as Parameters<typeof verifier.cacheJwks>[0])
      return verifier
    })

    await expect(access?.verify(AccessToken)).resolves.toMatchObject({ username: 'ada' })
    await expect(id?.verify(AccessToken)).rejects.toThrow(CognitoJwtInvalidTokenUseError)
  })
})

describe('an ID token', () => {
  it('holds the client as its audience, and the attributes that the client may read', async () => {
    const pool = await startTestPool({
      pool: {
        Schema: [
          { Name: 'level', AttributeDataType: 'Number' },
          { Name: 'badge', AttributeDataType: 'String' },
        ],
      },
      client: { ReadAttributes: ['email', 'email_verified', 'custom:level'] },
    })
    const sub = await addUser(pool, 'ada')
    const values = {
      name: 'Ada',
      email: 'ada@example.com',
      email_verified: 'true',
      'custom:level': '3',
      'custom:badge': 'b',
    }
    await pool.cognito.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool.poolId,
        Username: 'ada',
        UserAttributes: Object.entries(values).map(([Name, Value]) => ({ Name, Value })),
      }),
    )
    const now = Math.floor(pool.clock.now / 1000)

    const { IdToken } = await tokensOf(pool, 'ada')

    expect(claimsOf(IdToken)).toEqual({
      sub,
      email: 'ada@example.com',
      email_verified: true,
      'custom:level': '3',
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${pool.poolId}`,
      'cognito:username': 'ada',
      origin_jti: uuid,
      aud: pool.clientId,
      event_id: uuid,
      token_use: 'id',
      auth_time: now,
      exp: now + 3600,
      iat: now,
      jti: uuid,
    })
  })
})
