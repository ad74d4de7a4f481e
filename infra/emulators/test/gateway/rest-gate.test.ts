import { describe, expect, it, vi } from 'vitest'
import { gatewayResponses } from './fixtures/gateway-responses.ts'
import { startRestApi, type RestRoute } from '../../gateway/rest-api.ts'
import { invokePolicy, newSigningCredential } from '../../gateway/signing-credential.ts'
import { createSigner, jwksOf, testPool } from '../../../../test/support/tokens.ts'
import { startRest } from './running-api.ts'
import { signedHeaders } from './sign-request.ts'

const arn = 'arn:aws:sts::123456789012:assumed-role/provisioner/session-1'
const provisioner = newSigningCredential({ arn, policy: invokePolicy('POST/admin/create-user') })
const stranger = newSigningCredential({ arn, policy: invokePolicy('GET/health') })
const key = createSigner('pool-key')

async function start(authorization: RestRoute['authorization']) {
  const userPool = { issuer: testPool.issuer, fetchJwks: () => Promise.resolve(jwksOf(key)) }
  const running = await startRest({ credentials: [provisioner, stranger], userPool }, authorization)
  const url = `${running.api.url}/admin/create-user`
  const { host } = new URL(url)
  return {
    ...running,
    url,
    post: (headers: Record<string, string> = {}) => running.post('/admin/create-user', { headers }),
    sign: (credential = provisioner) =>
      signedHeaders({ path: '/admin/create-user', body: '{}', headers: { host } }, { credential, now: Date.now() }),
  }
}

describe('a route that IAM guards', () => {
  it('serves the signer that may invoke it, and tells the function who it is', async () => {
    const { events, post, sign } = await start({ kind: 'iam' })

    const response = await post(await sign())

    expect(response.status).toBe(200)
    expect(events[0]?.requestContext.identity).toMatchObject({
      accessKey: provisioner.accessKeyId,
      accountId: '123456789012',
      caller: 'AROALOCAL:session-1',
      user: 'AROALOCAL:session-1',
      userArn: arn,
    })
    expect(Object.hasOwn(events[0]?.requestContext ?? {}, 'authorizer')).toBe(false)
    for (const headers of [events[0]?.headers, events[0]?.multiValueHeaders]) {
      expect(Object.keys(headers ?? {}).map((name) => name.toLowerCase())).not.toContain('authorization')
    }
  })

  it.each([
    ['nothing', {}, 'MISSING_AUTHENTICATION_TOKEN', 'MissingAuthenticationTokenException'],
    ['a bearer token', { authorization: 'Bearer a.b.c' }, 'INVALID_SIGNATURE', 'IncompleteSignatureException'],
  ])('refuses %s with 403 and the name of AWS’s error', async (_, headers, responseType, errorType) => {
    const { lambda, post, refusals } = await start({ kind: 'iam' })

    const response = await post(headers)

    expect(response.status).toBe(403)
    expect(response.headers.get('x-amzn-errortype')).toBe(errorType)
    expect(await response.json()).toMatchObject({ type: responseType })
    expect(refusals).toMatchObject([{ responseType, status: 403 }])
    expect(lambda).not.toHaveBeenCalled()
  })

  it.each([
    ['without the permission', stranger, 'ACCESS_DENIED', 'AccessDeniedException'],
    ['with another secret', { ...provisioner, secretAccessKey: 'x' }, 'INVALID_SIGNATURE', 'InvalidSignatureException'],
    ['that nobody knows', { ...provisioner, accessKeyId: 'ASIAX' }, 'ACCESS_DENIED', 'UnrecognizedClientException'],
  ])('refuses credentials %s with 403', async (_, credential, responseType, errorType) => {
    const { lambda, post, refusals, sign } = await start({ kind: 'iam' })

    const response = await post(await sign(credential))

    expect(response.status).toBe(403)
    expect(response.headers.get('x-amzn-errortype')).toBe(errorType)
    expect(refusals).toMatchObject([{ responseType }])
    expect(lambda).not.toHaveBeenCalled()
  })
})

describe('a route that API Gateway’s Cognito authorizer guards', () => {
  const cognito = { kind: 'cognito', scopes: ['app2/users.create'] } as const
  const machineToken = (scope: string) =>
    key.accessToken({ claims: { scope, client_id: 'machine', username: undefined, 'cognito:groups': undefined } })

  it('serves a token with the scope, and hands its claims over as text', async () => {
    const { events, post } = await start(cognito)

    const response = await post({ authorization: `Bearer ${machineToken('app2/users.create')}` })

    expect(response.status).toBe(200)
    expect(events[0]?.requestContext.authorizer).toEqual({
      claims: expect.objectContaining({ client_id: 'machine', scope: 'app2/users.create' }) as unknown,
    })
    expect(events[0]?.requestContext.identity.userArn).toBeNull()
  })

  it.each([
    ['no token', {}],
    ['another scope', { authorization: `Bearer ${machineToken('app2/sample.call')}` }],
    ['a user’s token', { authorization: `Bearer ${key.accessToken()}` }],
    ['two tokens', { authorization: `Bearer ${machineToken('app2/users.create')}, Bearer x` }],
  ])('answers %s with 401', async (_, headers) => {
    const { lambda, post, refusals } = await start(cognito)

    const response = await post(headers)

    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ type: 'UNAUTHORIZED' })
    expect(refusals).toMatchObject([{ responseType: 'UNAUTHORIZED' }])
    expect(lambda).not.toHaveBeenCalled()
  })
})

describe('a route whose gate is not set up', () => {
  it.each([{ kind: 'token' }, { kind: 'iam' }, { kind: 'cognito', scopes: ['a'] }] as const)(
    'of the kind $kind keeps the API from starting',
    async (authorization) => {
      const routes: RestRoute[] = [{ method: 'POST', path: '/sample', function: vi.fn(), authorization }]

      await expect(startRestApi({ gatewayResponses, routes })).rejects.toThrow(
        `a route wants authorization of the kind ${authorization.kind}, which is not set up`,
      )
    },
  )
})
