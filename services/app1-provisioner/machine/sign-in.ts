// What a mode's sign-in tells the token source; it says nothing of how the token is had.
import type { Scope } from '#shared/access-rules.ts'
import { readUnverifiedScope } from '#shared/machine/machine-scope.ts'
import type { Binding } from '#shared/machine/sts-token.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'

export type SignInResult =
  | { readonly kind: 'signed_in'; readonly accessToken: SecretValue; readonly expiresInSeconds: number }
  /** These credentials are not accepted. They are not to be offered again. */
  | { readonly kind: 'rejected' }
  /** After too many failures, whoever caused them. It says nothing of these credentials. */
  | { readonly kind: 'locked' }
  /** An operator has to change something: a challenge to answer, a flow that is off, a client that is gone. */
  | { readonly kind: 'misconfigured'; readonly reason: string }

/** Tries once. A failure on the way is thrown as a ServiceError. With a `binding` the token is for that creation alone. */
export type SignIn<Credentials> = (
  credentials: Credentials,
  signal: AbortSignal,
  binding?: Binding,
) => Promise<SignInResult>

type IssuedToken = {
  readonly accessToken: SecretValue
  readonly expiresInSeconds: number
  /** As the answer names it, if it does: whoever grants just what was asked for need not (RFC 6749, section 5.1). */
  readonly scope?: string | undefined
}

/**
 * Signed in, if the token has the wanted scope and no other. One that could do more is not for App1 to carry around, and
 * with one that can do less App2 would refuse every request: either way the client is set up wrongly.
 */
export function signedInWithScope(wanted: Scope, { accessToken, expiresInSeconds, scope }: IssuedToken): SignInResult {
  const granted = scope ?? readUnverifiedScope(accessToken)
  if (granted !== wanted) return { kind: 'misconfigured', reason: 'unexpected_scope' }
  return { kind: 'signed_in', accessToken, expiresInSeconds }
}
