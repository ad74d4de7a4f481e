import { describe, expect, it } from 'vitest'
import { secretHash } from '#shared/machine/secret-hash.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

describe('the SECRET_HASH', () => {
  it('is the Base64 of HMAC-SHA256 over username and client id', () => {
    const secret = { username: new SecretValue('alice'), clientId: 'client1', clientSecret: new SecretValue('shh') }

    // printf aliceclient1 | openssl dgst -sha256 -hmac shh -binary | base64
    expect(secretHash(secret)).toBe('7L5R9xxB2rkkE03QHXkW+AoBBXS9iFw6y8POthpP9/Y=')
  })
})
