// Makes a new user's password and puts it where its one reader finds it, before it is set; nobody else ever sees it.
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import {
  AnotherAttemptError,
  isRefusal,
  rethrowGeneratedRefused,
  type PasswordSecrets,
} from '#shared/aws/password-secrets.ts'
import { ServiceError } from '#shared/errors.ts'
import { generatedPassword } from '#shared/text/random-text.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'
import type { Sleep } from './await-visibility.ts'
import type { UserDirectory } from './user-directory.ts'

export type DeliveredUser = {
  readonly sub: string
  readonly username: string
  readonly reader: string
  readonly secrets: PasswordSecrets
}

type DeliverPasswordDeps = {
  readonly directory: Pick<UserDirectory, 'read' | 'setPermanentPassword'>
  /** Whether the user still awaits its password, as far as it has to be looked at. */
  readonly isUntouched: () => Promise<boolean>
  readonly visibly: <T>(step: () => Promise<T>) => Promise<T>
  readonly sleep: Sleep
}

type Context = { readonly deadline: Deadline; readonly timer: StepTimer }

/**
 * On return the user is whole; the ARN of its secret, unless another attempt at the same request finished it. A failure that
 * shows that the password was not set gives the secret back, so that a repeat need not wait.
 */
export async function deliverPassword(
  user: DeliveredUser,
  deps: DeliverPasswordDeps,
  { deadline, timer }: Context,
): Promise<string | undefined> {
  const { sub, secrets } = user
  const { directory, visibly, isUntouched } = deps
  const signal = deadline.signal()
  const password = generatedPassword()
  try {
    const delivered = await timer.time('secret_ms', () =>
      secrets.deliver({ ...user, password, replaces: false }, { signal }),
    )
    try {
      if (!(await isUntouched())) throw new ServiceError('upstream_unavailable', { reason: 'password_set_by_another' })
      await timer.time('password_ms', () =>
        visibly(() => directory.setPermanentPassword(sub, password, { signal })).catch(rethrowGeneratedRefused),
      )
    } catch (error) {
      const state = await look(user, deps, deadline)
      // Nobody but this attempt can have set it: only the answer was lost.
      if (state === 'whole' && !isSetByAnother(error)) return delivered.arn
      if (state === 'missing') await secrets.discard(sub, { signal }).catch(() => undefined)
      else if (isSetByAnother(error) || isRefusal(error)) await delivered.takeBack({ signal }).catch(() => undefined)
      throw error
    }
    return delivered.arn
  } catch (error) {
    if (!(error instanceof AnotherAttemptError)) throw error
    await awaitOther(user, deps, deadline)
    return undefined
  }
}

/** How often, and how far apart, a user is looked at that another attempt is about to finish. */
const looks = { atMost: 10, everyMs: 500 } as const

/** Longer than the other attempt may still take. */
const retryAfterSeconds = 30

async function awaitOther(user: DeliveredUser, deps: DeliverPasswordDeps, deadline: Deadline): Promise<void> {
  for (let at = 0; at < looks.atMost && deadline.remainingMs() > looks.everyMs; at += 1) {
    if ((await look(user, deps, deadline)) === 'whole') return
    await deps.sleep(looks.everyMs)
  }
  throw new ServiceError('upstream_unavailable', { reason: 'another_attempt', retryAfterSeconds })
}

type State = 'incomplete' | 'whole' | 'missing' | 'unknown'

async function look({ sub }: DeliveredUser, { directory }: DeliverPasswordDeps, deadline: Deadline): Promise<State> {
  try {
    const { awaitsPassword } = await directory.read(sub, { signal: deadline.signal() })
    return awaitsPassword ? 'incomplete' : 'whole'
  } catch (error) {
    return error instanceof UserMissingError ? 'missing' : 'unknown'
  }
}

/** By an operator's hand: what this attempt has written stands for nothing. */
function isSetByAnother(error: unknown): boolean {
  return error instanceof ServiceError && error.reason === 'password_set_by_another'
}
