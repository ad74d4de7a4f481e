// An internal failure, which is neither a bad token nor a denial; it never carries anything of the request.
import type { KeySetFailure } from '#shared/jwt/key-set-error.ts'

export type AuthorizerFailure = KeySetFailure | 'invalid_method_arn' | 'unexpected'

/**
 * API Gateway answers 500 and caches nothing. The message must not be `Unauthorized`, which would be a 401; Lambda
 * writes it to the log together with the stack, so it is a fixed sentence.
 */
export class AuthorizerError extends Error {
  override readonly name = 'AuthorizerError'
  readonly reason: AuthorizerFailure

  constructor(reason: AuthorizerFailure) {
    super('The authorizer cannot decide.')
    this.reason = reason
  }
}
