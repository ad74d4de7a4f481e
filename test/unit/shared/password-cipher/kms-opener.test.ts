import { DecryptCommand, IncorrectKeyException, InvalidCiphertextException, KMSClient } from '@aws-sdk/client-kms'
import { mockClient } from 'aws-sdk-client-mock'
import 'aws-sdk-client-mock-vitest/extend'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createKmsOpener } from '#shared/password-cipher/kms-opener.ts'
import { writeContents } from '#shared/password-cipher/sealed-contents.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { audience, boundTo, keyArn, sealedAtMs, serviceError } from './fixtures.ts'

const envelope = 'latchkey.v1.kms.-_8'
const contents = writeContents(new SecretValue('Correct-Horse7'), boundTo, sealedAtMs)

function setUp() {
  const client = new KMSClient({ region: 'eu-west-1' })
  const kms = mockClient(client)
  return { kms, opener: createKmsOpener({ kms: client, keyArn, audience, now: () => sealedAtMs }) }
}

describe('the KMS opener', () => {
  it('decrypts with the named key and the context of this request, and gives the password as a secret', async () => {
    const { kms, opener } = setUp()
    kms.on(DecryptCommand).resolves({ Plaintext: contents })

    const password = await opener.open(envelope, boundTo)

    expectTypeOf(password).toEqualTypeOf<SecretValue>()
    expect(password.expose()).toBe('Correct-Horse7')
    expect(kms).toHaveReceivedCommandExactlyOnceWith(DecryptCommand, {
      KeyId: keyArn,
      EncryptionContext: { purpose: 'latchkey:create-user', audience, provisioning_id: boundTo.provisioningId },
      CiphertextBlob: Buffer.of(0xfb, 0xff),
    })
  })

  it.each([
    ['malformed_envelope', 'latchkey.v1.kms.'],
    ['wrong_cipher', 'latchkey.v1.a256gcm.AAAA.AAAA.AAAA'],
  ])('refuses a text as %s before it asks KMS', async (reason, text) => {
    const { kms, opener } = setUp()

    await expect(opener.open(text, boundTo)).rejects.toEqual(serviceError('password_unreadable', reason))
    expect(kms).not.toHaveReceivedCommand(DecryptCommand)
  })

  it.each([
    [InvalidCiphertextException, 'not_authentic'],
    [IncorrectKeyException, 'other_key'],
  ])('takes %o for a wrong envelope', async (Refusal, reason) => {
    const { kms, opener } = setUp()
    kms.on(DecryptCommand).rejects(new Refusal({ message: 'from KMS', $metadata: {} }))

    await expect(opener.open(envelope, boundTo)).rejects.toEqual(serviceError('password_unreadable', reason))
  })

  it('holds what KMS decrypted against this request', async () => {
    const { kms, opener } = setUp()
    kms.on(DecryptCommand).resolves({ Plaintext: contents })

    await expect(opener.open(envelope, { ...boundTo, username: 'svc-other' })).rejects.toEqual(
      serviceError('password_unreadable', 'bound_to_another_request'),
    )
  })

  it('tells the caller the same for every way in which an envelope is wrong', async () => {
    const { kms, opener } = setUp()
    kms
      .on(DecryptCommand)
      .rejectsOnce(new InvalidCiphertextException({ message: 'from KMS', $metadata: {} }))
      .resolvesOnce({ Plaintext: Buffer.from('no JSON') })
      .resolves({ Plaintext: contents })
    const other = { ...boundTo, username: 'svc-other' }

    const attempts = await Promise.allSettled([
      opener.open(envelope, boundTo),
      opener.open(envelope, boundTo),
      opener.open(envelope, other),
      opener.open('', boundTo),
    ])

    const told = attempts.map((attempt) => (attempt.status === 'rejected' ? String(attempt.reason) : attempt.status))
    expect(new Set(told)).toEqual(new Set(['ServiceError: The encrypted password cannot be opened for this request.']))
  })

  it('takes an answer without plaintext for an upstream error', async () => {
    const { kms, opener } = setUp()
    kms.on(DecryptCommand).resolves({})

    await expect(opener.open(envelope, boundTo)).rejects.toEqual(
      serviceError('upstream_error', 'kms_answer_without_plaintext'),
    )
  })
})
