import { EncryptCommand, KMSClient, KMSInvalidStateException } from '@aws-sdk/client-kms'
import { mockClient } from 'aws-sdk-client-mock'
import 'aws-sdk-client-mock-vitest/extend'
import { describe, expect, it } from 'vitest'
import { createKmsSealer } from '#shared/password-cipher/kms-sealer.ts'
import { writeContents } from '#shared/password-cipher/sealed-contents.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { audience, boundTo, keyArn, sealedAtMs, serviceError } from './fixtures.ts'

const password = new SecretValue('Correct-Horse7')

function setUp() {
  const client = new KMSClient({ region: 'eu-west-1' })
  const kms = mockClient(client)
  return { kms, sealer: createKmsSealer({ kms: client, keyArn, audience, now: () => sealedAtMs }) }
}

describe('the KMS sealer', () => {
  it('encrypts the contents under the named key, bound to purpose, pool and request, and naming nobody', async () => {
    const { kms, sealer } = setUp()
    kms.on(EncryptCommand).resolves({ CiphertextBlob: Uint8Array.of(0xfb, 0xff) })

    const envelope = await sealer.seal(password, boundTo)

    expect(envelope).toBe('latchkey.v1.kms.-_8')
    expect(kms).toHaveReceivedCommandExactlyOnceWith(EncryptCommand, {
      KeyId: keyArn,
      EncryptionContext: { purpose: 'latchkey:create-user', audience, provisioning_id: boundTo.provisioningId },
      Plaintext: writeContents(password, boundTo, sealedAtMs),
    })
  })

  it('takes an answer without ciphertext for an upstream error', async () => {
    const { kms, sealer } = setUp()
    kms.on(EncryptCommand).resolves({})

    await expect(sealer.seal(password, boundTo)).rejects.toEqual(
      serviceError('upstream_error', 'kms_answer_without_ciphertext'),
    )
  })

  it('reports a key in the wrong state as our own fault, without the message of KMS', async () => {
    const { kms, sealer } = setUp()
    const refusal = new KMSInvalidStateException({ message: `${keyArn} is pending deletion.`, $metadata: {} })
    kms.on(EncryptCommand).rejects(refusal)

    const error: unknown = await sealer.seal(password, boundTo).catch((thrown: unknown) => thrown)

    expect(error).toEqual(serviceError('internal_error', 'KMSInvalidStateException'))
    expect(String(error)).not.toContain('pending deletion')
  })

  it('asks nothing of KMS when the contents are too long', async () => {
    const { kms, sealer } = setUp()

    await expect(sealer.seal(new SecretValue('x'.repeat(4096)), boundTo)).rejects.toEqual(
      serviceError('internal_error', 'contents_too_long'),
    )
    expect(kms).not.toHaveReceivedCommand(EncryptCommand)
  })

  it('does not take a plain string for a password, neither when it is compiled nor when it runs', async () => {
    const { kms, sealer } = setUp()

    // @ts-expect-error -- this is the test: a password that is not a SecretValue must not compile
    const sealing = sealer.seal('Correct-Horse7', boundTo)

    await expect(sealing).rejects.toBeInstanceOf(TypeError)
    expect(kms).not.toHaveReceivedCommand(EncryptCommand)
  })
})
