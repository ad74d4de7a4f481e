import { describe, expect, it, vi } from 'vitest'
import type { PasswordOpener, PasswordSealer } from '#shared/password-cipher/cipher.ts'
import { createAesGcmCipher } from '#shared/password-cipher/aes-gcm-cipher.ts'
import { ConfigurationError } from '#shared/env.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { audience, boundTo, localKeyBase64, sealedAtMs, serviceError } from './fixtures.ts'

const password = new SecretValue('Correct-Horse7')

function createCipher({ key = localKeyBase64, pool = audience, now = (): number => sealedAtMs } = {}): PasswordSealer &
  PasswordOpener {
  return createAesGcmCipher({ key: new SecretValue(key), audience: pool, now })
}

describe('the local cipher', () => {
  it('opens what it sealed', async () => {
    const cipher = createCipher()

    const envelope = await cipher.seal(password, boundTo)

    expect(envelope).toMatch(/^latchkey\.v1\.a256gcm\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/)
    expect((await cipher.open(envelope, boundTo)).expose()).toBe('Correct-Horse7')
  })

  it('uses another IV for each seal', async () => {
    const cipher = createCipher()

    const envelopes = await Promise.all(Array.from({ length: 100 }, () => cipher.seal(password, boundTo)))

    expect(new Set(envelopes.map((envelope) => envelope.split('.')[3])).size).toBe(100)
  })

  it.each([
    ['key', createCipher({ key: Buffer.alloc(32).toString('base64') }), boundTo],
    ['pool', createCipher({ pool: 'eu-west-1_Other' }), boundTo],
    ['request', createCipher(), { ...boundTo, provisioningId: `${boundTo.provisioningId}x` }],
  ])('does not open what was sealed under another %s', async (_, opener, openedFor) => {
    const envelope = await createCipher().seal(password, boundTo)

    await expect(opener.open(envelope, openedFor)).rejects.toEqual(serviceError('password_unreadable', 'not_authentic'))
  })

  it('does not open for another user', async () => {
    const envelope = await createCipher().seal(password, boundTo)

    await expect(createCipher().open(envelope, { ...boundTo, username: 'svc-other' })).rejects.toEqual(
      serviceError('password_unreadable', 'bound_to_another_request'),
    )
  })

  it('does not open after ten minutes', async () => {
    const envelope = await createCipher().seal(password, boundTo)
    const later = createCipher({ now: () => sealedAtMs + 600_000 })

    await expect(later.open(envelope, boundTo)).rejects.toEqual(serviceError('password_unreadable', 'expired'))
  })

  it('does not open an envelope of KMS', async () => {
    await expect(createCipher().open('latchkey.v1.kms.AAAA', boundTo)).rejects.toEqual(
      serviceError('password_unreadable', 'wrong_cipher'),
    )
  })

  it('rejects, and does not throw, when the contents are too long', async () => {
    await expect(createCipher().seal(new SecretValue('x'.repeat(4096)), boundTo)).rejects.toEqual(
      serviceError('internal_error', 'contents_too_long'),
    )
  })

  it('does not take a plain string for a password, neither when it is compiled nor when it runs', async () => {
    // @ts-expect-error -- this is the test: a password that is not a SecretValue must not compile
    const sealing = createCipher().seal('Correct-Horse7', boundTo)

    await expect(sealing).rejects.toBeInstanceOf(TypeError)
  })
})

describe("the local cipher's key", () => {
  it.each([
    ['empty', ''],
    ['of 16 bytes', Buffer.alloc(16).toString('base64')],
    ['of 31 bytes', Buffer.alloc(31).toString('base64')],
    ['of 33 bytes', Buffer.alloc(33).toString('base64')],
    ['of 32 bytes without padding', localKeyBase64.slice(0, -1)],
    ['of 32 bytes and a line end', `${localKeyBase64}\n`],
    ['of 32 bytes as hex', Buffer.alloc(32).toString('hex')],
  ])('is refused when it is %s, without being shown', (_, key) => {
    expect(() => createCipher({ key })).toThrow(
      new ConfigurationError(["the local cipher's key is not the base64 of 32 bytes"]),
    )
  })
})

describe('the local cipher inside Lambda', () => {
  it.each(['AWS_LAMBDA_FUNCTION_NAME', 'LAMBDA_TASK_ROOT'])('is refused where %s is set', (name) => {
    vi.stubEnv(name, 'create-user')

    expect(() => createCipher()).toThrow(new ConfigurationError(['the local cipher is refused inside Lambda']))
  })
})
