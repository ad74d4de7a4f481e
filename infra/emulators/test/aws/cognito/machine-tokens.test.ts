import { GetClientTokenCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { clientCredentials, clientToken, requestToken, startMachinePool } from '../machine-pool.ts'
import { addClient, claimsOf, refusal } from '../test-aws.ts'

describe('GetClientToken', () => {
  it('works for a client that has the client_credentials flow besides, and so does the token endpoint', async () => {
    const pool = await startMachinePool()
    const client = await addClient(pool, { ...clientCredentials, ...clientToken })

    const { ClientAuthenticationResult: result } = await pool.cognito.send(
      new GetClientTokenCommand({ ClientId: client.id, Secret: client.secret }),
    )

    expect(result).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' })
    expect(claimsOf(result?.AccessToken ?? '')['scope']).toBe('app2/users.create')
    expect((await requestToken(pool, { client })).status).toBe(200)
  })

  it.each([
    ['an unknown client', clientToken, { ClientId: 'unknown' }, 'ResourceNotFoundException'],
    ['a scope that the client lacks', clientToken, { Scopes: ['app2/sample.call'] }, 'InvalidParameterException'],
    ['a client without scopes', { ...clientToken, AllowedOAuthScopes: [] }, {}, 'InvalidParameterException'],
    ['a client of client_credentials', clientCredentials, {}, 'InvalidParameterException'],
    ['a client of users', { GenerateSecret: true }, {}, 'InvalidParameterException'],
  ])('refuses %s', async (_what, input, changed, name) => {
    const pool = await startMachinePool()
    const { id, secret } = await addClient(pool, input)

    const call = pool.cognito.send(new GetClientTokenCommand({ ClientId: id, Secret: secret, ...changed }))

    expect(await refusal(call)).toMatch(new RegExp(`^${name}: `))
  })
})
