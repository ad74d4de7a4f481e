import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CreateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, claimsOf, goodPassword, startTestPool, tokensOf } from '../test-aws.ts'

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string

describe('the tokens of a sign-in', () => {
  it('hold the claims that AWS writes, and no others', async () => {
    const pool = await startTestPool({
      pool: { Schema: ['level', 'badge'].map((Name) => ({ Name, AttributeDataType: 'String' })) },
      client: { ReadAttributes: ['email', 'email_verified', 'custom:level'] },
    })
    const user = { UserPoolId: pool.poolId, Username: 'ada' }
    const values = { 'custom:level': '3', 'custom:badge': 'b', email: 'ada@example.com', email_verified: 'True' }
    const UserAttributes = Object.entries(values).map(([Name, Value]) => ({ Name, Value }))
    const { User } = await pool.cognito.send(new AdminCreateUserCommand({ ...user, UserAttributes }))
    await pool.cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: goodPassword, Permanent: true }))
    for (const GroupName of ['readers', 'writers']) {
      await pool.cognito.send(new CreateGroupCommand({ UserPoolId: pool.poolId, GroupName }))
      await pool.cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }))
    }
    const now = Math.floor(pool.clock.now / 1000)

    const { AccessToken, IdToken } = await tokensOf(pool, 'ada')

    const common = {
      sub: User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value,
      'cognito:groups': ['readers', 'writers'],
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${pool.poolId}`,
      origin_jti: uuid,
      event_id: uuid,
      auth_time: now,
      exp: now + 3600,
      iat: now,
      jti: uuid,
    }
    const scope = 'aws.cognito.signin.user.admin'
    expect(claimsOf(AccessToken)).toEqual({
      ...common,
      token_use: 'access',
      client_id: pool.clientId,
      scope,
      username: 'ada',
    })
    const seen = { 'custom:level': '3', email: 'ada@example.com', email_verified: true }
    expect(claimsOf(IdToken)).toEqual({
      ...common,
      ...seen,
      token_use: 'id',
      aud: pool.clientId,
      'cognito:username': 'ada',
    })
  })

  it('have no origin_jti where the client does not revoke tokens, and another jti at each sign-in', async () => {
    const pool = await startTestPool({ client: { EnableTokenRevocation: false } })
    await addUser(pool, 'ada')

    const [one, other] = [await tokensOf(pool, 'ada'), await tokensOf(pool, 'ada')]

    expect(claimsOf(one.AccessToken)).not.toHaveProperty('origin_jti')
    expect(claimsOf(one.AccessToken)['jti']).not.toBe(claimsOf(other.AccessToken)['jti'])
  })
})
