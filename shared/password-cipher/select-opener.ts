// Makes the opener that the configuration names; it never reaches the sealer's code, nor tries another cipher on failure.
import { KMSClient } from '@aws-sdk/client-kms'
import { awsClientOptions } from '../aws/aws-client-options.ts'
import type { PasswordOpener } from './cipher.ts'
import { createKmsOpener } from './kms-opener.ts'
import { loadLocalCipher, type CipherConfig, type CipherDeps } from './load-local-cipher.ts'

/**
 * Call it once, when the service starts: each call makes a KMS client. Throws ConfigurationError for a local cipher
 * inside Lambda.
 */
export async function createOpener(config: CipherConfig, deps: CipherDeps): Promise<PasswordOpener> {
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
