import { describe, expect, it, vi } from 'vitest'
import { requestEndpointToken, secretHash } from '#shared/machine/machine-token-requests.ts'
import { ResponseTooLargeError } from '#shared/text/read-limited.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

const tokenEndpoint = new URL('https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token')
const client = { clientId: 'id', clientSecret: new SecretValue('canary') }

/** Never answers; it ends as fetch does when its signal tells it to. */
const silent: typeof fetch = (_, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener('abort', () => {
      reject(init.signal?.reason as Error)
    })
  })

describe('a request to the token endpoint', () => {
  it('waits as long as an SDK client waits for one attempt, and no longer', async () => {
    const limit = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)

    const asked = requestEndpointToken({ fetch: silent, tokenEndpoint }, client, new AbortController().signal)
    limit.abort(new DOMException('too long', 'TimeoutError'))

    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(timeout).toHaveBeenCalledExactlyOnceWith(3_000)
  })

  it('ends with the request that it belongs to', async () => {
    const deadline = new AbortController()

    const asked = requestEndpointToken({ fetch: silent, tokenEndpoint }, client, deadline.signal)
    deadline.abort()

    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('reads no more than 64 KiB', async () => {
    const answer = (bytes: number) => () => Promise.resolve(new Response('x'.repeat(bytes)))
    const ask = (bytes: number): Promise<unknown> =>
      requestEndpointToken({ fetch: answer(bytes), tokenEndpoint }, client, AbortSignal.timeout(1_000))

    expect(await ask(65_536)).toMatchObject({ status: 200 })
    await expect(ask(65_537)).rejects.toThrow(ResponseTooLargeError)
  })
})

describe('the SECRET_HASH', () => {
  it('is the Base64 of HMAC-SHA256 over username and client id', () => {
    const secret = { username: new SecretValue('alice'), clientId: 'client1', clientSecret: new SecretValue('shh') }

    // printf aliceclient1 | openssl dgst -sha256 -hmac shh -binary | base64
    expect(secretHash(secret)).toBe('7L5R9xxB2rkkE03QHXkW+AoBBXS9iFw6y8POthpP9/Y=')
  })
})
