import { describe, expect, it } from 'vitest'
import {
  readAesGcmEnvelope,
  readKmsEnvelope,
  writeAesGcmEnvelope,
  writeKmsEnvelope,
} from '#shared/password-cipher/envelope.ts'
import { serviceError, thrownBy } from './fixtures.ts'

const malformed = serviceError('password_unreadable', 'malformed_envelope')
const base64url = (length: number): string => Buffer.alloc(length, 0xa5).toString('base64url')
const aesGcm = ({ iv = 12, ciphertext = 40, tag = 16 }): string =>
  `latchkey.v1.a256gcm.${base64url(iv)}.${base64url(ciphertext)}.${base64url(tag)}`

describe('the KMS envelope', () => {
  it.each([1, 2, 3, 6144])('of %i bytes survives writing and reading', (length) => {
    const ciphertext = Buffer.alloc(length, 0xfb)

    expect(readKmsEnvelope(writeKmsEnvelope(ciphertext))).toEqual(ciphertext)
  })

  it.each([
    ['empty text', ''],
    ['no field', 'latchkey.v1.kms'],
    ['an empty field', 'latchkey.v1.kms.'],
    ['a field of one character, which holds no byte', 'latchkey.v1.kms.A'],
    ['two fields', 'latchkey.v1.kms.AAAA.AAAA'],
    ['a hundred thousand dots', `latchkey.v1.kms${'.'.repeat(100_000)}`],
    ['another scheme', 'latchkeys.v1.kms.AAAA'],
    ['the scheme in another case', 'Latchkey.v1.kms.AAAA'],
    ['another version', 'latchkey.v2.kms.AAAA'],
    ['an unknown cipher', 'latchkey.v1.none.AAAA'],
    ['a cipher named like a property of every object', 'latchkey.v1.constructor.AAAA'],
    ['a space in front', ' latchkey.v1.kms.AAAA'],
    ['a line end behind', 'latchkey.v1.kms.AAAA\n'],
    ['padding', 'latchkey.v1.kms.AA=='],
    ['the other base64 alphabet', 'latchkey.v1.kms.++//'],
    ['white space that a lenient decoder skips', 'latchkey.v1.kms.AA AA'],
    ['a second spelling of the last character', 'latchkey.v1.kms.AB'],
    ['one byte more than KMS ever returns', `latchkey.v1.kms.${base64url(6145)}`],
    ['one character more than KMS ever needs', `latchkey.v1.kms.${'A'.repeat(8193)}`],
  ])('with %s is malformed', (_, text) => {
    expect(thrownBy(() => readKmsEnvelope(text))).toEqual(malformed)
  })

  it('of the other cipher is refused as such', () => {
    expect(thrownBy(() => readKmsEnvelope(aesGcm({})))).toEqual(serviceError('password_unreadable', 'wrong_cipher'))
  })
})

describe('the AES-GCM envelope', () => {
  it.each([1, 4096])('with %i bytes of ciphertext survives writing and reading', (length) => {
    const parts = { iv: Buffer.alloc(12, 1), ciphertext: Buffer.alloc(length, 2), tag: Buffer.alloc(16, 3) }

    expect(readAesGcmEnvelope(writeAesGcmEnvelope(parts))).toEqual(parts)
  })

  it.each([
    ['an IV of 11 bytes', aesGcm({ iv: 11 })],
    ['an IV of 13 bytes', aesGcm({ iv: 13 })],
    ['an IV of 16 bytes', aesGcm({ iv: 16 })],
    ['no ciphertext', aesGcm({ ciphertext: 0 })],
    ['4097 bytes of ciphertext', aesGcm({ ciphertext: 4097 })],
    ['a tag of 4 bytes', aesGcm({ tag: 4 })],
    ['a tag of 15 bytes', aesGcm({ tag: 15 })],
    ['a tag of 17 bytes', aesGcm({ tag: 17 })],
    ['no tag', aesGcm({}).split('.').slice(0, -1).join('.')],
    ['a fourth field', `${aesGcm({})}.AAAA`],
    ['a padded tag', `${aesGcm({})}==`],
  ])('with %s is malformed', (_, text) => {
    expect(thrownBy(() => readAesGcmEnvelope(text))).toEqual(malformed)
  })

  it('of the other cipher is refused as such', () => {
    expect(thrownBy(() => readAesGcmEnvelope('latchkey.v1.kms.AAAA'))).toEqual(
      serviceError('password_unreadable', 'wrong_cipher'),
    )
  })
})
