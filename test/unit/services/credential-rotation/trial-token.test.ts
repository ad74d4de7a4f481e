import { CognitoIdentityProviderClient, GetClientTokenCommand } from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import { describe, expect, it } from 'vitest'
import { createTrialToken } from '#services/credential-rotation/client-secrets.ts'
import { sendOnce, type SendOnce } from '#shared/aws/send-once.ts'
import { answerOf, recordingSend } from '#test/support/answers.ts'
import { listen } from '#test/support/listen.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

const mock = mockClient(CognitoIdentityProviderClient)
const cognito = new CognitoIdentityProviderClient()
const options = { signal: new AbortController().signal }
const credentials = { clientId: 'id', clientSecret: new SecretValue('canary'), clientSecretId: 'id--1' }
const tokenEndpoint = new URL('https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token')

const tokenWith = (claims: object): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`

function byEndpoint(status: number, body: unknown): ReturnType<typeof createTrialToken> {
  const send: SendOnce = () => Promise.resolve(answerOf(body, { status }))
  return createTrialToken({ cognito, send, tokenEndpoint })
}

describe('the trial token', () => {
  it('of the endpoint is asked for by client_secret_basic, and is good with exactly App1’s scope', async () => {
    const access_token = tokenWith({ scope: 'app2/users.create' })
    const send = recordingSend(() => Promise.resolve(answerOf({ access_token })))

    expect(await createTrialToken({ cognito, send, tokenEndpoint })(credentials, options)).toBe('issued')

    expect(send.sent).toEqual([
      expect.objectContaining({
        url: tokenEndpoint,
        headers: { authorization: `Basic ${btoa('id:canary')}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from('grant_type=client_credentials&scope=app2%2Fusers.create'),
      }),
    ])
  })

  it.each([{ scope: 'app2/users.create app2/sample.call' }, { scope: 'app2/users' }, {}])(
    'with the claims %j is a client that is set up wrongly',
    async (claims) => {
      const asked = byEndpoint(200, { access_token: tokenWith(claims) })(credentials, options)

      await expect(asked).rejects.toMatchObject({ reason: 'token_without_scope' })
    },
  )

  it.each([400, 401])('is rejected where the endpoint does not know the client or its secret (%i)', async (status) => {
    expect(await byEndpoint(status, { error: 'invalid_client' })(credentials, options)).toBe('rejected')
  })

  it.each([
    [400, { error: 'invalid_scope' }, 'invalid_scope'],
    [400, { error: 'canary' }, 'Http400'],
    [503, 'canary', 'Http503'],
    [429, { error: 'invalid_client' }, 'Http429'],
    [403, { error: 'invalid_client' }, 'Http403'],
  ])('of an endpoint that answers %i %j fails by the name %s alone', async (status, body, errorName) => {
    const failure: unknown = await byEndpoint(status, body)(credentials, options).catch((error: unknown) => error)

    expect(failure).toMatchObject({ call: 'TokenEndpoint', errorName })
    expect(String(failure)).not.toContain('canary')
  })

  it('of an endpoint whose name does not resolve fails by Node’s word for it', async () => {
    const unresolved = Object.assign(new Error('getaddrinfo ENOTFOUND canary'), { code: 'ENOTFOUND' })
    const send: SendOnce = () => Promise.reject(unresolved)

    const asked = createTrialToken({ cognito, send, tokenEndpoint })(credentials, options)

    await expect(asked).rejects.toMatchObject({ message: 'TokenEndpoint failed: ENOTFOUND' })
  })

  it('of an endpoint where nothing listens fails by Node’s word for it, too', async () => {
    const { url, close } = await listen(() => undefined)
    await close()
    const unheard = new URL(`${url}/oauth2/token`)

    const asked = createTrialToken({ cognito, send: sendOnce, tokenEndpoint: unheard })(credentials, options)

    await expect(asked).rejects.toMatchObject({ errorName: 'ECONNREFUSED' })
  })

  it('of the endpoint ends with the step that it belongs to', async () => {
    const send: SendOnce = ({ signal }) => Promise.reject(signal.reason as Error)

    const asked = createTrialToken({ cognito, send, tokenEndpoint })(credentials, { signal: AbortSignal.abort() })

    await expect(asked).rejects.toMatchObject({ call: 'TokenEndpoint', errorName: 'AbortError' })
  })

  it('of GetClientToken ends with the step that it belongs to', async () => {
    mock.on(GetClientTokenCommand).resolves({})

    await createTrialToken({ cognito, send: sendOnce })(credentials, options).catch(() => undefined)

    const args: readonly unknown[] = mock.send.lastCall.args
    expect(args[1]).toEqual({ abortSignal: options.signal })
  })

  it('of GetClientToken without a token is a client that is set up wrongly', async () => {
    mock.on(GetClientTokenCommand).resolves({})

    const asked = createTrialToken({ cognito, send: sendOnce })(credentials, options)

    await expect(asked).rejects.toMatchObject({ reason: 'token_without_scope' })
  })
})
