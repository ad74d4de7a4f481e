// What the four steps of a rotation share: their dependencies, their result, and the versions that they work on.
import type { Logger } from '#shared/logger.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { ClientSecrets } from '../client-secrets.ts'
import { isSameName } from '../machine-name.ts'
import type { MachineUsers } from '../machine-users.ts'
import { isThere, lookUntil, visibilityMs, type Waiting } from '../patience.ts'
import { failureName, RotationError, type RotationFailure } from '../rotation-error.ts'
import type { SecretStore, WantedVersion } from '../secret-store.ts'
import { parseStoredSecret, type StoredSecret } from '../stored-secret.ts'
import type { TrialSignIn } from '../trial-sign-in.ts'
import type { TrialToken } from '../trial-token.ts'

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

/** The version that a step works on, the one that serves meanwhile, and what is known of both. */
export type StepContext = {
  readonly version: string
  readonly currentVersion: string
  /** There is a version before the current one. */
  readonly hasPrevious: boolean
  /** The version has AWSPENDING. Only testSecret runs without it. */
  readonly isPending: boolean
  /** This function has run createSecret for the version, so the version has a value, be it seen or not. */
  readonly isBegun: boolean
  /** Versions whose credentials Cognito refused while they were current. */
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

export async function readCurrent(deps: StepDeps, context: StepContext): Promise<StoredSecret> {
  return parseCurrent(await readCurrentText(deps, context))
}

async function readCurrentText(deps: StepDeps, context: StepContext): Promise<SecretValue> {
  const text = await readWritten({ stage: 'AWSCURRENT' }, deps, context)
  if (text === undefined) throw new RotationError('secret_without_current')
  return text
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
  // No two versions that were made here hold the same: each has a password or a client secret of its own.
  if (currentText.expose() === text.expose()) return { ...pending, isCurrent: true }
  if (!isForDeployed(deps, pending)) return withdraw({ reason: 'pending_outdated' }, deps, context)
  const { user } = parseCurrent(currentText)
  if (pending.user !== undefined && isSameName(pending.user.username, user?.username)) {
    return withdraw({ reason: 'pending_user_is_current' }, deps, context)
  }
  return { ...pending, isCurrent: false }
}

/** A client that is gone answers no sign-in, and a closed mode's credentials must not become current. */
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
