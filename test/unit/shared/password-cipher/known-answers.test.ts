import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SealedFor } from '#shared/password-cipher/cipher.ts'
import { createAesGcmCipher } from '#shared/password-cipher/aes-gcm-cipher.ts'
import { readKmsEnvelope, writeKmsEnvelope } from '#shared/password-cipher/envelope.ts'
import { writeContents } from '#shared/password-cipher/sealed-contents.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { serviceError } from './fixtures.ts'

type Vectors = {
  key_base64: string
  audience: string
  username: string
  provisioning_id: string
  sealed_at_ms: number
  opens: { name: string; password: string; contents_base64: string; envelope: string }[]
  refused: { name: string; reason: string; envelope: string }[]
  kms_envelopes: { ciphertext_base64: string; envelope: string }[]
}

const file = new URL('../../../vectors/password-cipher/vectors.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

const boundTo: SealedFor = {
  purpose: 'latchkey:create-user',
  username: vectors.username,
  provisioningId: vectors.provisioning_id,
}
const cipher = createAesGcmCipher({
  key: new SecretValue(vectors.key_base64),
  audience: vectors.audience,
  now: () => vectors.sealed_at_ms,
})

describe('the password cipher, against another implementation', () => {
  it.each(vectors.opens)('opens what that one sealed: $name', async ({ envelope, password }) => {
    expect((await cipher.open(envelope, boundTo)).expose()).toBe(password)
  })

  it.each(vectors.opens)('writes the same contents: $name', ({ password, contents_base64 }) => {
    const contents = writeContents(new SecretValue(password), boundTo, vectors.sealed_at_ms)

    expect(contents.toString('base64')).toBe(contents_base64)
  })

  it.each(vectors.refused)('refuses what that one sealed wrongly: $name', async ({ envelope, reason }) => {
    await expect(cipher.open(envelope, boundTo)).rejects.toEqual(serviceError('password_unreadable', reason))
  })

  it.each(vectors.kms_envelopes)('writes and reads the same KMS envelope', ({ ciphertext_base64, envelope }) => {
    const ciphertext = Buffer.from(ciphertext_base64, 'base64')

    expect(writeKmsEnvelope(ciphertext)).toBe(envelope)
    expect(readKmsEnvelope(envelope)).toEqual(ciphertext)
  })
})
