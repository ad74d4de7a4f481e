// Says which human a token names, by the keys of the issuer that it is from; it never asks an issuer that is not configured.
import type { SendOnce } from '../aws/send-once.ts'
import { createJwksFetcher } from '../jwt/fetch-jwks.ts'
import { createJwtVerifier, type JwtPayload, type JwtRefusal, type JwtVerifier } from '../jwt/jwt-verifier.ts'
import { readUnverifiedPayload } from '../jwt/unverified-payload.ts'
import { bindFields, type Logger } from '../logger.ts'
import type { SecretValue } from '../text/secret-value.ts'
import { createDiscoveringFetcher } from './discover-keys.ts'
import { readHumanClaims, type HumanClaims, type HumanClaimsRefusal } from './human-claims.ts'
import type { HumanConfig, HumanIdentity } from './human-issuers.ts'

export type HumanTokenRefusal = JwtRefusal | HumanClaimsRefusal | 'too_long' | 'unknown_issuer'

export type HumanVerification =
  { readonly ok: true; readonly claims: HumanClaims } | { readonly ok: false; readonly reason: HumanTokenRefusal }

export type HumanVerifier = {
  /**
   * Whatever is wrong with the token is a value. Throws KeySetError when its issuer's keys cannot be had. `requestId` is for the
   * log alone.
   */
  verify(unverifiedToken: SecretValue, requestId?: string): Promise<HumanVerification>
  /** Fetches the keys of all issuers before anybody needs them. No failure counts. */
  warmUp(): Promise<void>
}

/** What a function knows of humans. */
export type HumanRules = {
  readonly identity: HumanIdentity
  readonly issuers: readonly string[]
  readonly verifier: HumanVerifier
}

type HumanVerifierDeps = {
  readonly send: SendOnce
  readonly now: () => number
  readonly logger: Logger
}

/** API Gateway carries 10,240 bytes of headers: this token and the machine's. */
export const longestHumanToken = 4_096

/** Of each issuer. A human comes with the same token for a few requests, and many humans do not come at once. */
const mostRemembered = 100

/** Undefined where no issuer is configured. */
export function createHumanRules(config: HumanConfig | undefined, deps: HumanVerifierDeps): HumanRules | undefined {
  if (config === undefined) return undefined
  const { identity, issuers } = config
  return { identity, issuers: issuers.map(({ issuer }) => issuer), verifier: createHumanVerifier(issuers, deps) }
}

export function createHumanVerifier(
  issuers: HumanConfig['issuers'],
  { send, ...deps }: HumanVerifierDeps,
): HumanVerifier {
  const verifiers = new Map<unknown, JwtVerifier<HumanClaims, HumanClaimsRefusal>>(
    issuers.map((rules) => {
      const { issuer, jwksUri } = rules
      const fetchJwks =
        jwksUri === undefined ? createDiscoveringFetcher({ send, issuer }) : createJwksFetcher({ send, jwksUri })
      const readClaims = (payload: JwtPayload, now: number, typ: unknown) => readHumanClaims(payload, rules, now, typ)
      // Of several issuers, the log says whose keys could not be had.
      const logger = bindFields(deps.logger, { human_issuer: issuer })
      return [issuer, createJwtVerifier({ ...deps, logger, issuer, fetchJwks, readClaims, mostRemembered })] as const
    }),
  )
  return {
    async verify(unverifiedToken, requestId) {
      const token = unverifiedToken.expose()
      if (token.length > longestHumanToken) return { ok: false, reason: 'too_long' }
      // By this the verifier is chosen, and nothing else.
      const verifier = verifiers.get(readUnverifiedPayload(token)?.['iss'])
      return verifier === undefined ? { ok: false, reason: 'unknown_issuer' } : verifier.verify(token, requestId)
    },

    async warmUp() {
      await Promise.all(Array.from(verifiers.values(), (verifier) => verifier.warmUp()))
    },
  }
}
