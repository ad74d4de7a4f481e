// Says whether a token is a valid access token of our pool and what it claims; it never says what its bearer may do.
import {
  createJwtVerifier,
  type JwtRefusal,
  type JwtVerification,
  type JwtVerifier,
  type JwtVerifierDeps,
} from '#shared/jwt/jwt-verifier.ts'
import { readAccessClaims, type AccessClaims, type ClaimsRefusal, type ClaimsRules } from './access-claims.ts'

export type TokenRefusal = JwtRefusal | ClaimsRefusal

export type Verification = JwtVerification<AccessClaims, ClaimsRefusal>

export type TokenVerifier = JwtVerifier<AccessClaims, ClaimsRefusal>

type TokenVerifierDeps = Omit<JwtVerifierDeps<AccessClaims, ClaimsRefusal>, 'readClaims'> & {
  /** Which claims make a good token of one that the pool signed. */
  readonly rules: ClaimsRules
}

export function createTokenVerifier({ rules, ...deps }: TokenVerifierDeps): TokenVerifier {
  return createJwtVerifier({ ...deps, readClaims: (payload, now) => readAccessClaims(payload, { ...rules, now }) })
}
