// Remembers the policies of verified tokens; it never remembers a refusal, nor outlives a token or the key that signed it.
import type { LogFields } from '#shared/logger.ts'
import { parseStageArn, type AuthorizerResult } from './policy.ts'

/** An Allow or a Deny. Both may be kept: groups and client are the token's own and stay what they are until it expires. */
export type PolicyDecision = {
  readonly outcome: 'policy'
  readonly result: AuthorizerResult
  /** When the token expires, in epoch milliseconds. */
  readonly expiresAt: number
  /** What the log says of it, each time anew. Frozen once it is asked for again: then the logger keeps its text. */
  readonly audit: LogFields
}

export type DecisionCache = {
  /**
   * What was decided for exactly this header and for the API and stage of `methodArn`, if its token has not expired
   * and was verified by the key set that is in force now. Throws AuthorizerError for a malformed `methodArn`, as the
   * decision itself would.
   */
  find(request: {
    readonly header: string
    readonly methodArn: unknown
    readonly keySet: number | undefined
  }): PolicyDecision | undefined
  /**
   * Takes `decision`, which must have been made for `methodArn` and rest on a token that `keySet` verified. What rests
   * on another set is forgotten.
   */
  keep(decided: {
    readonly header: string
    readonly methodArn: unknown
    readonly keySet: number
    readonly decision: PolicyDecision
  }): void
}

type Entry = { readonly header: string; readonly methodArn: unknown; readonly decision: PolicyDecision }

/** An entry takes 2.4 kB for a token of 1 kB, as Cognito writes it, and 11 kB for the longest that is taken: 11 MB at most. */
const mostEntries = 1_000

/**
 * Of an RSA signature, 68 bits. A map of whole headers would hash a kilobyte for each event, whose strings are always
 * new; that takes longer than this whole look-up. And V8 makes of a slice of more than 12 characters a reference into
 * the header, which takes twice as long to look up as a copy.
 */
const tailLength = 12

/** An empty cache. When it is full, what came first goes first: a hit then only reads. */
export function createDecisionCache(deps: { readonly now: () => number }): DecisionCache {
  const entries = new Map<string, Entry>()
  let keySetOfEntries: number | undefined

  return {
    find({ header, methodArn, keySet }) {
      if (keySet !== keySetOfEntries) return undefined
      const entry = entries.get(header.slice(-tailLength))
      // Equal tails are no equal tokens: anybody can put the end of a good signature under claims of his own.
      if (entry?.header !== header) return undefined
      if (entry.decision.expiresAt <= deps.now()) return undefined
      // The policy names one stage's routes. It must not answer for another stage or API that shares this function.
      if (methodArn !== entry.methodArn && parseStageArn(methodArn) !== parseStageArn(entry.methodArn)) return undefined
      // Not sooner: it costs more than it saves for a token that is seen once.
      Object.freeze(entry.decision.audit)
      return entry.decision
    },

    keep({ header, methodArn, keySet, decision }) {
      if (keySet !== keySetOfEntries) {
        entries.clear()
        keySetOfEntries = keySet
      }
      const tail = header.slice(-tailLength)
      entries.delete(tail)
      for (const oldest of entries.keys()) {
        if (entries.size < mostEntries) break
        entries.delete(oldest)
      }
      entries.set(tail, { header, methodArn, decision })
    },
  }
}
