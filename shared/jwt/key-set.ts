// Decides when an issuer's public keys are fetched again and how long they serve; it never looks at a token.
import type { Jwks } from 'aws-jwt-verify/jwk'
import type { Logger } from '../logger.ts'
import { singleFlight } from '../time/single-flight.ts'
import { KeySetError } from './key-set-error.ts'
import type { Patience } from './fetch-jwks.ts'

/** A retired key is forgotten after this time at the latest. aws-jwt-verify by itself keeps a JWKS for ever. */
const freshForMs = 15 * 60_000

/** How old the keys may become while the JWKS cannot be fetched. After that a retired key could serve too long. */
const servesForMs = 6 * 60 * 60_000

/** After a failure the old keys serve without a new attempt, so that an outage does not add a second to each request. */
const backOffMs = 30_000

/** Key ids are free to make up: for all of them together the JWKS is fetched once in this time. */
const unknownKeyPenaltyMs = 10_000

/** `requestId` is that of the request that has to wait; a failure's log line has the one of whom it happened to first. */
export type KeySet = {
  /** Whether the keys in hand serve as they are, with nothing to wait for. */
  isFresh(): boolean
  /**
   * Resolves with keys in hand that may serve: fetched anew if they are older than 15 minutes, the old ones for up to
   * 6 hours where that fails within a second. Throws KeySetError when there are none, after a longer wait.
   */
  refresh(requestId?: string): Promise<void>
  /**
   * Fetches the keys before anybody needs them, within a second. A failure leaves no trace, so that the first request tries
   * as if nobody had. Give no request over to a function before it has settled: a frozen one would wake up with its
   * deadline over.
   */
  prefetch(): Promise<void>
  /**
   * For a token whose key id is not in the set: true when the set was fetched again since, false when it had been fetched
   * less than 10 seconds ago. Throws KeySetError when the fetch fails, and for 10 seconds after one that failed, since then
   * nobody knows: the key may be a new one of the issuer.
   */
  refetchForUnknownKey(requestId?: string): Promise<boolean>
}

type KeySetDeps = {
  readonly fetchJwks: (patience: Patience) => Promise<Jwks>
  /** Receives each whole set that was fetched, in place of the one before. */
  readonly install: (jwks: Jwks) => void
  readonly now: () => number
  readonly logger: Logger
}

/** The key set of one issuer, empty at first. Whoever needs the JWKS while it is being fetched waits for that one fetch. */
export function createKeySet(deps: KeySetDeps): KeySet {
  let fetchedAt = -Infinity
  let failedAt = -Infinity
  let failure: unknown
  const ageMs = (): number => msSince(fetchedAt, deps.now())

  const fetchKeys = singleFlight(async (patience: Patience, requestId: string | undefined) => {
    const startedAt = deps.now()
    try {
      deps.install(await deps.fetchJwks(patience))
      fetchedAt = startedAt
    } catch (error) {
      failedAt = deps.now()
      failure = error
      const reason = error instanceof KeySetError ? error.reason : 'unexpected'
      deps.logger.warn('The JWKS could not be fetched', { request_id: requestId, reason })
      throw error
    }
  })

  return {
    isFresh: () => ageMs() <= freshForMs,

    async refresh(requestId) {
      const serves = ageMs() <= servesForMs
      if (serves && msSince(failedAt, deps.now()) < backOffMs) return
      try {
        // Right after a failure nobody waits for long again: each wait holds an instance of the function.
        const hasFailed = msSince(failedAt, deps.now()) < backOffMs
        await fetchKeys(serves || hasFailed ? 'short' : 'long', requestId)
      } catch (error) {
        if (!serves) throw error
      }
    },

    async prefetch() {
      const startedAt = deps.now()
      const jwks = await deps.fetchJwks('short').catch(() => undefined)
      if (jwks === undefined) return
      deps.install(jwks)
      fetchedAt = startedAt
    },

    async refetchForUnknownKey(requestId) {
      if (failedAt > fetchedAt && msSince(failedAt, deps.now()) < unknownKeyPenaltyMs) throw failure
      if (ageMs() < unknownKeyPenaltyMs) return false
      await fetchKeys('short', requestId)
      return true
    },
  }
}

/**
 * From `time` to `now`. For a time that is still to come there is no answer, since the clock was set back in between;
 * then it counts as long ago, so that keys are fetched again, and no wait lasts until the clock has caught up.
 */
function msSince(time: number, now: number): number {
  return time > now ? Infinity : now - time
}
