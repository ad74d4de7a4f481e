import { describe, expect, it } from 'vitest'
import { secretsFoundIn } from '../../support/search-secrets.ts'

const secret = 'canary/with+odd "signs" é1'

describe('the search for secrets', () => {
  it.each([
    ['plain', `before ${secret} after`],
    ['in JSON', JSON.stringify({ x: secret })],
    ['as hex', Buffer.from(`x${secret}`).toString('hex')],
    ['as upper-case hex', Buffer.from(secret).toString('hex').toUpperCase()],
    ['URL-encoded', `?q=${encodeURIComponent(secret)}`],
    ['as base64', Buffer.from(secret).toString('base64')],
    ['as base64url', Buffer.from(secret).toString('base64url')],
    ['as base64 behind one byte', Buffer.from(`x${secret}y`).toString('base64')],
    ['as base64 behind two bytes', Buffer.from(`xx${secret}yy`).toString('base64')],
    ['as base64 behind three bytes', Buffer.from(`xxx${secret}`).toString('base64')],
  ])('finds a secret %s', (_, text) => {
    expect(secretsFoundIn(text, ['other-secret', secret])).toEqual([1])
  })

  it('finds nothing where nothing is', () => {
    expect(secretsFoundIn('nothing of the kind', [secret])).toEqual([])
  })
})
