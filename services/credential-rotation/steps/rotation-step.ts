// What the four steps of a rotation share: their dependencies, their result, and the versions that they work on.
import type { Logger } from '#shared/logger.ts'
import type { ClientSecrets } from '../client-secrets.ts'
import { isSameName } from '../machine-name.ts'
import type { MachineUsers } from '../machine-users.ts'
import { failureName, RotationError, type RotationFailure } from '../rotation-error.ts'
import type { CallOptions, SecretStore } from '../secret-store.ts'
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

/** The version that a step works on, and the one that serves meanwhile. */
export type StepContext = { readonly version: string; readonly currentVersion: string; readonly signal: AbortSignal }

/** For the audit line. `sub` is absent where the step does not touch a user. */
export type StepResult = { readonly outcome: string; readonly sub?: string }

export async function readCurrent({ store }: StepDeps, options: CallOptions): Promise<StoredSecret> {
  const text = await store.read({ stage: 'AWSCURRENT' }, options)
  if (text === undefined) throw new RotationError('secret_without_current')
  const secret = parseStoredSecret(text)
  if (secret === undefined) throw new RotationError('secret_malformed')
  return secret
}

/**
 * The pending version, with credentials for the app client of every accepted mode, and for no other. Its user is never
 * the one that is in use: where an operator has made it so by moving labels, the version is withdrawn before anything is
 * done to that user. So is one that was made before a deployment changed the modes or replaced an app client.
 */
export async function readPending(deps: StepDeps, context: StepContext): Promise<StoredSecret> {
  const text = await deps.store.read({ id: context.version }, context)
  if (text === undefined) throw new RotationError('pending_without_value')
  const pending = parseStoredSecret(text)
  if (pending === undefined) return withdraw({ reason: 'secret_malformed' }, deps, context)
  if (!isForDeployed(deps, pending)) return withdraw({ reason: 'pending_outdated' }, deps, context)
  const current = await readCurrent(deps, context)
  if (pending.user !== undefined && isSameName(pending.user.username, current.user?.username)) {
    return withdraw({ reason: 'pending_user_is_current' }, deps, context)
  }
  return pending
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
