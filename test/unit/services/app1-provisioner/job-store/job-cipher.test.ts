import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openRowPassword, sealRowPassword } from '#services/app1-provisioner/job-store/job-cipher.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { jobId } from '#test/support/jobs.ts'
import { goodPassword } from '#test/support/requests.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'

const key = createSecretKey(Buffer.alloc(32, 7))
const boundTo = { job: jobId, row: 1, username: 'orders-worker' }
const sealed = Buffer.from(sealRowPassword(key, new SecretValue(goodPassword), boundTo))

const changed = (at: number): Buffer => {
  const bytes = Buffer.from(sealed)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return bytes
}

describe('a sealed password of a row', () => {
  it('opens for its row', () => {
    expect(openRowPassword(key, sealed, boundTo).expose()).toBe(goodPassword)
  })

  it.each(['Pässwörd-7-🔑-Battery', 'x'.repeat(256)])('keeps every character of %s', (password) => {
    const bytes = sealRowPassword(key, new SecretValue(password), boundTo)

    expect(openRowPassword(key, bytes, boundTo).expose()).toBe(password)
  })

  it('is IV, ciphertext and tag, another one each time, and shows nothing of the password', () => {
    const again = Buffer.from(sealRowPassword(key, new SecretValue(goodPassword), boundTo))

    expect(sealed).toHaveLength(12 + goodPassword.length + 16)
    expect(again.subarray(0, 12)).not.toEqual(sealed.subarray(0, 12))
    expect(again.subarray(12)).not.toEqual(sealed.subarray(12))
    expect(secretsFoundIn(sealed.toString('latin1'), [goodPassword])).toEqual([])
  })

  it.each([
    ['another row', { ...boundTo, row: 2 }],
    ['another job', { ...boundTo, job: 'qGWd6pVJ2c5WnV8M4sSl2A' }],
    ['another username', { ...boundTo, username: 'orders-workes' }],
    // The same bytes, where the fields were not behind their lengths.
    ['fields that run into each other', { ...boundTo, row: 10, username: 'orders-worker'.slice(1) }],
    ['fields that run into each other the other way', { job: `${jobId}1`, row: 1, username: 'orders-worker' }],
  ])('does not open for %s', (_, other) => {
    expect(() => openRowPassword(key, sealed, other)).toThrow(
      expect.objectContaining({ code: 'password_unreadable', reason: 'not_authentic' }),
    )
  })

  it('does not open under another key', () => {
    expect(() => openRowPassword(createSecretKey(Buffer.alloc(32, 8)), sealed, boundTo)).toThrow(
      expect.objectContaining({ reason: 'not_authentic' }),
    )
  })

  it.each([
    ['the IV', 0],
    ['the ciphertext', 12],
    ['the tag', sealed.length - 1],
  ])('does not open with one bit of %s changed', (_, at) => {
    expect(() => openRowPassword(key, changed(at), boundTo)).toThrow(
      expect.objectContaining({ code: 'password_unreadable', reason: 'not_authentic' }),
    )
  })

  it.each([
    ['nothing', Buffer.alloc(0), 'malformed_envelope'],
    ['IV and tag alone', sealed.subarray(0, 28), 'malformed_envelope'],
    ['a tag that is cut off', sealed.subarray(0, -1), 'not_authentic'],
  ])('does not open as %s', (_, bytes, reason) => {
    expect(() => openRowPassword(key, bytes, boundTo)).toThrow(
      expect.objectContaining({ code: 'password_unreadable', reason }),
    )
  })
})
