// Opens a sealed password with KMS Decrypt; it never holds the command to encrypt, so create-user cannot seal anything.
import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { ServiceError } from '../errors.ts'
import { encryptionContext, type Decrypter, type PasswordOpener } from './cipher.ts'
import { readKmsEnvelope } from './envelope.ts'
import { translateKmsErrors } from './kms-errors.ts'
import { readContents } from './sealed-contents.ts'

export type KmsOpenerDeps = {
  readonly kms: KMSClient
  /** Always named: without it, any key that this role may use would open an envelope, another account's included. */
  readonly keyArn: string
  /** Id of the user pool that the password is for. */
  readonly audience: string
  readonly now: () => number
}

/** Needs `kms:Decrypt` on the key under our encryption context, and nothing else. */
export function createKmsOpener({ audience, now, ...deps }: KmsOpenerDeps): PasswordOpener & Decrypter {
  const decrypt = decryptWith(deps)
  return {
    decrypt,
    async open(encryptedPassword, boundTo, options) {
      const contents = await decrypt(encryptedPassword, encryptionContext(audience, boundTo), options)
      return readContents(contents, boundTo, now())
    },
  }
}

function decryptWith({ kms, keyArn: KeyId }: Pick<KmsOpenerDeps, 'kms' | 'keyArn'>): Decrypter['decrypt'] {
  return async (envelope, EncryptionContext, { signal } = {}) => {
    const decrypt = new DecryptCommand({ KeyId, EncryptionContext, CiphertextBlob: readKmsEnvelope(envelope) })
    const answer = await translateKmsErrors(() => kms.send(decrypt, { ...(signal && { abortSignal: signal }) }))
    if (answer.Plaintext === undefined) {
      throw new ServiceError('upstream_error', { reason: 'kms_answer_without_plaintext' })
    }
    return answer.Plaintext
  }
}
