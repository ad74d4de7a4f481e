// Decides when the pool's public keys are fetched again and how long they serve; it never looks at a token.
import type { Jwks } from 'aws-jwt-verify/jwk'
import type { Logger } from '../../../shared/logger.ts'
import { singleFlight } from '../../../shared/single-flight.ts'
import { AuthorizerError } from './authorizer-error.ts'

/** A retired key is forgotten after this time at the latest. aws-jwt-verify by itself keeps a JWKS for ever. */
const freshForMs = 15 * 60_000

/** How old the keys may become while the JWKS cannot be fetched. After that a retired key could serve too long. */
const servesForMs = 6 * 60 * 60_000

/** After a failure the old keys serve without a new attempt, so that an outage does not add a second to each request. */
const backOffMs = 30_000

/** Key ids are free to make up: for all of them together the JWKS is fetched once in this time. */
const unknownKeyPenaltyMs = 10_000

export type KeySet = {
  /** Whether the keys in hand serve as they are, with nothing to wait for. */
  isFresh(): boolean
  /**
   * Resolves with keys in hand that may serve: fetched anew if they are older than 15 minutes, the old ones for up to
   * 6 hours where that fails. Throws AuthorizerError when there are none.
   */
  refresh(): Promise<void>
  /**
   * For a token whose key id is not in the set: true when the set was fetched again since. False when it had been
   * fetched, or tried, less than 10 seconds ago: then the answer is that the key is not known, whatever the reason.
   * Throws AuthorizerError when the fetch fails, because then nobody knows yet: the key may be a new one of the pool.
   */
  refetchForUnknownKey(): Promise<boolean>
}

type KeySetDeps = {
  readonly fetchJwks: () => Promise<Jwks>
  /** Receives each whole set that was fetched, in place of the one before. */
  readonly install: (jwks: Jwks) => void
  readonly now: () => number
  readonly logger: Logger
}

/** The key set of one pool, empty at first. Whoever needs the JWKS while it is being fetched waits for that one fetch. */
export function createKeySet(deps: KeySetDeps): KeySet {
  let fetchedAt = -Infinity
  let failedAt = -Infinity
  const ageMs = (): number => deps.now() - fetchedAt

  const fetchKeys = singleFlight(async () => {
    const startedAt = deps.now()
    try {
      deps.install(await deps.fetchJwks())
      fetchedAt = startedAt
    } catch (error) {
      failedAt = deps.now()
      const reason = error instanceof AuthorizerError ? error.reason : 'unexpected'
      deps.logger.warn('The JWKS could not be fetched', { reason })
      throw error
    }
  })

  return {
    isFresh: () => ageMs() <= freshForMs,

    async refresh() {
      const serves = ageMs() <= servesForMs
      if (serves && deps.now() - failedAt < backOffMs) return
      try {
        await fetchKeys()
      } catch (error) {
        if (!serves) throw error
      }
    },

    async refetchForUnknownKey() {
      if (deps.now() - Math.max(fetchedAt, failedAt) < unknownKeyPenaltyMs) return false
      await fetchKeys()
      return true
    },
  }
}
