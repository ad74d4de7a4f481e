import type { SealedFor } from '#shared/password-cipher/cipher.ts'
import { describe, expect, it } from 'vitest'
import {
  clockAllowanceSeconds,
  lifetimeSeconds,
  longestContentsBytes,
  readContents,
  writeContents,
} from '#shared/password-cipher/sealed-contents.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { boundTo, sealedAtMs, serviceError, thrownBy } from './fixtures.ts'

const valid = {
  v: 1,
  username: boundTo.username,
  provisioning_id: boundTo.provisioningId,
  not_after: sealedAtMs / 1000 + lifetimeSeconds,
  password: 'Correct-Horse7',
}

const bytesOf = (contents: unknown): Buffer => Buffer.from(JSON.stringify(contents))
const read = (contents: unknown): SecretValue => readContents(bytesOf(contents), boundTo, sealedAtMs)

describe('the sealed contents, written', () => {
  it('hold version, user, request, end and password, and nothing else', () => {
    const bytes = writeContents(new SecretValue('Correct-Horse7'), boundTo, sealedAtMs)

    expect(bytes.toString()).toBe(JSON.stringify(valid))
  })

  it('end ten minutes after the second in which they were made', () => {
    const bytes = writeContents(new SecretValue('Correct-Horse7'), boundTo, sealedAtMs + 999)

    expect(JSON.parse(bytes.toString())).toHaveProperty('not_after', 1_800_000_600)
  })

  it.each([
    ['quotes and backslashes, two bytes each', '"\\'.repeat(128)],
    ['three bytes of UTF-8 each', '東'.repeat(256)],
    ['four bytes of UTF-8 for two units', '🔑'.repeat(128)],
    ['lone surrogates, six bytes each', '\ud800'.repeat(256)],
  ])('of the longest legal request fit into one KMS call: %s', (_, password) => {
    const longest: SealedFor = {
      purpose: 'latchkey:create-user',
      username: 'u'.repeat(128),
      provisioningId: 'p'.repeat(80),
    }

    const bytes = writeContents(new SecretValue(password), longest, sealedAtMs)

    expect(password).toHaveLength(256)
    expect(bytes.length).toBeLessThan(longestContentsBytes / 2)
    expect(readContents(bytes, longest, sealedAtMs).expose()).toBe(password)
  })

  it('of 4096 bytes are written, and of 4097 refused as a fault of our own', () => {
    const overhead = writeContents(new SecretValue(''), boundTo, sealedAtMs).length
    const password = 'x'.repeat(4096 - overhead)

    expect(writeContents(new SecretValue(password), boundTo, sealedAtMs)).toHaveLength(4096)
    expect(thrownBy(() => writeContents(new SecretValue(`${password}x`), boundTo, sealedAtMs))).toEqual(
      serviceError('internal_error', 'contents_too_long'),
    )
  })
})

describe('the sealed contents, read', () => {
  it('give the password as a secret', () => {
    const password = read(valid)

    expect(password).toBeInstanceOf(SecretValue)
    expect(password.expose()).toBe('Correct-Horse7')
  })

  it.each(Object.keys(valid))('without %s are malformed', (name) => {
    const contents: Record<string, unknown> = { ...valid, other: 1 }
    Reflect.deleteProperty(contents, name)

    expect(thrownBy(() => read(contents))).toEqual(serviceError('password_unreadable', 'malformed_contents'))
  })

  it.each([
    ['another version', { ...valid, v: 2 }],
    ['a version as text', { ...valid, v: '1' }],
    ['a username that is no string', { ...valid, username: null }],
    ['a provisioning_id that is no string', { ...valid, provisioning_id: 7 }],
    ['a fractional not_after', { ...valid, not_after: valid.not_after + 0.5 }],
    ['a not_after as text', { ...valid, not_after: String(valid.not_after) }],
    ['a not_after beyond exact integers', { ...valid, not_after: 2 ** 53 }],
    ['a password that is no string', { ...valid, password: ['Correct-Horse7'] }],
    ['a sixth field', { ...valid, admin: true }],
    ['an array', Object.values(valid)],
    ['null', null],
    ['a string', 'Correct-Horse7'],
    ['a string of as many characters as there are fields', 'abcde'],
    ['a number', 5],
  ])('with %s are malformed', (_, contents) => {
    expect(thrownBy(() => read(contents))).toEqual(serviceError('password_unreadable', 'malformed_contents'))
  })

  it.each([
    ['no bytes', Buffer.alloc(0)],
    ['no JSON', Buffer.from('Correct-Horse7')],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytesOf(valid)])],
    ['bytes that are not UTF-8', Buffer.concat([bytesOf(valid).subarray(0, -3), Buffer.from([0xff, 0x22, 0x7d])])],
  ])('of %s are malformed, and the error does not quote them', (_, bytes) => {
    const error = thrownBy(() => readContents(bytes, boundTo, sealedAtMs))

    expect(error).toEqual(serviceError('password_unreadable', 'malformed_contents'))
    expect(String(error)).not.toContain('Correct')
  })

  it.each([
    ['another username', { ...valid, username: 'svc-report' }],
    ['the username in another case', { ...valid, username: 'Svc-reports' }],
    ['another provisioning_id', { ...valid, provisioning_id: `${boundTo.provisioningId}x` }],
  ])('for %s are bound to another request', (_, contents) => {
    expect(thrownBy(() => read(contents))).toEqual(serviceError('password_unreadable', 'bound_to_another_request'))
  })

  it('open in the last millisecond before their end, and are expired at it', () => {
    const endsAtMs = valid.not_after * 1000

    expect(readContents(bytesOf(valid), boundTo, endsAtMs - 1).expose()).toBe('Correct-Horse7')
    expect(thrownBy(() => readContents(bytesOf(valid), boundTo, endsAtMs))).toEqual(
      serviceError('password_unreadable', 'expired'),
    )
  })

  it('open when the sealer is 30 s ahead, and not a millisecond more', () => {
    const earliestMs = sealedAtMs - clockAllowanceSeconds * 1000

    expect(readContents(bytesOf(valid), boundTo, earliestMs).expose()).toBe('Correct-Horse7')
    expect(thrownBy(() => readContents(bytesOf(valid), boundTo, earliestMs - 1))).toEqual(
      serviceError('password_unreadable', 'expires_too_late'),
    )
  })
})
