// What a way to an access token tells the token source; it says nothing of how the token is had.
import type { SecretValue } from '#shared/text/secret-value.ts'

export type SignInResult =
  | { readonly kind: 'signed_in'; readonly accessToken: SecretValue; readonly expiresInSeconds: number }
  /** These credentials are not accepted. They are not to be offered again. */
  | { readonly kind: 'rejected' }
  /** After too many failures, whoever caused them. It says nothing of these credentials. */
  | { readonly kind: 'locked' }
  /** An operator has to change something: a challenge to answer, a flow that is off, a client that is gone. */
  | { readonly kind: 'misconfigured'; readonly reason: string }

/** Tries once. Trouble on the way to Cognito is thrown as a ServiceError. */
export type SignIn<Credentials> = (credentials: Credentials, signal: AbortSignal) => Promise<SignInResult>
