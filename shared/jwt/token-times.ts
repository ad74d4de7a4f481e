// Whether now is in the time for which a token was issued; it never takes a missing end for none.
import type { JwtPayload } from './jwt-verifier.ts'

export type TimeRefusal = 'invalid_expiry' | 'expired' | 'not_yet_valid'

type Reading =
  | { readonly ok: true; readonly expiresAt: number; readonly issuedAt: number | undefined }
  | { readonly ok: false; readonly reason: TimeRefusal }

/** `iat` is not a start of validity; only a clock that is wrong by more than this much writes one in the future. */
const clockSkewMs = 60_000

/** `expiresAt`, `issuedAt` and `now` in epoch milliseconds. Without grace: a token is expired from the instant in `exp` on. */
export function readTimes({ exp, nbf, iat }: JwtPayload, now: number): Reading {
  // An absent `exp` would be a token for ever; a fraction or 2^53 is nothing that an issuer writes.
  if (!Number.isSafeInteger(exp)) return { ok: false, reason: 'invalid_expiry' }
  const expiresAt = Number(exp) * 1_000
  if (expiresAt <= now) return { ok: false, reason: 'expired' }
  if (startsAfter(nbf, now) || startsAfter(iat, now + clockSkewMs)) return { ok: false, reason: 'not_yet_valid' }
  return { ok: true, expiresAt, issuedAt: typeof iat === 'number' ? iat * 1_000 : undefined }
}

/** Whether `claim`, in seconds, is later than `time`, in milliseconds; what is there and no number never begins. */
function startsAfter(claim: unknown, time: number): boolean {
  if (claim === undefined) return false
  return typeof claim !== 'number' || claim * 1_000 > time
}
