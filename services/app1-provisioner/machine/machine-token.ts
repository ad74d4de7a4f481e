// Keeps an access token of the machine, for one scope where there are scopes, and renews it; it never offers Cognito rejected credentials twice.
import { createDeadline, withinDeadline, type Deadline } from '#shared/time/deadline.ts'
import { ServiceError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { Binding } from '#shared/machine/sts-token.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { Queue } from '#shared/time/queue.ts'
import { singleFlight } from '#shared/time/single-flight.ts'
import type { MachineSecret, MachineSecretSource } from './machine-secret.ts'
import type { SignInBreaker } from './sign-in-breaker.ts'
import type { SignIn } from './sign-in.ts'

export type MachineTokenSource<Credentials> = {
  /** A token that is good for at least five seconds, of this version of the secret if it can be had. */
  get(secret: MachineSecret<Credentials>, deadline: Deadline): Promise<SecretValue>
  /** Another token in place of one that App2 refused; at most one sign-in per 30 s comes of it. */
  replace(refused: SecretValue, secret: MachineSecret<Credentials>, deadline: Deadline): Promise<SecretValue>
  /** A token for one creation, which nobody keeps. */
  issueFor(binding: Binding, secret: MachineSecret<Credentials>, deadline: Deadline): Promise<SecretValue>
}

type MachineTokenDeps<Credentials> = {
  readonly secrets: Pick<MachineSecretSource<Credentials>, 'reread'>
  readonly signIn: SignIn<Credentials>
  /** Of its own, but for what is rejected: a scope that cannot be had stops no other. */
  readonly breaker: SignInBreaker
  /** One for all sources that sign in with the same credentials. */
  readonly queue: Queue
  readonly now: () => number
  readonly logger: Logger
}

type HeldToken = {
  readonly accessToken: SecretValue
  readonly secretVersion: string
  readonly renewAt: number
  readonly expiresAt: number
}

/** AWS advises renewal at three quarters of a token's life. */
const renewAtShareOfLife = 0.75
/** The authorizer allows no grace, so a token must outlive its way to App2. */
const expiryMarginMs = 5_000
const replacementIntervalMs = 30_000
const flightMs = 12_000
/** How long a request waits for a new token while the old one is good: a slow Cognito is not to be waited for. */
const patienceMs = 2_000

/**
 * Tokens are kept per version of the machine secret: after a rotation the next request signs in with the new
 * credentials, and if that fails, the old token serves until it expires.
 *
 * Cognito locks a user out after five failures, so rejected credentials are not offered again by this process: the
 * secret is read past the cache, another version is tried once, and otherwise the breaker opens. It stops sign-ins
 * only, and only for the version of the secret that it opened for. A client is never locked out, but what is rejected
 * once is rejected again, so the same holds for it.
 *
 * Throws `sign_in_unavailable` when no valid token is left and none can be had, and what the secret source and the
 * sign-in throw.
 */
export function createMachineTokenSource<Credentials>(
  deps: MachineTokenDeps<Credentials>,
): MachineTokenSource<Credentials> {
  const { breaker, queue } = deps
  let held: HeldToken | undefined
  let lastReplacementAt = -Infinity

  // In the queue: another source's sign-in may be about to learn that these credentials are rejected.
  const signInOnce = singleFlight((secret: MachineSecret<Credentials>) => queue(() => signInWith(secret)))

  async function signInWith(secret: MachineSecret<Credentials>): Promise<HeldToken> {
    const deadline = createDeadline({ now: deps.now, budgetMs: flightMs })
    let token = breaker.hasRejected(secret) ? undefined : await trySignIn(secret, deadline)
    if (token === undefined) {
      breaker.check(secret)
      const reread = await deps.secrets.reread(deadline)
      if (!breaker.hasRejected(reread)) token = await trySignIn(reread, deadline)
      if (token === undefined) throw breaker.open(reread, 'rejected')
    }
    held = token
    return token
  }

  /** Undefined when the version's credentials are rejected. */
  async function trySignIn(
    secret: MachineSecret<Credentials>,
    deadline: Deadline,
    binding?: Binding,
  ): Promise<HeldToken | undefined> {
    breaker.check(secret)
    const startedAt = deps.now()
    const result = await deps.signIn(secret.credentials, deadline.signal(), binding).catch((error: unknown) => {
      throw breaker.pause(secret, error)
    })
    switch (result.kind) {
      case 'signed_in': {
        breaker.accept(secret)
        const lifeMs = result.expiresInSeconds * 1000
        deps.logger.info('machine signed in', { secret_version: secret.version })
        return {
          accessToken: result.accessToken,
          secretVersion: secret.version,
          renewAt: startedAt + lifeMs * renewAtShareOfLife,
          expiresAt: startedAt + lifeMs - expiryMarginMs,
        }
      }
      case 'rejected':
        breaker.reject(secret)
        return undefined
      case 'locked':
        throw breaker.open(secret, 'locked')
      case 'misconfigured':
        throw breaker.open(secret, result.reason)
    }
  }

  async function renew(secret: MachineSecret<Credentials>, deadline: Deadline): Promise<SecretValue> {
    const current = held
    const serves = current !== undefined && deps.now() < current.expiresAt
    const patience = serves
      ? createDeadline({ now: deps.now, budgetMs: Math.min(patienceMs, deadline.remainingMs()) })
      : deadline
    try {
      return (await withinDeadline(signInOnce(secret), patience)).accessToken
    } catch (error) {
      if (current === undefined || deps.now() >= current.expiresAt) throw error
      return current.accessToken
    }
  }

  return {
    async get(secret, deadline) {
      if (held?.secretVersion === secret.version && deps.now() < held.renewAt) return held.accessToken
      return renew(secret, deadline)
    },

    async replace(refused, secret, deadline) {
      // Another request has replaced it already, or is at it: then its sign-in is the one to wait for.
      if (held === undefined) return renew(secret, deadline)
      if (held.accessToken !== refused) return held.accessToken
      if (deps.now() - lastReplacementAt < replacementIntervalMs) {
        throw new ServiceError('upstream_error', { reason: 'token_refused_again' })
      }
      lastReplacementAt = deps.now()
      held = undefined
      return renew(secret, deadline)
    },

    async issueFor(binding, secret, deadline) {
      const token = await trySignIn(secret, deadline, binding)
      if (token === undefined) throw breaker.open(secret, 'rejected')
      return token.accessToken
    },
  }
}
