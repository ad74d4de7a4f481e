// Cleans up after a creation that can never be finished; it never removes a user that anybody may have been told of.
import { errorName } from '#shared/aws/aws-errors.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import type { PasswordSecrets } from '#shared/aws/password-secrets.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { ServiceError, toServiceError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { UserDirectory } from './user-directory.ts'

export type IncompleteUser = {
  readonly sub: string
  /** Whether this request made it, or found it as an earlier attempt had left it. */
  readonly madeHere: boolean
  /** Whether nothing that was sent to make it can still take effect. */
  readonly atOnce: boolean
}

export type Compensation =
  /** The user is whole after all: the step that seemed to fail had taken effect, or a concurrent retry of this request did it. */
  { readonly kind: 'whole' } | { readonly kind: 'failed'; readonly error: ServiceError }

type CompensateDeps = {
  readonly directory: Pick<UserDirectory, 'read' | 'remove'>
  /** Where the user's generated password would be. */
  readonly secrets: Pick<PasswordSecrets, 'discard'> | undefined
}

type CompensateContext = { readonly deadline: Deadline; readonly logger: Logger }

/**
 * What becomes of a user that `failure` left incomplete, and what the caller is told. Only a plain refusal that every
 * repeat would meet removes the user, by `sub`, which no namesake ever has; anything else leaves it for the repeat,
 * which takes it up where it stands. It is looked at first: a concurrent retry of this request may have finished it, and the SDK
 * repeats calls by itself, so the last answer may be a refusal although an earlier attempt took effect.
 */
export async function compensate(
  thrown: unknown,
  user: IncompleteUser,
  deps: CompensateDeps,
  { deadline, logger }: CompensateContext,
): Promise<Compensation> {
  const failure = toServiceError(thrown)
  if (!isFinal(failure, user)) return { kind: 'failed', error: failure.withOutcome('unknown') }
  const fields = { sub: user.sub, code: failure.code, reason: failure.reason }
  try {
    const { awaitsPassword } = await deps.directory.read(user.sub, { signal: deadline.signal() })
    if (!awaitsPassword) return { kind: 'whole' }
    // First: an incomplete user is found again, and a secret without one is harder to.
    await deps.secrets?.discard(user.sub, { signal: deadline.signal() })
    await remove(user.sub, deps, deadline)
    logger.warn('half-made user removed', { ...fields, outcome: 'removed' })
    return { kind: 'failed', error: failure.withOutcome(user.atOnce ? 'none' : 'unknown') }
  } catch (error) {
    logger.error('half-made user left behind', { ...fields, outcome: 'partial', error_name: errorName(error) })
    return { kind: 'failed', error: new ServiceError('partial_provision', { outcome: 'unknown', cause: error }) }
  }
}

/** A user that was to be seen a moment ago and is not now is believed to be gone only when a second look says so too. */
async function remove(sub: string, { directory }: CompensateDeps, deadline: Deadline): Promise<void> {
  const removal = await directory.remove(sub, { signal: deadline.signal() })
  if (removal === 'removed') return
  try {
    await directory.read(sub, { signal: deadline.signal() })
  } catch (error) {
    if (error instanceof UserMissingError) return
    throw error
  }
  throw new UserMissingError()
}

/**
 * Whether every repeat would fail in the same way. A password that the pool refuses is covered by the fingerprint, so
 * that holds for whoever made the user, as it does for a reader that there is not; a permission that is missing says it only to the request that made it. What is
 * merely unknown (an answer in another form, a name that AWS added) may be different the next time.
 */
function isFinal(failure: ServiceError, user: IncompleteUser): boolean {
  if (failure.code === 'weak_password' || failure.code === 'reader_not_allowed') return true
  return user.madeHere && failure.code === 'internal_error' && failure.reason !== undefined
}
