import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TokenAuthorizer } from '#services/app2-accounts/authorizer/authorize.ts'
import { listen, type Listening } from '#test/support/listen.ts'
import { stsClaims, testSts } from '#test/support/sts-tokens.ts'
import { createSigner, jwksOf, machineScopeClaims, serviceUserClaims, testPool } from '#test/support/tokens.ts'

const signer = createSigner()
const methodArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/dev/POST/admin/create-user'

let server: Listening
let requests: string[]
let serving: boolean

beforeAll(async () => {
  server = await listen((request, response) => {
    requests.push(request.url ?? '')
    response.writeHead(serving ? 200 : 503).end(JSON.stringify(jwksOf(signer)))
  })
})

afterAll(() => server.close())

beforeEach(() => {
  requests = []
  serving = true
  vi.stubEnv('USER_POOL_ID', testPool.userPoolId)
  vi.stubEnv('MACHINE_CLIENT_ID', testPool.machineClientId)
  vi.stubEnv('SERVICE_CLIENT_ID', testPool.serviceClientId)
  vi.stubEnv('AWS_ENDPOINT_URL', server.url)
})

/** The handler as a fresh Lambda environment loads it. */
async function loadHandler(): Promise<TokenAuthorizer> {
  vi.resetModules()
  const { handler } = await import('#services/app2-accounts/authorizer/handler.ts')
  return handler
}

function captureStdout(): string[] {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  return lines
}

describe('the handler', () => {
  it('takes event and context: Lambda’s Node 24 refuses handlers with a callback', async () => {
    expect(await loadHandler()).toHaveLength(2)
  })

  it('has fetched the keys when it is loaded, and logged nothing', async () => {
    const lines = captureStdout()
    const handler = await loadHandler()
    expect([requests.length, lines]).toEqual([1, []])
    serving = false

    await handler({ authorizationToken: `Bearer ${signer.accessToken()}`, methodArn })

    expect(requests).toHaveLength(1)
  })

  it('answers a real event, with keys from the configured endpoint and one log line', async () => {
    const handler = await loadHandler()
    const lines = captureStdout()

    const event = { authorizationToken: `Bearer ${signer.accessToken()}`, methodArn }
    const result = await handler(event, { awsRequestId: 'lambda-request-id' })

    expect(result.policyDocument.Statement[0]).toMatchObject({
      Effect: 'Allow',
      Resource: [methodArn, methodArn.replace('create-user', 'check-users')],
    })
    expect(requests).toEqual([`/${testPool.userPoolId}/.well-known/jwks.json`])
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'INFO',
      service: 'app2-authorizer',
      message: 'Token accepted',
      request_id: 'lambda-request-id',
      client: 'machine',
      caller_kind: 'user',
    })
    expect(lines[0]?.endsWith('}\n')).toBe(true)
  })

  it('denies the service user the admin route by allowing it only its own', async () => {
    const handler = await loadHandler()
    captureStdout()

    const token = signer.accessToken({ claims: serviceUserClaims })
    const result = await handler({ authorizationToken: `Bearer ${token}`, methodArn })

    const own = methodArn.replace('/admin/create-user', '/sample')
    expect(result.policyDocument.Statement[0].Resource).toContain(own)
    expect(result.policyDocument.Statement[0].Resource).not.toContain(methodArn)
  })

  it('takes the mode from its configuration: the other mode’s machine is unknown', async () => {
    vi.stubEnv('MACHINE_AUTH_ACCEPTED', 'client-token')
    vi.stubEnv('MACHINE_CLIENT_ID', '')
    vi.stubEnv('MACHINE_SCOPE_CLIENT_ID', testPool.machineScopeClientId)
    const handler = await loadHandler()
    const lines = captureStdout()

    const token = signer.accessToken({ claims: machineScopeClaims })
    const result = await handler({ authorizationToken: `Bearer ${token}`, methodArn })
    const refused = handler({ authorizationToken: `Bearer ${signer.accessToken()}`, methodArn })

    expect(result.context).toEqual({
      sub: testPool.machineScopeClientId,
      client: 'machine',
      token: 'machine',
      groups: '',
      scopes: 'app2/users.create',
    })
    await expect(refused).rejects.toThrow(/^Unauthorized$/)
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ reason: 'unknown_client' })
  })

  it('takes tokens of App1’s roles, by the keys of their issuer, where the mode is accepted', async () => {
    vi.stubEnv('MACHINE_AUTH_ACCEPTED', 'sts-token')
    vi.stubEnv('MACHINE_CLIENT_ID', '')
    vi.stubEnv('STS_ISSUER', testSts.issuer)
    vi.stubEnv('PROVISIONER_ROLE_ARNS', testSts.role)
    const handler = await loadHandler()
    const lines = captureStdout()

    const header = JSON.stringify({ alg: 'RS256', kid: signer.kid })
    const token = signer.signText(header, JSON.stringify(stsClaims(Date.now())))
    const result = await handler({ authorizationToken: `Bearer ${token}`, methodArn })

    expect(result.context).toEqual({ sub: testSts.role, token: 'principal' })
    expect(requests).toContain(`/${new URL(testSts.issuer).host}/.well-known/jwks.json`)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'Token accepted', caller_kind: 'principal' })
  })

  it('refuses a token that was issued in the second of its group’s cut-off, and none from the next on', async () => {
    const issuedAt = Math.floor(Date.now() / 1_000) - 60
    const cutOff = new Date(issuedAt * 1_000).toISOString().replace('.000Z', 'Z')
    vi.stubEnv('REFUSE_ISSUED_BEFORE', `api-client=${cutOff}`)
    const handler = await loadHandler()
    captureStdout()
    const tokenOf = (claims: Record<string, unknown>): string => `Bearer ${signer.accessToken({ claims })}`

    const leaked = handler({ authorizationToken: tokenOf({ iat: issuedAt }), methodArn })

    await expect(leaked).rejects.toThrow(/^Unauthorized$/)
    await handler({ authorizationToken: tokenOf({ iat: issuedAt + 1 }), methodArn })
    await handler({ authorizationToken: tokenOf({ ...serviceUserClaims, iat: issuedAt }), methodArn })
  })

  it('refuses a token that expired a second ago by the real clock', async () => {
    const handler = await loadHandler()
    captureStdout()
    const claims = { exp: Math.floor(Date.now() / 1_000) - 1 }
    const authorizationToken = `Bearer ${signer.accessToken({ claims })}`

    await expect(handler({ authorizationToken, methodArn })).rejects.toThrow(/^Unauthorized$/)
  })

  it('is loaded and recovers at the second request when the keys were out of reach until then', async () => {
    serving = false
    const handler = await loadHandler()
    captureStdout()
    const event = { authorizationToken: `Bearer ${signer.accessToken()}`, methodArn }

    await expect(handler(event)).rejects.toMatchObject({ name: 'AuthorizerError', reason: 'jwks_status' })
    serving = true

    expect((await handler(event)).principalId).toBe('0a1b2c3d-0000-4000-8000-00000000cafe')
  })

  it('does not load without its configuration', async () => {
    vi.stubEnv('MACHINE_CLIENT_ID', '')

    await expect(loadHandler()).rejects.toThrow('Configuration refused: MACHINE_CLIENT_ID is missing')
  })
})
