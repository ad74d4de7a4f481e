import { GetClientTokenCommand, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addClient, clientCredentials, clientToken, requestToken, startMachinePool } from '../machine-pool.ts'
import { claimsOf, post, secretHash } from '../test-aws.ts'

describe('GetClientToken', () => {
  it('gives a client its own token, without a signature and without a domain', async () => {
    const pool = await startMachinePool()
    const { id, secret } = await addClient(pool, clientToken)

    const response = await post(pool.aws, 'AWSCognitoIdentityProviderService.GetClientToken', {
      body: JSON.stringify({ ClientId: id, Secret: secret, Scopes: ['app2/users.create'] }),
      headers: { authorization: '' },
    })

    const { ClientAuthenticationResult: result } = (await response.json()) as Record<string, Record<string, unknown>>
    expect(result).toEqual({ AccessToken: expect.any(String) as string, ExpiresIn: 3600, TokenType: 'Bearer' })
    const claims = claimsOf(String(result?.['AccessToken']))
    expect(claims).toMatchObject({ sub: id, client_id: id, token_use: 'access', scope: 'app2/users.create' })
    expect(claims).not.toHaveProperty('username')
    expect(claims).not.toHaveProperty('cognito:groups')
  })

  it('works for a client that has the client_credentials flow besides, and so does the token endpoint', async () => {
    const pool = await startMachinePool()
    const client = await addClient(pool, { ...clientCredentials, ...clientToken })

    const { ClientAuthenticationResult: result } = await pool.cognito.send(
      new GetClientTokenCommand({ ClientId: client.id, Secret: client.secret }),
    )

    expect(claimsOf(result?.AccessToken ?? '')['scope']).toBe('app2/users.create')
    expect((await requestToken(pool, { client })).status).toBe(200)
  })

  it.each([
    ['a wrong secret', clientToken, { Secret: 'x'.repeat(24) }, 'NotAuthorizedException'],
    ['an unknown client', clientToken, { ClientId: 'unknown' }, 'ResourceNotFoundException'],
    [
      'a scope that the client does not have',
      clientToken,
      { Scopes: ['app2/sample.call'] },
      'InvalidParameterException',
    ],
    ['a client without scopes', { ...clientToken, AllowedOAuthScopes: [] }, {}, 'InvalidParameterException'],
    ['a client of client_credentials', clientCredentials, {}, 'InvalidParameterException'],
    ['a client of users', { GenerateSecret: true }, {}, 'InvalidParameterException'],
  ])('refuses %s', async (_what, input, changed, name) => {
    const pool = await startMachinePool()
    const { id, secret } = await addClient(pool, input)

    const call = pool.cognito.send(new GetClientTokenCommand({ ClientId: id, Secret: secret, ...changed }))

    await expect(call).rejects.toMatchObject({ name })
  })
})

describe('a client for machines', () => {
  it.each([
    ['client_credentials', clientCredentials],
    ['GetClientToken', clientToken],
  ])('of %s signs no user in', async (_what, input) => {
    const pool = await startMachinePool()
    const { id: clientId, secret: clientSecret } = await addClient(pool, input)
    const SECRET_HASH = secretHash({ clientId, clientSecret }, 'ada')

    const call = pool.cognito.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: clientId,
        AuthParameters: { USERNAME: 'ada', PASSWORD: 'x', SECRET_HASH },
      }),
    )

    await expect(call).rejects.toMatchObject({ message: 'USER_PASSWORD_AUTH flow not enabled for this client' })
  })
})
