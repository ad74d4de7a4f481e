// Says whether a token is a valid access token of our pool, or of App1's role, and what it claims; it never says what its
// bearer may do.
import {
  createJwtVerifier,
  type JwtRefusal,
  type JwtVerification,
  type JwtVerifier,
  type JwtVerifierDeps,
} from '#shared/jwt/jwt-verifier.ts'
import { createVerifierByIssuer } from '#shared/jwt/verifier-by-issuer.ts'
import { readAccessClaims, type AccessClaims, type ClaimsRefusal, type ClaimsRules } from './access-claims.ts'
import { readStsClaims, type StsRefusal, type StsRules } from './sts-claims.ts'

export type TokenRefusal = JwtRefusal | ClaimsRefusal | StsRefusal

export type Verification = JwtVerification<AccessClaims, ClaimsRefusal | StsRefusal>

export type TokenVerifier = JwtVerifier<AccessClaims, ClaimsRefusal | StsRefusal>

type Source = Pick<JwtVerifierDeps<AccessClaims, string>, 'issuer' | 'fetchJwks'>

type TokenVerifierDeps = Omit<JwtVerifierDeps<AccessClaims, string>, 'readClaims'> & {
  /** Which claims make a good token of one that the pool signed. */
  readonly rules: ClaimsRules
  /** AWS STS as the issuer of App1's account; undefined where tokens of roles are not accepted. */
  readonly sts?: (Source & { readonly rules: StsRules }) | undefined
}

/** Each issuer has its own keys and its own rules: a token of one is never judged by the other's. */
export function createTokenVerifier({ rules, sts, ...deps }: TokenVerifierDeps): TokenVerifier {
  const pool = createJwtVerifier({
    ...deps,
    readClaims: (payload, now) => readAccessClaims(payload, { ...rules, now }),
  })
  if (sts === undefined) return pool
  const readClaims = (...[payload, now]: Parameters<JwtVerifierDeps<AccessClaims, StsRefusal>['readClaims']>) =>
    readStsClaims(payload, { ...sts.rules, now })
  const roles = createJwtVerifier({ ...deps, ...sts, readClaims })
  return createVerifierByIssuer(
    new Map<string, TokenVerifier>([
      [deps.issuer, pool],
      [sts.issuer, roles],
    ]),
  )
}
