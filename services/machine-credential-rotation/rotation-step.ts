// What the four steps of a rotation share: their dependencies, their result, and the credentials that they work on.
import type { Logger } from '../../shared/logger.ts'
import { isSameName } from './machine-name.ts'
import type { MachineUsers } from './machine-users.ts'
import { failureName, RotationError, type RotationFailure } from './rotation-error.ts'
import type { CallOptions, SecretStore } from './secret-store.ts'
import { parseStoredSecret, type MachineCredentials, type StoredSecret } from './stored-secret.ts'
import type { TrialSignIn } from './trial-sign-in.ts'

export type StepDeps = {
  readonly store: SecretStore
  readonly users: MachineUsers
  readonly signIn: TrialSignIn
  readonly machineClientId: string
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
 * The credentials of the pending version. They are never those of the user that is in use: where an operator has made
 * them so by moving labels, the version is withdrawn before anything is done to that user.
 */
export async function readPending(deps: StepDeps, context: StepContext): Promise<MachineCredentials> {
  const text = await deps.store.read({ id: context.version }, context)
  if (text === undefined) throw new RotationError('pending_without_value')
  const credentials = parseStoredSecret(text)?.credentials
  if (credentials === undefined) throw new RotationError('secret_malformed')
  const current = await readCurrent(deps, context)
  if (isSameName(credentials.username, current.credentials?.username)) {
    return withdraw({ reason: 'pending_user_is_current' }, deps, context)
  }
  return credentials
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
