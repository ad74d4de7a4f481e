// KMS as far as sealing needs it: real authentication of ciphertext and context, and KMS's two refusals.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  DecryptCommand,
  EncryptCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
} from '@aws-sdk/client-kms'
import { mockClient } from 'aws-sdk-client-mock'

/** A client whose Encrypt and Decrypt work; `keyArn` is the one key there is. */
export function createKmsEmulator(keyArn: string): KMSClient {
  const client = new KMSClient({ region: 'eu-west-1' })
  const key = randomBytes(32)
  mockClient(client)
    .on(EncryptCommand)
    .callsFake((input: { Plaintext: Uint8Array; EncryptionContext: Record<string, string> }) => {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(bytesOf(input.EncryptionContext))
      const ciphertext = Buffer.concat([cipher.update(input.Plaintext), cipher.final()])
      return { CiphertextBlob: Buffer.concat([iv, cipher.getAuthTag(), ciphertext]), KeyId: keyArn }
    })
    .on(DecryptCommand)
    .callsFake((input: { KeyId: string; CiphertextBlob: Uint8Array; EncryptionContext: Record<string, string> }) => {
      if (input.KeyId !== keyArn) throw new IncorrectKeyException({ message: '', $metadata: {} })
      try {
        const blob = input.CiphertextBlob
        const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12), { authTagLength: 16 })
        decipher.setAAD(bytesOf(input.EncryptionContext)).setAuthTag(blob.subarray(12, 28))
        return { Plaintext: Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]), KeyId: keyArn }
      } catch {
        throw new InvalidCiphertextException({ message: '', $metadata: {} })
      }
    })
  return client
}

function bytesOf(context: Record<string, string>): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))))
}
