import { describe, expect, it } from 'vitest'
import { readIdempotencyKey } from '../../../../services/app1-provisioner/idempotency-key.ts'

describe('an Idempotency-Key', () => {
  it.each(['k', '!~', '"quoted-as-in-the-draft"', 'x'.repeat(255)])('%s is taken as it is', (key) => {
    expect(readIdempotencyKey(key)).toBe(key)
  })

  it('that is absent is made, another one each time', () => {
    expect(readIdempotencyKey(undefined)).toMatch(/^[0-9a-f-]{36}$/)
    expect(readIdempotencyKey(undefined)).not.toBe(readIdempotencyKey(undefined))
  })

  it.each(['', ' ', 'a b', 'é', '\u007f', 'x'.repeat(256)])('%j is refused', (key) => {
    expect(() => readIdempotencyKey(key)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        errors: [{ header: 'idempotency-key', detail: 'must be 1 to 255 visible ASCII characters' }],
      }),
    )
  })
})
