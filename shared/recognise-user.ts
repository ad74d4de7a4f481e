// Whose user is it that has the name already? Decided from the id that its creation left on it, and from nothing else.
import { provisioningIdPattern } from './contract.ts'

/** As much of a user as a creation that meets it has to know. */
export type ExistingUser = {
  readonly sub: string
  readonly createdAt: Date
  readonly enabled: boolean
  /** True until a permanent password was set: nobody can sign in as this user yet. */
  readonly awaitsPassword: boolean
  /** Written once, at creation. Absent for users that Latchkey did not make. */
  readonly provisioningId: string | undefined
  /** Whether anything of the user, its password included, was written after its creation. Groups do not count. */
  readonly changedSinceCreation: boolean
}

export type Recognition =
  /** Somebody else's, or one that an operator has had a hand in: nothing of it may change. */
  | { readonly kind: 'taken'; readonly reason: 'not_ours' | 'another_creation' | 'disabled' | 'changed_since_creation' }
  /** The same creation, but it asks for something else than it did the first time. */
  | { readonly kind: 'key_reused' }
  /** The same request, and its work is done. What became of the user since is an operator's business. */
  | { readonly kind: 'finished' }
  /** The same request, left incomplete a short while ago. */
  | { readonly kind: 'resumable' }
  /** The same request, left incomplete too long ago to be taken up without a look. */
  | { readonly kind: 'stale' }

/** A repeat later than this is no repeat of the caller's, but an old message that turned up. */
const resumableForMs = 60 * 60_000

/** What the existing `user` is to the request with `provisioningId`, at the time `now` (epoch milliseconds). */
export function recogniseUser(
  user: ExistingUser,
  { provisioningId, now }: { readonly provisioningId: string; readonly now: number },
): Recognition {
  const theirs = parse(user.provisioningId)
  const ours = parse(provisioningId)
  if (theirs === undefined || ours === undefined) return { kind: 'taken', reason: 'not_ours' }
  if (theirs.id !== ours.id) return { kind: 'taken', reason: 'another_creation' }
  if (theirs.fingerprint !== ours.fingerprint) return { kind: 'key_reused' }
  if (!user.awaitsPassword) return { kind: 'finished' }
  if (!user.enabled) return { kind: 'taken', reason: 'disabled' }
  // A finished user whom an operator gave a temporary password, which revokes the old one, awaits a password as well.
  if (user.changedSinceCreation) return { kind: 'taken', reason: 'changed_since_creation' }
  return { kind: now - user.createdAt.getTime() < resumableForMs ? 'resumable' : 'stale' }
}

/** An absent or malformed id matches nothing, not even another one like it. */
function parse(provisioningId: string | undefined): { id: string; fingerprint: string } | undefined {
  if (provisioningId === undefined || !provisioningIdPattern.test(provisioningId)) return undefined
  const [, id = '', fingerprint = ''] = provisioningId.split('.')
  return { id, fingerprint }
}
