// Says when the machine may not be signed in; it knows nothing of tokens, so one that lives goes on serving.
import { mapAwsError } from '#shared/aws/aws-errors.ts'
import { ServiceError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { MachineSecret } from './machine-secret.ts'

type Version = Pick<MachineSecret<unknown>, 'version'>

export type SignInBreaker = {
  /** Throws while sign-ins with this version of the secret are stopped. */
  check(secret: Version): void
  /** Whether this version's credentials were rejected: they are never offered again by this process. */
  hasRejected(secret: Version): boolean
  reject(secret: Version): void
  accept(secret: Version): void
  /** Stops sign-ins with this version: for the quarter of an hour that a lock lasts, else for a minute. */
  open(secret: Version, reason: string): ServiceError
  /** Stops them for two seconds after a failure on the way: a lost answer may have been the one to a wrong password. */
  pause(secret: Version, failure: unknown): ServiceError
}

const openMs = 60_000
/** Cognito's longest lock-out. A try during it would be a failure more. */
const lockedMs = 15 * 60_000
const pauseMs = 2_000

/** Of the versions of the secret, one for all breakers of a process: those that signed in, and those that were rejected. */
export type KnownVersions = { readonly accepted: Set<string>; readonly rejected: Set<string> }

export const knownVersions = (): KnownVersions => ({ accepted: new Set(), rejected: new Set() })

/**
 * A breaker for one kind of token. Another version of the secret, which a rotation brings, is free of what the last one did.
 * Credentials that are rejected before they were ever accepted are wrong for every kind; later, for this one alone: AWS does not
 * say how a scope is refused that a client may not have.
 */
export function createSignInBreaker(deps: {
  readonly versions: KnownVersions
  readonly now: () => number
  readonly logger: Logger
}): SignInBreaker {
  const { accepted, rejected } = deps.versions
  const rejectedHere = new Set<string>()
  // By version: what another one has met since ends no lock.
  const stopped = new Map<string, { until: number; error: ServiceError }>()

  const stop = (secret: Version, ms: number, error: ServiceError): ServiceError => {
    stopped.set(secret.version, { until: deps.now() + ms, error })
    return error
  }

  return {
    check: ({ version }) => {
      const found = stopped.get(version)
      if (found !== undefined && deps.now() < found.until) throw found.error
    },
    hasRejected: ({ version }) => rejectedHere.has(version) || rejected.has(version),
    accept: ({ version }) => {
      accepted.add(version)
    },
    reject: ({ version }) => {
      rejectedHere.add(version)
      if (!accepted.has(version)) rejected.add(version)
      deps.logger.warn('machine credential rejected', { secret_version: version })
    },
    open: (secret, reason) => {
      deps.logger.error('machine sign-in stopped: an operator has to look at the machine credentials', {
        reason,
        secret_version: secret.version,
      })
      const error = new ServiceError('sign_in_unavailable', { reason })
      return stop(secret, reason === 'locked' ? lockedMs : openMs, error)
    },
    pause: (secret, failure) => stop(secret, pauseMs, mapAwsError(failure)),
  }
}
