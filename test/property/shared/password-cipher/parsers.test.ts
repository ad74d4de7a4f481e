import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServiceError } from '#shared/errors.ts'
import {
  readAesGcmEnvelope,
  readKmsEnvelope,
  writeAesGcmEnvelope,
  writeKmsEnvelope,
} from '#shared/password-cipher/envelope.ts'
import type { SealedFor } from '#shared/password-cipher/cipher.ts'
import { readContents } from '#shared/password-cipher/sealed-contents.ts'

const boundTo: SealedFor = {
  purpose: 'latchkey:create-user',
  username: 'svc-reports',
  provisioningId: 'v1.AAAAAAAAAAAAAAAAAAAAAA.AQEBAQEBAQEBAQEBAQEBAQ',
}
const nowMs = 1_800_000_000_000

/** 'read', or the code of a ServiceError; anything else that is thrown comes through and fails the test. */
function outcomeOf(read: () => unknown): string {
  try {
    read()
    return 'read'
  } catch (error) {
    if (error instanceof ServiceError) return error.code
    throw error
  }
}

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array))

describe('the envelope', () => {
  it('of KMS gives back its bytes, and its text is made of base64url and dots', () => {
    fc.assert(
      fc.property(bytes(1, 6144), (ciphertext) => {
        const text = writeKmsEnvelope(ciphertext)

        expect(readKmsEnvelope(text).toString()).toBe(ciphertext.toString())
        expect(text).toMatch(/^[\w.-]+$/)
      }),
    )
  })

  it('of AES-GCM gives back its bytes', () => {
    const parts = fc.record({ iv: bytes(12, 12), ciphertext: bytes(1, 4096), tag: bytes(16, 16) })

    fc.assert(
      fc.property(parts, (written) => {
        expect(readAesGcmEnvelope(writeAesGcmEnvelope(written))).toEqual(written)
      }),
    )
  })

  it('has one spelling: a text that is read is the text that would be written', () => {
    const text = fc.oneof(
      fc.stringMatching(/^latchkey\.v1\.kms\.[A-Za-z0-9_-]{1,12}$/),
      fc.stringMatching(/^latchkey\.v1\.kms\.[A-Za-z0-9+/=_-]{1,8}$/),
    )

    fc.assert(
      fc.property(text, (candidate) => {
        const read = outcomeOf(() => readKmsEnvelope(candidate)) === 'read'

        expect(read ? writeKmsEnvelope(readKmsEnvelope(candidate)) : candidate).toBe(candidate)
      }),
    )
  })

  it.each([
    ['KMS', readKmsEnvelope],
    ['AES-GCM', readAesGcmEnvelope],
  ])('of %s is refused as password_unreadable, whatever the text', (_, read) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(outcomeOf(() => read(text))).toBe('password_unreadable')
      }),
    )
  })
})

describe('the sealed contents', () => {
  it.each([
    ['bytes', bytes(0, 300)],
    ['JSON', fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)))],
    [
      'fields of any type under the right names',
      fc
        .record({
          v: fc.jsonValue(),
          username: fc.jsonValue(),
          provisioning_id: fc.jsonValue(),
          not_after: fc.jsonValue(),
          password: fc.jsonValue(),
        })
        .map((value) => Buffer.from(JSON.stringify(value))),
    ],
  ])('are refused as password_unreadable: any %s', (_, plaintext) => {
    fc.assert(
      fc.property(plaintext, (candidate) => {
        expect(outcomeOf(() => readContents(candidate, boundTo, nowMs))).toBe('password_unreadable')
      }),
    )
  })
})
