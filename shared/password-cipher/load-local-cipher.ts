// Loads the local cipher once it is chosen, and says so aloud; a service on KMS never gets here.
import type { Logger } from '../logger.ts'
import type { PasswordOpener, PasswordSealer } from './cipher.ts'
import type { CipherChoice } from './cipher-choice.ts'

/** Where a service's configuration says which cipher, which Region, and which user pool the passwords are for. */
export type CipherConfig = { readonly cipher: CipherChoice; readonly region: string; readonly userPoolId: string }

export type CipherDeps = { readonly now: () => number; readonly logger: Pick<Logger, 'warn'> }

export const localCipherWarning =
  'UNSAFE: passwords are sealed with a local AES-256-GCM key, not with KMS. This is for one machine only.'

/**
 * The local cipher. It is imported here and nowhere else, and only once it is asked for: the bundler leaves
 * aes-gcm-cipher.ts out of what is deployed, and this import then fails there.
 */
export async function loadLocalCipher(
  choice: Extract<CipherChoice, { cipher: 'aes-256-gcm' }>,
  options: { readonly audience: string } & CipherDeps,
): Promise<PasswordSealer & PasswordOpener> {
  const { createAesGcmCipher } = await import('./aes-gcm-cipher.ts')
  const cipher = createAesGcmCipher({ key: choice.key, audience: options.audience, now: options.now })
  options.logger.warn(localCipherWarning)
  return cipher
}
