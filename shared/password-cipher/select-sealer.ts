// Makes the sealer that the configuration names; it never reaches the opener's code, nor tries another cipher on failure.
import { KMSClient } from '@aws-sdk/client-kms'
import { awsClientOptions } from '../aws/aws-client-options.ts'
import type { PasswordSealer } from './cipher.ts'
import { createKmsSealer } from './kms-sealer.ts'
import { loadLocalCipher, type CipherConfig, type CipherDeps } from './load-local-cipher.ts'

/**
 * Call it once, when the service starts: each call makes a KMS client. Throws ConfigurationError for a local cipher
 * inside Lambda.
 */
export async function createSealer(config: CipherConfig, deps: CipherDeps): Promise<PasswordSealer> {
  const { cipher, region, userPoolId: audience } = config
  switch (cipher.cipher) {
    case 'kms': {
      const kms = new KMSClient({ ...awsClientOptions, region })
      return createKmsSealer({ kms, keyArn: cipher.keyArn, audience, now: deps.now })
    }
    case 'aes-256-gcm':
      return loadLocalCipher(cipher, { audience, ...deps })
  }
}
