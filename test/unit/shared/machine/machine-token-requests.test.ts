import { describe, expect, it, vi } from 'vitest'
import type { SendOnce } from '#shared/aws/send-once.ts'
import { requestEndpointToken, secretHash } from '#shared/machine/machine-token-requests.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

const tokenEndpoint = new URL('https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token')
const client = { clientId: 'id', clientSecret: new SecretValue('canary') }

/** Never answers; it ends when its signal tells it to. */
const silent: SendOnce = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
  })

describe('a request to the token endpoint', () => {
  it('waits as long as an SDK client waits for one attempt, and no longer', async () => {
    const limit = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)

    const asked = requestEndpointToken(
      { send: silent, tokenEndpoint, scope: 'app2/users.create' },
      client,
      new AbortController().signal,
    )
    limit.abort(new DOMException('too long', 'TimeoutError'))

    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(timeout).toHaveBeenCalledExactlyOnceWith(3_000)
  })

  it('ends with the request that it belongs to', async () => {
    const deadline = new AbortController()

    const asked = requestEndpointToken(
      { send: silent, tokenEndpoint, scope: 'app2/users.create' },
      client,
      deadline.signal,
    )
    deadline.abort()

    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('the SECRET_HASH', () => {
  it('is the Base64 of HMAC-SHA256 over username and client id', () => {
    const secret = { username: new SecretValue('alice'), clientId: 'client1', clientSecret: new SecretValue('shh') }

    // printf aliceclient1 | openssl dgst -sha256 -hmac shh -binary | base64
    expect(secretHash(secret)).toBe('7L5R9xxB2rkkE03QHXkW+AoBBXS9iFw6y8POthpP9/Y=')
  })
})
