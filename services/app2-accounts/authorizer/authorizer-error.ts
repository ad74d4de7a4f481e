// An internal failure, which is neither a bad token nor a denial; it never carries anything of the request.

export type AuthorizerFailure =
  | 'jwks_unreachable'
  | 'jwks_timeout'
  | 'jwks_status'
  | 'jwks_too_large'
  | 'jwks_malformed'
  | 'jwks_without_usable_key'
  | 'invalid_method_arn'
  | 'unexpected'

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
