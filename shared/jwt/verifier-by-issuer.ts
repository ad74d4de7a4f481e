// Has each token judged by the verifier of the issuer that it names; it believes the name no further than that.
import { JwtParseError } from 'aws-jwt-verify/error'
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt'
import { isWellFormed } from './compact-token.ts'
import type { JwtVerifier } from './jwt-verifier.ts'

/** `verifiers` by issuer, each of which looks at the issuer again. An issuer without one is `wrong_issuer`, and nothing is fetched for it. */
export function createVerifierByIssuer<Claims, Refusal>(
  verifiers: ReadonlyMap<string, JwtVerifier<Claims, Refusal>>,
): JwtVerifier<Claims, Refusal> {
  const [only, ...others] = verifiers.values()
  if (only !== undefined && others.length === 0) return only
  return {
    async verify(unverifiedToken, requestId) {
      const unverifiedIssuer = isWellFormed(unverifiedToken) ? readUnverifiedIssuer(unverifiedToken) : undefined
      if (unverifiedIssuer === undefined) return { ok: false, reason: 'malformed' }
      const verifier = verifiers.get(unverifiedIssuer)
      return verifier?.verify(unverifiedToken, requestId) ?? { ok: false, reason: 'wrong_issuer' }
    },

    async warmUp() {
      await Promise.all([...verifiers.values()].map((verifier) => verifier.warmUp()))
    },
  }
}

/** Undefined for what is no JWT; '' where it names none. */
function readUnverifiedIssuer(unverifiedToken: string): string | undefined {
  try {
    return decomposeUnverifiedJwt(unverifiedToken).payload.iss ?? ''
  } catch (error) {
    if (error instanceof JwtParseError) return undefined
    throw error
  }
}
