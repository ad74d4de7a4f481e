// The ports that passwords are sealed and opened through, and what binds them to one request; it does no cryptography.
import { ServiceError } from '../errors.ts'
import type { SecretValue } from '../text/secret-value.ts'

/** What a password is sealed for. The conditions in the key policy and in the roles' policies name these values. */
export type SealingPurpose = 'latchkey:create-user' | 'latchkey:reset-password'

/** The one request that a sealed password is good for. */
export type SealedFor = {
  readonly purpose: SealingPurpose
  readonly username: string
  /** Of a reset, its own id, which has the same form. */
  readonly provisioningId: string
}

/** `signal` ends a call that goes over the network; a cipher that waits for nothing has no use for it. */
export type CallOptions = { readonly signal?: AbortSignal }

/**
 * Seals a password so that nobody but the opener reads it. Two ports and not one, so that a service which seals has
 * neither the permission nor the code to open.
 */
export type PasswordSealer = {
  /**
   * An envelope (see envelope.ts) that opens for `boundTo` alone, during the next ten minutes. Sealing the same
   * password again gives another text. Throws `internal_error`, `throttled`, `upstream_error`, `upstream_timeout` or
   * `upstream_unavailable`.
   */
  seal(password: SecretValue, boundTo: SealedFor, options?: CallOptions): Promise<string>
}

export type PasswordOpener = {
  /**
   * The password that was sealed for `boundTo`. Throws `password_unreadable` for every way in which an envelope can
   * be wrong, alike to the caller; besides that, what `seal` throws.
   */
  open(encryptedPassword: string, boundTo: SealedFor, options?: CallOptions): Promise<SecretValue>
}

/** What a ciphertext is authenticated with: KMS's encryption context, AES-GCM's additional data. */
export type CipherContext = Readonly<Record<string, string>>

/** Of contents that are no password. Throws as `seal` and `open` do. */
export type Encrypter = {
  readonly encrypt: (contents: Uint8Array, context: CipherContext, options?: CallOptions) => Promise<string>
}

export type Decrypter = {
  readonly decrypt: (envelope: string, context: CipherContext, options?: CallOptions) => Promise<Uint8Array>
}

/** Why an envelope did not open. For the log: told to a caller, it would be an oracle. */
export type UnreadableReason =
  | 'malformed_envelope'
  | 'wrong_cipher'
  | 'not_authentic'
  | 'other_key'
  | 'malformed_contents'
  | 'bound_to_another_request'
  | 'expired'
  | 'expires_too_late'

/** It has no cause: what a parser or a cipher says of a sealed password may quote it. */
export function unreadable(reason: UnreadableReason): ServiceError {
  return new ServiceError('password_unreadable', { reason })
}

export type EncryptionContext = {
  readonly purpose: SealingPurpose
  readonly audience: string
  readonly provisioning_id: string
}

/**
 * What a sealed password is authenticated with. `audience` is the id of the user pool. CloudTrail shows it in clear, so it
 * names no person; the username is inside the envelope.
 */
export function encryptionContext(
  audience: string,
  { purpose, provisioningId }: Pick<SealedFor, 'purpose' | 'provisioningId'>,
): EncryptionContext {
  return { purpose, audience, provisioning_id: provisioningId }
}
