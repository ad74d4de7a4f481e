// Cleans up after a creation that can never be finished; it removes only what this very request made.
import { errorName } from '../../../shared/aws-errors.ts'
import type { Deadline } from '../../../shared/deadline.ts'
import { ServiceError, toServiceError, type ErrorCode } from '../../../shared/errors.ts'
import type { Logger } from '../../../shared/logger.ts'
import type { Metrics } from '../../../shared/metrics.ts'
import { UserMissingError, type UserDirectory } from './user-directory.ts'

export type HalfMadeUser = {
  readonly sub: string
  /** Whether this request made it, or found it as an earlier attempt had left it. */
  readonly madeHere: boolean
}

export type Compensation =
  /** The user is whole after all: the step that seemed to fail had taken effect. */
  { readonly kind: 'whole' } | { readonly kind: 'failed'; readonly error: ServiceError }

type CompensateDeps = {
  readonly directory: Pick<UserDirectory, 'read' | 'remove'>
  readonly metrics: Metrics
}

type CompensateContext = { readonly deadline: Deadline; readonly logger: Logger }

/** Time may heal these; what was made is left for the repeat, which takes it up where it stands. */
const repeatable = new Set<ErrorCode>(['throttled', 'upstream_unavailable', 'upstream_timeout'])

/**
 * What becomes of a user that `failure` left half-made, and what the caller is told. A failure that a repeat can mend
 * leaves the user; any other removes it by `sub`, which no namesake ever has. A user that an earlier attempt made is
 * removed only for its password: the fingerprint covers it, so every repeat would fail at it again.
 */
export async function compensate(
  thrown: unknown,
  user: HalfMadeUser,
  deps: CompensateDeps,
  { deadline, logger }: CompensateContext,
): Promise<Compensation> {
  const failure = toServiceError(thrown)
  if (repeatable.has(failure.code)) return { kind: 'failed', error: failure.withOutcome('unknown') }
  if (await isWhole(user, deps, deadline)) return { kind: 'whole' }
  if (!user.madeHere && failure.code !== 'weak_password') {
    return { kind: 'failed', error: failure.withOutcome('unknown') }
  }
  const fields = { sub: user.sub, code: failure.code, reason: failure.reason }
  try {
    await deps.directory.remove(user.sub, { signal: deadline.signal() })
    logger.warn('half-made user removed', { ...fields, outcome: 'removed' })
    return { kind: 'failed', error: failure.withOutcome('none') }
  } catch (error) {
    deps.metrics.count('PartialProvision')
    logger.error('half-made user left behind', { ...fields, outcome: 'partial', error_name: errorName(error) })
    return { kind: 'failed', error: new ServiceError('partial_provision', { outcome: 'unknown', cause: error }) }
  }
}

/**
 * The SDK repeats calls by itself, so the last answer may be a refusal although an earlier attempt took effect. A user
 * that cannot be read counts as half-made: nobody was told of it, so nobody misses it.
 */
async function isWhole(user: HalfMadeUser, deps: CompensateDeps, deadline: Deadline): Promise<boolean> {
  try {
    const { awaitsPassword } = await deps.directory.read(user.sub, { signal: deadline.signal(readAtMostMs) })
    return !awaitsPassword
  } catch (error) {
    if (error instanceof ServiceError || error instanceof UserMissingError) return false
    throw error
  }
}

/** Leaves the larger part of the reserve to the removal. */
const readAtMostMs = 1_000
