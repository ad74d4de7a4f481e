// The keys of one issuer for aws-jwt-verify; it never gives a key to a token that names another issuer.
import { JwtInvalidIssuerError } from 'aws-jwt-verify/error'
import { SimpleJwksCache, type JwkWithKid } from 'aws-jwt-verify/jwk'

type KeyRequest = Parameters<SimpleJwksCache['getCachedJwk']>

/**
 * Refuses a wrong issuer before anything is done for the token. With a single issuer aws-jwt-verify (5.2.1) compares it
 * last, and before that keeps a key object under whatever issuer the *unverified* token names: whoever sends made-up
 * issuers with a key id from the public JWKS could fill the memory, without any signature. It also keeps tokens of
 * other issuers from causing fetches.
 */
export class IssuerBoundJwksCache extends SimpleJwksCache {
  readonly #issuer: string

  constructor(issuer: string) {
    super()
    this.#issuer = issuer
  }

  override getCachedJwk(...[jwksUri, unverifiedJwt]: KeyRequest): JwkWithKid {
    const { iss } = unverifiedJwt.payload
    if (iss !== this.#issuer) throw new JwtInvalidIssuerError('Issuer not allowed', iss, this.#issuer)
    return super.getCachedJwk(jwksUri, unverifiedJwt)
  }
}
