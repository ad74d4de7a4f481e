// Has each token judged by the verifier of the issuer that it names; it believes the name no further than that.
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt'
import { isWellFormed } from './compact-token.ts'
import type { JwtVerifier } from './jwt-verifier.ts'

/** `verifiers` by issuer, each of which looks at the issuer again. An issuer without one is `wrong_issuer`, and nothing is fetched for it. */
export function createVerifierByIssuer<Claims, Refusal>(
  verifiers: ReadonlyMap<unknown, JwtVerifier<Claims, Refusal>>,
): JwtVerifier<Claims, Refusal> {
  return {
    async verify(unverifiedToken, requestId) {
      if (!isWellFormed(unverifiedToken)) return { ok: false, reason: 'malformed' }
      let unverified: ReturnType<typeof decomposeUnverifiedJwt>
      try {
        unverified = decomposeUnverifiedJwt(unverifiedToken)
      } catch {
        return { ok: false, reason: 'malformed' }
      }
      const verifier = verifiers.get(unverified.payload.iss)
      return verifier?.verify(unverifiedToken, requestId) ?? { ok: false, reason: 'wrong_issuer' }
    },

    async warmUp() {
      await Promise.all([...verifiers.values()].map((verifier) => verifier.warmUp()))
    },
  }
}
