import { describe, expect, it } from 'vitest'
import { startHttpApi } from '../../gateway/http-api.ts'
import { invokePolicy, newSigningCredential } from '../../gateway/signing-credential.ts'
import { canSign, curl, whySkipped } from './curl.ts'
import { callerArn as arn, startHttp } from './running-api.ts'
import { signedHeaders } from './sign-request.ts'

const credential = newSigningCredential({ arn, policy: invokePolicy('*') })
const withoutPermission = newSigningCredential({ arn, policy: invokePolicy('GET/health') })
const nobody = newSigningCredential({ arn, policy: invokePolicy('*') })

const start = () => startHttp({ callerArn: null, credentials: [credential, withoutPermission] })

async function post(url: string, signer = credential, body = '{}'): Promise<Response> {
  const path = '/create-service-user'
  const { host, ...headers } = await signedHeaders(
    { path, body, headers: { host: new URL(url).host, 'content-type': 'application/json' } },
    { credential: signer, now: Date.now() },
  )
  expect(host).toBe(new URL(url).host)
  return fetch(`${url}${path}`, { method: 'POST', headers, body })
}

describe('startHttpApi with credentials', () => {
  it('the event names who signed, and the signature stays at the gateway', async () => {
    const { api, events } = await start()

    const response = await post(api.url)

    expect(response.status).toBe(201)
    expect(events[0]?.requestContext.authorizer.iam).toEqual({
      accessKey: credential.accessKeyId,
      accountId: '123456789012',
      callerId: 'AROALOCAL:alice',
      cognitoIdentity: null,
      principalOrgId: '',
      userArn: arn,
      userId: 'AROALOCAL:alice',
    })
    expect(Object.keys(events[0]?.headers ?? {})).not.toContain('authorization')
    expect(JSON.stringify(events)).not.toContain(credential.secretAccessKey)
  })

  it.each([
    ['nothing', undefined, 'request is not signed'],
    ['credentials that are not known', nobody, 'credentials are not known'],
    ['another secret', { ...credential, secretAccessKey: 'x' }, 'signature does not match'],
    ['credentials without the permission', withoutPermission, 'signer may not invoke this method'],
  ])('signed with %s it is 403, in the same words', async (_, signer, reason) => {
    const { api, lambda, refusals } = await start()

    const response = await (signer ? post(api.url, signer) : fetch(`${api.url}/health`))

    expect(response.status).toBe(403)
    expect(await response.text()).toBe('{"message":"Forbidden"}')
    expect(refusals).toMatchObject([{ status: 403, reason }])
    expect(lambda).not.toHaveBeenCalled()
  })

  it('a caller cannot be taken for granted beside credentials', async () => {
    await expect(startHttpApi({ routes: [], callerArn: arn, credentials: [] })).rejects.toThrow(
      'a caller is either taken for granted or known by its signature',
    )
  })
})

describe.skipIf(!canSign)(`startHttpApi with credentials, called by curl${whySkipped}`, () => {
  it.each([
    ['ASCII', '{"a":1}'],
    ['UTF-8', '{"name":"Zoë ✓"}'],
  ])('a body in %s is signed as it is sent', async (_, body) => {
    const { api, events } = await start()

    const answer = await curl(`${api.url}/create-service-user`, { credential, body })

    expect(answer).toEqual({ status: 201, body: '{"ok":true}' })
    expect(events[0]).toMatchObject({ body, requestContext: { authorizer: { iam: { userArn: arn } } } })
  })

  it('a GET with a query and a header of its own is signed', async () => {
    const { api, events } = await start()

    const answer = await curl(`${api.url}/health?a=1&b=x%20y`, { credential, args: ['-H', 'x-amz-note: hello'] })

    expect(answer.status).toBe(201)
    expect(events[0]?.headers['x-amz-note']).toBe('hello')
  })
})
