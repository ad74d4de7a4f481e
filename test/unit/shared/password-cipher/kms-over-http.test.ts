import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { KMSClient } from '@aws-sdk/client-kms'
import { afterEach, describe, expect, it } from 'vitest'
import type { PasswordOpener, PasswordSealer } from '#shared/password-cipher/cipher.ts'
import { createKmsOpener } from '#shared/password-cipher/kms-opener.ts'
import { createKmsSealer } from '#shared/password-cipher/kms-sealer.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { audience, boundTo, keyArn, sealedAtMs, serviceError } from './fixtures.ts'

const password = new SecretValue('Correct-Horse7')
const envelope = 'latchkey.v1.kms.-_8'

let server: Server | undefined

/** The real SDK client, talking to `answer` on this machine. */
async function connect(answer: RequestListener): Promise<PasswordSealer & PasswordOpener> {
  server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const kms = new KMSClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  const deps = { kms, keyArn, audience, now: () => sealedAtMs }
  return { ...createKmsSealer(deps), ...createKmsOpener(deps) }
}

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

describe('KMS that does not answer', () => {
  it('lets go of who seals when the signal aborts', async () => {
    const abort = new AbortController()
    const cipher = await connect(() => {
      abort.abort()
    })

    await expect(cipher.seal(password, boundTo, { signal: abort.signal })).rejects.toEqual(
      serviceError('upstream_timeout', 'AbortError'),
    )
  })

  it('lets go of who opens when the signal aborts', async () => {
    const abort = new AbortController()
    const cipher = await connect(() => {
      abort.abort()
    })

    await expect(cipher.open(envelope, boundTo, { signal: abort.signal })).rejects.toEqual(
      serviceError('upstream_timeout', 'AbortError'),
    )
  })
})

describe('KMS that refuses', () => {
  it.each([
    [400, 'InvalidCiphertextException', serviceError('password_unreadable', 'not_authentic')],
    [400, 'IncorrectKeyException', serviceError('password_unreadable', 'not_authentic')],
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
    server?.close()

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
