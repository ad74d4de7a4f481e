// The failure to have an issuer's public keys, which says nothing of any token; it never carries anything of the answer.

export type KeySetFailure =
  | 'jwks_unreachable'
  | 'jwks_timeout'
  | 'jwks_status'
  | 'jwks_too_large'
  | 'jwks_malformed'
  | 'jwks_without_usable_key'
  | 'discovery_unreachable'
  | 'discovery_malformed'
  | 'discovery_of_another_issuer'

/** No token can be judged. The message is a fixed sentence, since a runtime may write it to a log together with the stack. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError'
  readonly reason: KeySetFailure

  constructor(reason: KeySetFailure) {
    super('The key set cannot be had.')
    this.reason = reason
  }
}
