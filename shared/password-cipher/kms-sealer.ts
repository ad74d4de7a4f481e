// Seals a password with KMS Encrypt; it never holds the command to decrypt, so App1's bundle cannot open anything.
import { EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { ServiceError } from '../errors.ts'
import { encryptionContext, type Encrypter, type PasswordSealer } from './cipher.ts'
import { writeKmsEnvelope } from './envelope.ts'
import { translateKmsErrors } from './kms-errors.ts'
import { writeContents } from './sealed-contents.ts'

export type KmsSealerDeps = {
  readonly kms: KMSClient
  /** The ARN of the key, not of an alias: a permission on an alias is no permission to use the key behind it. */
  readonly keyArn: string
  /** Id of the user pool that the password is for. */
  readonly audience: string
  readonly now: () => number
}

/** Needs `kms:Encrypt` on the key under our encryption context, and nothing else. */
export function createKmsSealer({ audience, now, ...deps }: KmsSealerDeps): PasswordSealer & Encrypter {
  const encrypt = encryptWith(deps)
  return {
    encrypt,
    seal: async (password, boundTo, options) =>
      encrypt(writeContents(password, boundTo, now()), encryptionContext(audience, boundTo), options),
  }
}

function encryptWith({ kms, keyArn: KeyId }: Pick<KmsSealerDeps, 'kms' | 'keyArn'>): Encrypter['encrypt'] {
  return async (Plaintext, EncryptionContext, { signal } = {}) => {
    const encrypt = new EncryptCommand({ KeyId, EncryptionContext, Plaintext })
    const answer = await translateKmsErrors(() => kms.send(encrypt, { ...(signal && { abortSignal: signal }) }))
    if (answer.CiphertextBlob === undefined) {
      throw new ServiceError('upstream_error', { reason: 'kms_answer_without_ciphertext' })
    }
    return writeKmsEnvelope(answer.CiphertextBlob)
  }
}
