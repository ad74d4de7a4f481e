import { describe, expect, it } from 'vitest'
import { createClientCredentialsSignIn } from '#services/app1-provisioner/machine/client-credentials-sign-in.ts'
import type { SignInResult } from '#services/app1-provisioner/machine/sign-in.ts'
import { RefusedAnswerError, type Answer } from '#shared/aws/send-once.ts'
import { answerOf, recordingSend } from '#test/support/answers.ts'
import { machineClient, unsignedToken } from '#test/support/machine-secrets.ts'

const tokenEndpoint = new URL('https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token')

const good = { access_token: unsignedToken({ scope: 'app2/users.create' }), token_type: 'Bearer', expires_in: 300 }

/** A token endpoint that answers as told, once. */
function setUp(answer: () => Promise<Answer>) {
  const send = recordingSend(answer)
  const signIn = (signal = AbortSignal.timeout(1_000)): Promise<SignInResult> =>
    createClientCredentialsSignIn({ send, tokenEndpoint, scope: 'app2/users.create' })(machineClient(), signal)
  return { sent: send.sent, signIn }
}

const answering = (status: number, body: unknown): Promise<unknown> =>
  setUp(() => Promise.resolve(answerOf(body, { status })))
    .signIn()
    .catch((error: unknown) => error)

const failing = (error: Error): Promise<unknown> =>
  setUp(() => Promise.reject(error))
    .signIn()
    .catch((thrown: unknown) => thrown)

describe('a token of the token endpoint', () => {
  it('is asked for once, by client_secret_basic, with the one scope', async () => {
    const { sent, signIn } = setUp(() => Promise.resolve(answerOf(good)))

    const result = await signIn()

    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({
      url: tokenEndpoint,
      headers: {
        // printf scopeclient:scope-client-secret-canary | base64
        authorization: 'Basic c2NvcGVjbGllbnQ6c2NvcGUtY2xpZW50LXNlY3JldC1jYW5hcnk=',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: Buffer.from('grant_type=client_credentials&scope=app2%2Fusers.create'),
    })
    expect(result).toMatchObject({ kind: 'signed_in', expiresInSeconds: 300 })
    expect(result.kind === 'signed_in' && result.accessToken.expose()).toBe(good.access_token)
    expect(JSON.stringify(result)).not.toContain(good.access_token)
  })

  it('may be opaque to App1 when the answer names the scope', async () => {
    const answer = { ...good, access_token: 'opaque', token_type: 'bearer', scope: 'app2/users.create' }

    expect(await answering(200, answer)).toMatchObject({ kind: 'signed_in' })
  })

  it.each([
    { ...good, scope: 'app2/users.create app2/sample.call' },
    { ...good, scope: 'app2/users.creat' },
    { ...good, scope: '' },
    { ...good, access_token: unsignedToken({ scope: 'app2/users.create app2/sample.call' }) },
    { ...good, access_token: unsignedToken({}) },
    { ...good, access_token: 'opaque' },
  ])('with more or less than the one scope is not used: %j', async (answer) => {
    expect(await answering(200, answer)).toEqual({ kind: 'misconfigured', reason: 'unexpected_scope' })
  })

  it.each([
    [400, { error: 'invalid_client' }],
    [401, { error: 'invalid_client' }],
    [400, { error: 'invalid_client', error_description: 'invalid_scope' }],
    [400, { error: 'something_new' }],
  ])('refused with %i %j is rejected', async (status, body) => {
    expect(await answering(status, body)).toEqual({ kind: 'rejected' })
  })

  it.each(['invalid_request', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'])(
    'refused with %s is misconfigured',
    async (error) => {
      expect(await answering(400, { error })).toEqual({ kind: 'misconfigured', reason: error })
    },
  )

  it.each([201, 402, 403, 404, 405])('answered with %i comes from something else: misconfigured', async (status) => {
    expect(await answering(status, { ...good, error: 'invalid_client' })).toEqual({
      kind: 'misconfigured',
      reason: `token_endpoint_${status}`,
    })
  })

  it.each([
    [400, {}],
    [400, { error: 1 }],
    [401, 'not json canary'],
  ])('answered with %i %j is no word of a token endpoint about the secret: misconfigured', async (status, body) => {
    expect(await answering(status, body)).toEqual({ kind: 'misconfigured', reason: `token_endpoint_${status}` })
  })

  it.each([
    [429, 'throttled'],
    [500, 'upstream_unavailable'],
    [503, 'upstream_unavailable'],
  ])('answered with %i says nothing of the secret: %s', async (status, code) => {
    expect(await answering(status, { error: 'invalid_client' })).toMatchObject({
      code,
      reason: `token_endpoint_${status}`,
    })
  })

  it.each([
    'not json canary',
    null,
    { ...good, access_token: '' },
    { ...good, access_token: undefined },
    { ...good, token_type: 'mac' },
    { ...good, token_type: 'Bearer, mac' },
    { ...good, expires_in: '300' },
    { ...good, expires_in: 0 },
    { ...good, scope: ['app2/users.create'] },
  ])('in the answer %j is not believed', async (body) => {
    const error = await answering(200, body)

    expect(error).toMatchObject({ code: 'upstream_error', reason: 'token_endpoint_malformed_answer' })
    expect(error).not.toHaveProperty('cause')
  })

  it.each([
    [new DOMException('', 'TimeoutError'), 'upstream_timeout', 'token_endpoint_timeout'],
    [new DOMException('', 'AbortError'), 'upstream_timeout', 'token_endpoint_timeout'],
    [new RefusedAnswerError('redirect'), 'upstream_error', 'token_endpoint_redirect'],
    [new RefusedAnswerError('answer_too_large'), 'upstream_error', 'token_endpoint_answer_too_large'],
    [new Error('canary'), 'upstream_unavailable', 'token_endpoint_unreachable'],
  ])('that fails with %s throws %s', async (failure, code, reason) => {
    const error = await failing(failure)

    expect(error).toMatchObject({ code, reason })
    expect(error).not.toHaveProperty('cause')
  })

  it('is no longer waited for when the flight is over', async () => {
    const { sent, signIn } = setUp(() => Promise.resolve(answerOf(good)))
    const flight = new AbortController()
    await signIn(flight.signal)
    const signal = sent[0]?.signal

    expect(signal?.aborted).toBe(false)
    flight.abort()
    expect(signal?.aborted).toBe(true)
  })
})
