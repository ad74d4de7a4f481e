// Finds the machine user that is not in use and says whether it may be used again; an operator's "no" is never undone.
import type { Logger } from '#shared/logger.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { isMachineName, isSameName, type MachineUsers } from '../machine-users.ts'
import type { RotationFailure } from '../rotation-error.ts'
import { parseStoredSecret, type CallOptions, type StoredSecret } from '../secret-store.ts'
import { readWritten, type StepContext, type StepDeps } from './rotation-step.ts'

export type Fitness =
  | { readonly kind: 'fit'; readonly sub: string }
  | { readonly kind: 'unfit'; readonly reason: RotationFailure; readonly sub: string | undefined }

/**
 * The name of the other one of the two machine users, which the version before the current one holds. Undefined where
 * there is none: before the second rotation, or when somebody has written a version of the secret by hand. A name
 * that is not a machine user's is not taken either, or its owner would be given a new password.
 */
export async function findOtherName(
  current: StoredSecret,
  deps: StepDeps,
  context: StepContext,
): Promise<SecretValue | undefined> {
  const { previousVersion: id } = context
  const text = id === undefined ? undefined : await readWritten({ id }, deps, context)
  const name = text && parseStoredSecret(text)?.user?.username
  if (name === undefined || !isMachineName(name) || isSameName(name, current.user?.username)) return undefined
  return name
}

/**
 * Whether the user is as a rotation left it. One that is disabled, deleted, out of its group or told to change its
 * password was made so by an operator, or by a test that it failed; another user is made in its place.
 */
export async function assessFitness(
  name: SecretValue,
  { users }: { readonly users: MachineUsers },
  options: CallOptions,
): Promise<Fitness> {
  const user = await users.find(name, options)
  if (user === undefined) return { kind: 'unfit', reason: 'user_deleted', sub: undefined }
  const { sub } = user
  if (!user.enabled) return { kind: 'unfit', reason: 'user_disabled', sub }
  if (!user.confirmed) return { kind: 'unfit', reason: 'user_not_confirmed', sub }
  if (!(await users.isInGroups(name, options))) return { kind: 'unfit', reason: 'user_not_in_group', sub }
  return { kind: 'fit', sub }
}

/** The other user stays as it is; whether to delete it is the operator's to say, who finds it by `sub`. */
export function reportLeftBehind(fitness: Extract<Fitness, { kind: 'unfit' }>, logger: Logger): void {
  logger.warn('a machine user is not used again, a new one takes its place', {
    reason: fitness.reason,
    sub: fitness.sub,
    outcome: 'left_behind',
  })
}
