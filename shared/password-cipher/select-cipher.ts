// Makes the sealer or the opener that the configuration names; it never tries another cipher on failure. A bundle holds the
// one that its function calls: App1 cannot open, create-user cannot seal.
import { KMSClient } from '@aws-sdk/client-kms'
import { awsClientOptions } from '../aws/aws-client-options.ts'
import type { Logger } from '../logger.ts'
import type { Decrypter, Encrypter, PasswordOpener, PasswordSealer } from './cipher.ts'
import type { CipherChoice } from './cipher-choice.ts'
import { createKmsOpener } from './kms-opener.ts'
import { createKmsSealer } from './kms-sealer.ts'

/** Where a service's configuration says which cipher, which Region, and which user pool the passwords are for. */
export type CipherConfig = { readonly cipher: CipherChoice; readonly region: string; readonly userPoolId: string }

export type CipherDeps = { readonly now: () => number; readonly logger: Pick<Logger, 'warn'> }

export const localCipherWarning =
  'UNSAFE: passwords are sealed with a local AES-256-GCM key, not with KMS. This is for one machine only.'

/**
 * Call it once, when the service starts: each call makes a KMS client. Throws ConfigurationError for a local cipher
 * inside Lambda.
 */
export async function createSealer(config: CipherConfig, deps: CipherDeps): Promise<PasswordSealer & Encrypter> {
  const { cipher, userPoolId: audience } = config
  switch (cipher.cipher) {
    case 'kms': {
      // The key's own Region: it is App2's, and App1 may live in another.
      const [, , , region = config.region] = cipher.keyArn.split(':')
      const kms = new KMSClient({ ...awsClientOptions, region })
      return createKmsSealer({ kms, keyArn: cipher.keyArn, audience, now: deps.now })
    }
    case 'aes-256-gcm':
      return loadLocalCipher(cipher, { audience, ...deps })
  }
}

/** As createSealer. */
export async function createOpener(config: CipherConfig, deps: CipherDeps): Promise<PasswordOpener & Decrypter> {
  const { cipher, region, userPoolId: audience } = config
  switch (cipher.cipher) {
    case 'kms': {
      const kms = new KMSClient({ ...awsClientOptions, region })
      return createKmsOpener({ kms, keyArn: cipher.keyArn, audience, now: deps.now })
    }
    case 'aes-256-gcm':
      return loadLocalCipher(cipher, { audience, ...deps })
  }
}

/**
 * The local cipher. It is imported here and nowhere else, and only once it is asked for: the bundler leaves
 * aes-gcm-cipher.ts out of what is deployed, and this import then fails there.
 */
async function loadLocalCipher(
  choice: Extract<CipherChoice, { cipher: 'aes-256-gcm' }>,
  options: { readonly audience: string } & CipherDeps,
): Promise<PasswordSealer & PasswordOpener & Encrypter & Decrypter> {
  const { createAesGcmCipher } = await import('./aes-gcm-cipher.ts')
  const cipher = createAesGcmCipher({ key: choice.key, audience: options.audience, now: options.now })
  options.logger.warn(localCipherWarning)
  return cipher
}
