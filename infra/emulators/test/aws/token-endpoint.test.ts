import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { readTokenRequest } from '../../aws/token-request.ts'
import { basic, clientCredentials, clientToken, requestToken, startMachinePool } from './machine-pool.ts'
import { addClient, claimsOf } from './test-aws.ts'

const twoScopes = { ...clientCredentials, AllowedOAuthScopes: ['app2/users.create', 'app2/sample.call'] }
const scope = 'app2/users.create'

describe('the token endpoint', () => {
  it('gives a client its own token, with the claims that AWS writes and no others', async () => {
    const pool = await startMachinePool()
    const units = { AccessTokenValidity: 15, TokenValidityUnits: { AccessToken: 'minutes' } } as const
    const client = await addClient(pool, { ...clientCredentials, ...units })
    const now = pool.clock.now / 1000

    const { status, body } = await requestToken(pool, { client, form: { scope } })

    expect(status).toBe(200)
    expect(body).toEqual({ access_token: expect.any(String) as string, expires_in: 900, token_type: 'Bearer' })
    expect(claimsOf(String(body['access_token']))).toEqual({
      sub: client.id,
      token_use: 'access',
      scope,
      auth_time: now,
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${pool.poolId}`,
      exp: now + 900,
      iat: now,
      version: 2,
      jti: expect.any(String) as string,
      client_id: client.id,
    })
  })

  it.each([
    ['all that the client has, where none is asked for', {}, 'app2/users.create app2/sample.call'],
    ['all, where the scope is blank', { scope: ' ' }, 'app2/users.create app2/sample.call'],
    ['the one that is asked for', { scope: 'app2/sample.call' }, 'app2/sample.call'],
    ['each once', { scope: `${scope} ${scope}` }, scope],
  ])('gives scopes: %s, also for credentials in the form', async (_what, form, expected) => {
    const pool = await startMachinePool()
    const client = await addClient(pool, twoScopes)

    const inForm = { ...form, client_id: client.id, client_secret: client.secret }
    const answers = [await requestToken(pool, { client, form }), await requestToken(pool, { form: inForm })]

    for (const { body } of answers) expect(claimsOf(String(body['access_token']))['scope']).toBe(expected)
  })

  it.each([
    ['another scope of the server', { scope: 'app2/sample.call' }, 'invalid_scope'],
    ['one scope too many', { scope: `${scope} app2/sample.call` }, 'invalid_scope'],
    ['a scope in upper case', { scope: scope.toUpperCase() }, 'invalid_scope'],
    ['the start of a scope', { scope: 'app2/users' }, 'invalid_scope'],
    ['a scope of users', { scope: 'aws.cognito.signin.user.admin' }, 'invalid_scope'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['a grant of users', { grant_type: 'refresh_token' }, 'unauthorized_client'],
    ['the secret in both places', { client_secret: 'x' }, 'invalid_request'],
    ['another client id in the form', { client_id: 'other' }, 'invalid_client'],
  ])('refuses %s', async (_what, form, error) => {
    const pool = await startMachinePool()
    const client = await addClient(pool, clientCredentials)

    const answer = await requestToken(pool, { client, form })

    expect(answer).toEqual({ status: 400, body: { error } })
    expect(pool.aws.calls.at(-1)).toMatchObject({ operation: 'TokenEndpoint', error })
  })

  it.each([
    ['a wrong secret', clientCredentials, { secret: 'wrong' }, 'invalid_client'],
    ['an unknown client', clientCredentials, { id: 'unknown' }, 'invalid_client'],
    ['a client of GetClientToken', clientToken, {}, 'unauthorized_client'],
    ['a client of users', { GenerateSecret: true }, {}, 'unauthorized_client'],
    ['a client not switched on', { ...clientCredentials, AllowedOAuthFlowsUserPoolClient: false }, {}, 'invalid_grant'],
  ])('refuses %s', async (_what, input, changed, error) => {
    const pool = await startMachinePool()
    const client = { ...(await addClient(pool, input)), ...changed }

    expect(await requestToken(pool, { client })).toEqual({ status: 400, body: { error } })
  })

  it('answers 405 without a body to another method, and to another media type', async () => {
    const { tokenEndpoint } = await startMachinePool()

    const get = await fetch(tokenEndpoint)
    const json = await fetch(tokenEndpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })

    expect([get.status, await get.text(), json.status, await json.text()]).toEqual([405, '', 405, ''])
  })

  it('answers 404 at a domain that no pool has, and under a name that is not a loopback one, which is not logged', async () => {
    const pool = await startMachinePool()
    const { status } = await requestToken(pool, { url: `${pool.aws.url}/absent/oauth2/token` })
    const before = pool.aws.calls.length

    const request = get(pool.tokenEndpoint, { headers: { host: 'evil.example' } })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()

    expect([status, response.statusCode]).toEqual([404, 404])
    expect(pool.aws.calls).toHaveLength(before)
  })

  it('refuses a body that is not UTF-8', async () => {
    const { tokenEndpoint } = await startMachinePool()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }

    const response = await fetch(tokenEndpoint, { method: 'POST', headers, body: Uint8Array.of(0xff) })

    expect(await response.json()).toEqual({ error: 'invalid_request' })
  })

  it.each([
    ['throttled', 429],
    ['internal_error', 500],
    ['access_denied', 403],
  ] as const)('answers fault %s with %i, before and after the call', async (kind, status) => {
    const pool = await startMachinePool()
    const client = await addClient(pool, clientCredentials)
    const at = { operation: 'TokenEndpoint', kind } as const
    pool.aws.setFaults([
      { ...at, when: 'before', calls: { nth: 1 } },
      { ...at, when: 'after', calls: { nth: 2 } },
    ])

    const answers = [await requestToken(pool, { client }), await requestToken(pool, { client })]
    const third = await requestToken(pool, { client })

    expect([...answers, third].map((answer) => answer.status)).toEqual([status, status, 200])
    expect(pool.aws.calls.slice(-3).map(({ error }) => error)).toEqual([kind, kind, undefined])
  })

  it('waits its latency, and can be cut off', async () => {
    const pool = await startMachinePool({ latencyMs: 1 })
    pool.aws.setFaults([{ operation: 'TokenEndpoint', kind: 'connection_reset', when: 'before', calls: { next: 1 } }])

    await expect(requestToken(pool, {})).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  })

  it('shares the quota of ClientAuthentication', async () => {
    const pool = await startMachinePool()
    const client = await addClient(pool, clientCredentials)
    pool.aws.setQuotaScale(2 / 150)

    const statuses = [1, 2, 3].map(async () => (await requestToken(pool, { client })).status)

    expect((await Promise.all(statuses)).sort()).toEqual([200, 200, 429])
  })
})

describe('a token request', () => {
  const client = { id: 'id', secret: 'a+b' }

  it.each([
    ['', undefined, 'invalid_request'],
    ['grant_type=client_credentials&grant_type=client_credentials', basic(client), 'invalid_request'],
    ['grant_type=client_credentials', undefined, 'invalid_request'],
    ['grant_type=client_credentials&client_id=id', undefined, 'invalid_client'],
    ['grant_type=client_credentials', 'Bearer x', 'invalid_client'],
    ['grant_type=client_credentials', `Basic ${Buffer.from('id').toString('base64')}`, 'invalid_client'],
  ])('%s by %s is %s', (body, authorization, error) => {
    expect(readTokenRequest({ body, authorization })).toEqual({ kind: 'refused', error })
  })

  it('takes the secret of client_secret_basic as it is, and of client_secret_post decoded', () => {
    const body = 'grant_type=client_credentials'
    const request = { clientId: 'id', clientSecret: 'a+b', scopes: undefined }

    expect(readTokenRequest({ body, authorization: basic(client) })).toEqual({ kind: 'read', request })
    expect(readTokenRequest({ body: `${body}&client_id=id&client_secret=a%2Bb`, authorization: undefined })).toEqual({
      kind: 'read',
      request,
    })
  })
})
