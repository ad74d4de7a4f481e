// What the four steps of a rotation share: their dependencies, the versions that they work on, and how they wait.
import type { Logger } from '#shared/logger.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { ClientSecrets, TrialToken } from '../client-secrets.ts'
import { isSameName, type MachineUsers, type TrialSignIn } from '../machine-users.ts'
import { failureName, RotationError, type RotationFailure } from '../rotation-error.ts'
import { parseStoredSecret, type SecretStore, type StoredSecret, type WantedVersion } from '../secret-store.ts'

export type MachineUserDeps = {
  /** Of the app client that machine users sign in through. */
  readonly clientId: string
  readonly users: MachineUsers
  readonly signIn: TrialSignIn
}

export type ScopeClientDeps = {
  readonly clientId: string
  readonly secrets: ClientSecrets
  readonly requestToken: TrialToken
}

export type StepDeps = {
  readonly store: SecretStore
  /** Where `password` is accepted. */
  readonly machineUser?: MachineUserDeps | undefined
  /** Where a scope mode is accepted. */
  readonly scopeClient?: ScopeClientDeps | undefined
  readonly sleep: (ms: number) => Promise<unknown>
  readonly logger: Logger
}

/**
 * The version that a step works on, the one that serves meanwhile, and what is known of both. The ids are those that
 * DescribeSecret names together with the label of `version`, so they are as new as the rotation.
 */
export type StepContext = {
  readonly version: string
  readonly currentVersion: string
  /** Absent before the second rotation. */
  readonly previousVersion: string | undefined
  /** The version has AWSPENDING. Only testSecret runs without it. */
  readonly isPending: boolean
  /** This function has run createSecret for the version, so the version has a value, be it seen or not. */
  readonly isBegun: boolean
  /** Versions whose credentials Cognito refused: this instance of the function offers them no more. */
  readonly rejected: Set<string>
  readonly remainingMs: () => number
  readonly signal: AbortSignal
}

/** For the audit line. `sub` is absent where the step does not touch a user. */
export type StepResult = { readonly outcome: string; readonly sub?: string }

export function waiting(
  { sleep }: Pick<StepDeps, 'sleep'>,
  { remainingMs }: Pick<StepContext, 'remainingMs'>,
): Waiting {
  return { sleep, remainingMs }
}

/** A value that is known to have been written, once it can be read; undefined where that takes too long. */
export function readWritten(
  wanted: WantedVersion,
  deps: Pick<StepDeps, 'store' | 'sleep'>,
  context: StepContext,
): Promise<SecretValue | undefined> {
  return lookUntil(() => deps.store.read(wanted, context), isThere, waiting(deps, context), visibilityMs)
}

/** Of the version that DescribeSecret named: a stale one would not say which client secret, and which user, is in use. */
export async function readCurrent(deps: StepDeps, context: StepContext): Promise<StoredSecret> {
  return parseCurrent(await readCurrentText(deps, context))
}

async function readCurrentText(deps: StepDeps, context: StepContext): Promise<SecretValue> {
  const text = await readWritten({ id: context.currentVersion }, deps, context)
  if (text === undefined) throw new RotationError('secret_without_current')
  return text
}

/** What Secrets Manager shows as current, once that is one of `expected`, or after a wait whatever it is. */
async function readShownAsCurrent(
  expected: readonly SecretValue[],
  deps: StepDeps,
  context: StepContext,
): Promise<SecretValue> {
  const shown = await lookUntil(
    () => deps.store.read({ stage: 'AWSCURRENT' }, context),
    (text) => expected.some((each) => each.expose() === text?.expose()),
    waiting(deps, context),
    visibilityMs,
  )
  if (shown === undefined) throw new RotationError('secret_without_current')
  return shown
}

function parseCurrent(text: SecretValue): StoredSecret {
  const secret = parseStoredSecret(text)
  if (secret === undefined) throw new RotationError('secret_malformed')
  return secret
}

/**
 * The pending version, with credentials for the app client of every accepted mode, and for no other. Its user is never
 * the one that is in use: where an operator has made it so by moving labels, the version is withdrawn before anything is
 * done to that user. So is one that was made before a deployment changed the modes or replaced an app client.
 *
 * `isCurrent`: the version has become the current one already, though the labels that were read do not show it yet.
 */
export async function readPending(
  deps: StepDeps,
  context: StepContext,
): Promise<StoredSecret & { readonly isCurrent: boolean }> {
  const text = await readWritten({ id: context.version }, deps, context)
  if (text === undefined) throw new RotationError('pending_without_value')
  const pending = parseStoredSecret(text)
  if (pending === undefined) return withdraw({ reason: 'secret_malformed' }, deps, context)
  const currentText = await readCurrentText(deps, context)
  const shown = await readShownAsCurrent([currentText, text], deps, context)
  // No two versions that were made here hold the same: each has a password or a client secret of its own.
  if (shown.expose() === text.expose()) return { ...pending, isCurrent: true }
  if (!isForDeployed(deps, pending)) return withdraw({ reason: 'pending_outdated' }, deps, context)
  // Where the two still differ, either may be the stale one: the user of neither is touched.
  const inUse = [currentText, shown].map((current) => parseCurrent(current).user?.username)
  const name = pending.user?.username
  if (name !== undefined && inUse.some((used) => isSameName(name, used))) {
    return withdraw({ reason: 'pending_user_is_current' }, deps, context)
  }
  return { ...pending, isCurrent: false }
}

/** A client that is gone answers no sign-in, and the credentials of a mode that is off must not become current. */
function isForDeployed({ machineUser, scopeClient }: StepDeps, { user, client }: StoredSecret): boolean {
  return user?.clientId === machineUser?.clientId && client?.clientId === scopeClient?.clientId
}

/**
 * Ends a rotation that can never succeed: what the pending version holds cannot be changed, so every repeat would meet
 * the same obstacle, and Secrets Manager begins no other rotation while AWSPENDING stands on it. Always throws.
 */
export async function withdraw(
  { reason, sub }: { readonly reason: RotationFailure; readonly sub?: string | undefined },
  deps: StepDeps,
  context: StepContext,
): Promise<never> {
  const withdrawn = await deps.store.withdraw(context.version, context).then(
    () => true,
    (error: unknown) => {
      deps.logger.error('pending version not withdrawn', { error_name: failureName(error) })
      return false
    },
  )
  throw new RotationError(reason, { withdrawn, sub })
}

export type Waiting = {
  readonly sleep: (ms: number) => Promise<unknown>
  /** Until the function has to end. */
  readonly remainingMs: () => number
}

/** For what was written a moment ago: Secrets Manager's and Cognito's reads follow their writes within seconds. */
export const visibilityMs = 10_000

const firstPauseMs = 100
const longestPauseMs = 2_000

/** Kept free after a pause: for one more look, and for what has to be done when it was in vain. */
const lookMs = 1_000

/**
 * Looks again, after ever longer pauses, until it sees what it waits for, or until `atMostMs` of pauses or the function's
 * time are over; gives what it saw last. It looks once at least.
 */
export async function lookUntil<T>(
  look: () => Promise<T>,
  isSeen: (seen: T) => boolean,
  { sleep, remainingMs }: Waiting,
  atMostMs = Infinity,
): Promise<T> {
  const budgetMs = Math.min(atMostMs, remainingMs() - lookMs)
  let pausedMs = 0
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const seen = await look()
    if (isSeen(seen) || pausedMs + pauseMs > budgetMs || pauseMs > remainingMs() - lookMs) return seen
    await sleep(pauseMs)
    pausedMs += pauseMs
  }
}

export function isThere<T>(seen: T | undefined): seen is T {
  return seen !== undefined
}
