import { describe, expect, it } from 'vitest'
import { readIdempotencyKey } from '#services/app1-provisioner/idempotency-key.ts'

describe('an Idempotency-Key', () => {
  it.each(['k', '!~', "#$%&'()*+", '-[]^', 'x'.repeat(255)])('%s is taken as it is', (key) => {
    expect(readIdempotencyKey(key)).toBe(key)
  })

  it('that is absent is made, another one each time', () => {
    expect(readIdempotencyKey(undefined)).toMatch(/^[0-9a-f-]{36}$/)
    expect(readIdempotencyKey(undefined)).not.toBe(readIdempotencyKey(undefined))
  })

  it.each(['k', "!#'", 'x'.repeat(255)])('in the quotation marks of the draft is the same key: %s', (key) => {
    expect(readIdempotencyKey(`"${key}"`)).toBe(key)
  })

  it.each(
    [
      ['', ' ', 'a b', 'é', '\u007f', 'x'.repeat(256), '""', '"a b"', `"${'x'.repeat(256)}"`].map((key) => [
        key,
        'must be 1 to 255 visible ASCII characters',
      ]),
      // A comma may stand between two keys, wherever the quotation marks are.
      ['k1,k1', ',', '"k1","k1"', '"k1,k2"', '"', '"k', 'k"', 'a"b', '"k";a', String.raw`"a\"b"`, String.raw`a\b`].map(
        (key) => [key, 'must hold no comma, quotation mark or backslash'],
      ),
    ].flat(),
  )('%j is refused: it %s', (key = '', detail) => {
    expect(() => readIdempotencyKey(key)).toThrow(
      expect.objectContaining({ code: 'invalid_request', errors: [{ header: 'idempotency-key', detail }] }),
    )
  })
})
