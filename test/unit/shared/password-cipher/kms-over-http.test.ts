import type { RequestListener } from 'node:http'
import { KMSClient } from '@aws-sdk/client-kms'
import { afterEach, describe, expect, it } from 'vitest'
import type { PasswordOpener, PasswordSealer } from '#shared/password-cipher/cipher.ts'
import { createKmsOpener } from '#shared/password-cipher/kms-opener.ts'
import { createKmsSealer } from '#shared/password-cipher/kms-sealer.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { listen, type Listening } from '#test/support/listen.ts'
import { audience, boundTo, keyArn, sealedAtMs, serviceError } from './fixtures.ts'

const password = new SecretValue('Correct-Horse7')
const envelope = 'latchkey.v1.kms.-_8'

let server: Listening | undefined

/** The real SDK client, talking to `answer` on this machine. */
async function connect(answer: RequestListener): Promise<PasswordSealer & PasswordOpener> {
  server = await listen(answer)
  const kms = new KMSClient({
    region: 'eu-west-1',
    endpoint: server.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  const deps = { kms, keyArn, audience, now: () => sealedAtMs }
  return { ...createKmsSealer(deps), ...createKmsOpener(deps) }
}

afterEach(() => server?.close())

type Use = (cipher: PasswordSealer & PasswordOpener, signal: AbortSignal) => Promise<unknown>

describe('KMS that does not answer', () => {
  it.each([
    ['seals', (cipher: PasswordSealer, signal: AbortSignal) => cipher.seal(password, boundTo, { signal })],
    ['opens', (cipher: PasswordOpener, signal: AbortSignal) => cipher.open(envelope, boundTo, { signal })],
  ])('lets go of who %s when the signal aborts', async (_, use: Use) => {
    const abort = new AbortController()
    const cipher = await connect(() => {
      abort.abort()
    })

    await expect(use(cipher, abort.signal)).rejects.toEqual(serviceError('upstream_timeout', 'AbortError'))
  })
})

describe('KMS that refuses', () => {
  it.each([
    [400, 'InvalidCiphertextException', serviceError('password_unreadable', 'not_authentic')],
    [400, 'IncorrectKeyException', serviceError('password_unreadable', 'other_key')],
    [400, 'DisabledException', serviceError('internal_error', 'DisabledException')],
    [400, 'AccessDeniedException', serviceError('internal_error', 'AccessDeniedException')],
    [400, 'ThrottlingException', serviceError('throttled', 'ThrottlingException')],
    [500, 'KMSInternalException', serviceError('upstream_unavailable', 'KMSInternalException')],
  ])('by status %i and %s is understood as it comes over the wire', async (status, type, expected) => {
    const cipher = await connect((_, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(JSON.stringify({ __type: type, message: 'from KMS' }))
    })

    await expect(cipher.open(envelope, boundTo)).rejects.toEqual(expected)
  })
})

describe('KMS that cannot be reached', () => {
  it('is unavailable', async () => {
    const cipher = await connect(() => undefined)
    await server?.close()

    await expect(cipher.seal(password, boundTo)).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('for the rest of a call that it cut off is unavailable, though the SDK calls it a time-out', async () => {
    const cipher = await connect((request) => {
      request.socket.destroy()
    })

    await expect(cipher.seal(password, boundTo)).rejects.toEqual(
      serviceError('upstream_unavailable', 'connection_broken'),
    )
  })
})
