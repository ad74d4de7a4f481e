import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServiceError } from '#shared/errors.ts'
import type { SealedFor } from '#shared/password-cipher/cipher.ts'
import { createAesGcmCipher } from '#shared/password-cipher/aes-gcm-cipher.ts'
import type { PasswordOpener, PasswordSealer } from '#shared/password-cipher/cipher.ts'
import { createKmsOpener } from '#shared/password-cipher/kms-opener.ts'
import { createKmsSealer } from '#shared/password-cipher/kms-sealer.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { legalPassword, oneCharacterChange, provisioningId, username } from './arbitraries.ts'
import { createKmsEmulator } from './kms-emulator.ts'

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const kms = createKmsEmulator(keyArn)
const key = new SecretValue(randomBytes(32).toString('base64'))
const pool = 'eu-west-1_Latchkey1'
const sealedAtMs = 1_800_000_000_000

type Cipher = PasswordSealer & PasswordOpener
type Setting = { audience?: string; nowMs?: number }

const ciphers: [string, (setting?: Setting) => Cipher][] = [
  [
    'KMS',
    ({ audience = pool, nowMs = sealedAtMs } = {}) => {
      const deps = { kms, keyArn, audience, now: () => nowMs }
      return { ...createKmsSealer(deps), ...createKmsOpener(deps) }
    },
  ],
  [
    'AES-256-GCM',
    ({ audience = pool, nowMs = sealedAtMs } = {}) => createAesGcmCipher({ key, audience, now: () => nowMs }),
  ],
]

const sealedFor = fc.record({
  purpose: fc.constantFrom('latchkey:create-user' as const, 'latchkey:reset-password' as const),
  username,
  provisioningId,
})

const otherPurpose = {
  'latchkey:create-user': 'latchkey:reset-password',
  'latchkey:reset-password': 'latchkey:create-user',
} as const

/** The code of a refusal, or what was opened: so that a failed property shows which. */
async function outcomeOf(opening: Promise<SecretValue>): Promise<string> {
  try {
    return `opened: ${(await opening).expose()}`
  } catch (error) {
    return error instanceof ServiceError
      ? `${error.code} ${error.cause === undefined ? '' : 'with a cause'}`
      : 'untyped'
  }
}

describe.each(ciphers)('a password sealed by %s', (_, createCipher) => {
  it('comes back as it was, whatever the policy admits', async () => {
    const cipher = createCipher()

    await fc.assert(
      fc.asyncProperty(legalPassword, sealedFor, async (password, boundTo) => {
        const envelope = await cipher.seal(new SecretValue(password), boundTo)

        expect((await cipher.open(envelope, boundTo)).expose()).toBe(password)
      }),
    )
  })

  it('never comes out as the same text twice, nor shows the password in it', async () => {
    const cipher = createCipher()

    await fc.assert(
      fc.asyncProperty(legalPassword, sealedFor, async (password, boundTo) => {
        const first = await cipher.seal(new SecretValue(password), boundTo)
        const second = await cipher.seal(new SecretValue(password), boundTo)

        const decoded = first.split('.').map((field) => Buffer.from(field, 'base64url').toString())
        expect(first).not.toBe(second)
        expect([first, ...decoded].some((text) => text.includes(password))).toBe(false)
      }),
    )
  })

  it('is unreadable when one character of its envelope is replaced, removed or added', async () => {
    const cipher = createCipher()

    await fc.assert(
      fc.asyncProperty(legalPassword, sealedFor, oneCharacterChange, async (password, boundTo, change) => {
        const envelope = await cipher.seal(new SecretValue(password), boundTo)

        expect(await outcomeOf(cipher.open(change(envelope), boundTo))).toBe('password_unreadable ')
      }),
    )
  })

  it('is unreadable when any single bit of its envelope is flipped', async () => {
    const cipher = createCipher()
    const boundTo: SealedFor = {
      purpose: 'latchkey:create-user',
      username: 'svc-reports',
      provisioningId: 'v1.AAAAAAAAAAAAAAAAAAAAAA.AQEBAQEBAQEBAQEBAQEBAQ',
    }
    const envelope = Buffer.from(await cipher.seal(new SecretValue('Correct-Horse7'), boundTo))

    const outcomes = new Set<string>()
    for (const [index, byte] of envelope.entries()) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const flipped = Buffer.from(envelope)
        flipped[index] = byte ^ bit
        outcomes.add(await outcomeOf(cipher.open(flipped.toString('latin1'), boundTo)))
      }
    }

    expect(outcomes).toEqual(new Set(['password_unreadable ']))
  })

  it('is unreadable for any other user, request, pool or purpose', async () => {
    const cipher = createCipher()
    const audience = fc.stringMatching(/^[a-z]{2}-[a-z]{4}-\d_[0-9A-Za-z]{1,55}$/)

    await fc.assert(
      fc.asyncProperty(legalPassword, sealedFor, sealedFor, audience, async (password, boundTo, other, otherPool) => {
        const envelope = await cipher.seal(new SecretValue(password), boundTo)
        fc.pre(other.username !== boundTo.username && other.provisioningId !== boundTo.provisioningId)

        const outcomes = await Promise.all([
          outcomeOf(cipher.open(envelope, { ...boundTo, username: other.username })),
          outcomeOf(cipher.open(envelope, { ...boundTo, provisioningId: other.provisioningId })),
          outcomeOf(createCipher({ audience: otherPool }).open(envelope, boundTo)),
          outcomeOf(cipher.open(envelope, { ...boundTo, purpose: otherPurpose[boundTo.purpose] })),
        ])
        expect(new Set(outcomes)).toEqual(new Set(['password_unreadable ']))
      }),
    )
  })

  it('opens at any time from 30 s before it was sealed to 10 minutes after, and at no other', async () => {
    const boundTo: SealedFor = {
      purpose: 'latchkey:create-user',
      username: 'svc-reports',
      provisioningId: 'v1.AAAAAAAAAAAAAAAAAAAAAA.AQEBAQEBAQEBAQEBAQEBAQ',
    }
    const envelope = await createCipher().seal(new SecretValue('Correct-Horse7'), boundTo)

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -1_200_000, max: 1_200_000 }), async (offsetMs) => {
        const opening = createCipher({ nowMs: sealedAtMs + offsetMs }).open(envelope, boundTo)

        const inTime = offsetMs >= -30_000 && offsetMs < 600_000
        expect(await outcomeOf(opening)).toBe(inTime ? 'opened: Correct-Horse7' : 'password_unreadable ')
      }),
    )
  })

  it('is told from any other text', async () => {
    const cipher = createCipher()
    const boundTo: SealedFor = {
      purpose: 'latchkey:create-user',
      username: 'svc-reports',
      provisioningId: 'v1.AAAAAAAAAAAAAAAAAAAAAA.AQEBAQEBAQEBAQEBAQEBAQ',
    }
    const field = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
    const lookalike = fc
      .tuple(fc.constantFrom('kms', 'a256gcm'), fc.array(field, { maxLength: 4 }))
      .map(([name, fields]) => ['latchkey', 'v1', name, ...fields].join('.'))

    await fc.assert(
      fc.asyncProperty(fc.oneof(lookalike, fc.string({ unit: 'binary' })), async (text) => {
        expect(await outcomeOf(cipher.open(text, boundTo))).toBe('password_unreadable ')
      }),
    )
  })
})
