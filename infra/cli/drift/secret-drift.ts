// Finds secrets without a user, and passwords that were written and never set; it changes nothing.
import {
  finishedByRepeatForMs,
  isIncomplete,
  isMachineUser,
  leftAlone,
  type Finding,
  type PoolUser,
  type Verdict,
} from './drift.ts'
import type { PasswordVersion, PasswordVersions, UserSecret, UserSecrets } from './user-secrets.ts'

export type SecretProblem =
  /** No user of the pool has the sub in its name. */
  | 'without_user'
  /** AWSCURRENT is younger than the user's last change: the user still has the password of before. */
  | 'password_not_set'

export type DriftedSecret = {
  readonly name: string
  readonly sub: string
  /** Of its user, where there is one. */
  readonly username: string | undefined
  readonly problem: SecretProblem
  /** Of the secret without a user, or of the password that was not set. */
  readonly createdAt: number
  readonly ageMs: number
  readonly verdict: Finding
}

/**
 * By so much the clocks of Cognito and Secrets Manager may differ. Less than the 30 s in which a second password cannot
 * be written, so that no password hides behind the one before it.
 */
export const clockToleranceMs = 10_000

/** The verdict on a secret whose sub no user of the pool has; `anyMatched` says whether any secret has its user there. */
export function classifyOrphan(
  { createdAt }: Pick<UserSecret, 'createdAt'>,
  { now, anyMatched }: { readonly now: number; readonly anyMatched: boolean },
): Finding {
  if (now - createdAt <= finishedByRepeatForMs) return leftAlone('too_recent')
  // The prefix of one stack and the pool of another: all of them would go.
  if (!anyMatched) return leftAlone('no_secret_of_this_pool')
  return { kind: 'repairable' }
}

export type PasswordVerdict =
  | Exclude<Verdict, { readonly kind: 'repairable' }>
  | { readonly kind: 'repairable'; readonly move: { readonly from: PasswordVersion; readonly to: PasswordVersion } }

/** The verdict on the secret of a user that has a password and was last changed at `modifiedAt`. */
export function classifyPassword(
  { current, previous }: PasswordVersions,
  { modifiedAt, now }: { readonly modifiedAt: number; readonly now: number },
): PasswordVerdict {
  if (current === undefined || !isAfter(current.createdAt, modifiedAt)) return { kind: 'passed' }
  if (now - current.createdAt <= finishedByRepeatForMs) return leftAlone('too_recent')
  // The one before was not set either, where it is younger than the user's last change as well.
  if (previous === undefined || isAfter(previous.createdAt, modifiedAt)) return leftAlone('no_earlier_password')
  return { kind: 'repairable', move: { from: current, to: previous } }
}

function isAfter(writtenAt: number, modifiedAt: number): boolean {
  return writtenAt - modifiedAt > clockToleranceMs
}

export type SecretSearch = {
  /** To be called for every user of the pool. */
  readonly see: (user: PoolUser) => void
  /** To be read after the last user. Who vanishes meanwhile has passed. */
  readonly findings: () => AsyncGenerator<DriftedSecret, void, undefined>
}

type Suspect = Pick<UserSecret, 'name' | 'sub'> & Pick<PoolUser, 'username' | 'modifiedAt'>

/**
 * Reads all secrets before the first user is read, so that a password that is set meanwhile shows as one. AWS keeps at
 * most 500,000 of them in a Region. Versions are listed only for a secret that was changed later than its user.
 */
export async function searchSecrets(
  { secrets, now }: { readonly secrets: Pick<UserSecrets, 'pages' | 'versions'>; readonly now: () => number },
  onPage: (secretCount: number) => void,
): Promise<SecretSearch> {
  const unmatched = new Map<string, UserSecret>()
  const suspects: Suspect[] = []
  let anyMatched = false
  for await (const page of secrets.pages()) {
    for (const secret of page) unmatched.set(secret.sub, secret)
    onPage(unmatched.size)
  }

  return {
    see(user) {
      const secret = unmatched.get(user.sub)
      if (secret === undefined) return
      unmatched.delete(user.sub)
      anyMatched = true
      const { sub, username, modifiedAt } = user
      if (isMachineUser(user) || isIncomplete(user) || !isAfter(secret.changedAt, modifiedAt)) return
      suspects.push({ name: secret.name, sub, username, modifiedAt })
    },

    async *findings() {
      for (const { modifiedAt, ...suspect } of suspects) {
        const versions = await secrets.versions(suspect.sub)
        const at = now()
        const verdict = classifyPassword(versions ?? nothing, { modifiedAt, now: at })
        if (verdict.kind === 'passed' || versions?.current === undefined) continue
        const { createdAt } = versions.current
        yield { ...suspect, problem: 'password_not_set', createdAt, ageMs: at - createdAt, verdict }
      }
      for (const { name, sub, createdAt } of unmatched.values()) {
        const at = now()
        const verdict = classifyOrphan({ createdAt }, { now: at, anyMatched })
        yield { name, sub, username: undefined, problem: 'without_user', createdAt, ageMs: at - createdAt, verdict }
      }
    },
  }
}

const nothing: PasswordVersions = { current: undefined, previous: undefined }
