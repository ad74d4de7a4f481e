import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readCursor, writeCursor } from '#services/app1-provisioner/list-cursor.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

const key = new SecretValue('idempotency-secret-canary-32-chars')
const listedFor = { requestedBy: 'arn:aws:iam::111111111111:role/orders', prefix: 'ord' }
const token = 'CAISqAE="/+&é'
const cursor = writeCursor(key, token, listedFor)
const [, encoded = '', mac = ''] = cursor.split('.')

const refusal = expect.objectContaining({
  code: 'invalid_request',
  errors: [{ parameter: 'cursor', detail: 'is not one of this list, or is too old' }],
}) as unknown

describe('a cursor', () => {
  it('has a MAC of its own purpose over token, prefix and caller', () => {
    const bound = `["cursor","token","ord","${listedFor.requestedBy}"]`
    const expected = createHmac('sha256', key.expose()).update(bound).digest().subarray(0, 16).toString('base64url')

    expect(writeCursor(key, 'token', listedFor)).toBe(`v1.dG9rZW4.${expected}`)
  })

  it('gives the token back to the same caller with the same query, and fits into an address', () => {
    expect(readCursor(key, cursor, listedFor)).toBe(token)
    expect(cursor).toBe(encodeURIComponent(cursor))
  })

  it.each([
    ['another prefix', { ...listedFor, prefix: 'orders' }],
    ['no prefix', { ...listedFor, prefix: undefined }],
    ['another caller', { ...listedFor, requestedBy: 'arn:aws:iam::111111111111:role/order' }],
  ])('is refused with %s', (_, other) => {
    expect(() => readCursor(key, cursor, other)).toThrow(refusal)
  })

  it.each([
    ...['', 'v1', 'v1..', `v1.${encoded}`, `v1.${encoded}.`, `v2.${encoded}.${mac}`, `${cursor}.`, `${cursor}A`],
    ...[
      `v1.${encoded}=.${mac}`,
      `v1.${encoded.slice(1)}.${mac}`,
      `v1.${encoded}.${mac.slice(1)}`,
      `v1.${mac}.${encoded}`,
    ],
    `v1.${Buffer.from('another').toString('base64url')}.${mac}`,
  ])('%j is none of ours', (forged) => {
    expect(() => readCursor(key, forged, listedFor)).toThrow(refusal)
  })

  it('under another key is none of ours', () => {
    expect(() => readCursor(new SecretValue('x'.repeat(32)), cursor, listedFor)).toThrow(refusal)
  })
})
