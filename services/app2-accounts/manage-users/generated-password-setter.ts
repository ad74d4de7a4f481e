// Gives a user a generated password, which lies in the user's secret before it is set.
import {
  AnotherAttemptError,
  isRefusal,
  rethrowGeneratedRefused,
  type PasswordSecrets,
} from '#shared/aws/password-secrets.ts'
import { ServiceError, toServiceError } from '#shared/errors.ts'
import { generatedPassword } from '#shared/text/random-text.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'
import type { DirectoryUser, UserDirectory } from './user-directory.ts'

export type GeneratedPasswordSetter = {
  /**
   * Throws `throttled` while another attempt is at it. After a refusal the secret has again what it had, and its reader,
   * unless the user was changed meanwhile: then nobody knows which password it has, and a repeat gives it another.
   * `partial`: the password is set, and its reader may not be able to read it.
   */
  readonly set: (sub: string, options: { readonly signal: AbortSignal }) => Promise<void>
  /** Once it is set. */
  readonly secretArn: () => string
}

type Delivering = { readonly user: DirectoryUser; readonly reader: string; readonly secrets: PasswordSecrets }

type SetterDeps = {
  readonly directory: Pick<UserDirectory, 'read' | 'setPermanentPassword'>
  readonly timer: StepTimer
}

export function generatedPasswordSetter(
  { user, reader, secrets }: Delivering,
  { directory, timer }: SetterDeps,
): GeneratedPasswordSetter {
  let secretArn = ''
  return {
    secretArn: () => secretArn,
    async set(sub, options) {
      const password = generatedPassword()
      const { username } = user
      const delivered = await timer.time('secret_ms', () =>
        secrets.deliver({ sub, username, password, reader, replaces: true }, options).catch(rethrowBusy),
      )
      secretArn = delivered.arn
      try {
        await directory.setPermanentPassword(sub, password, options).catch(rethrowGeneratedRefused)
      } catch (error) {
        const isSame = isRefusal(error) && (await isUnchanged(user, directory, options))
        if (isSame) await delivered.takeBack(options).catch(() => undefined)
        throw error
      }
      await delivered.open(options).catch((error: unknown) => {
        throw toServiceError(error).withOutcome('partial')
      })
    },
  }
}

/** As long as the other attempt may take. */
const retryAfterSeconds = 30

function rethrowBusy(error: unknown): never {
  if (!(error instanceof AnotherAttemptError)) throw error
  throw new ServiceError('throttled', { reason: 'another_attempt', retryAfterSeconds, outcome: error.outcome })
}

/** The refusal may be of a second attempt of the SDK, and the answer to the first one lost. */
async function isUnchanged(
  { sub, updatedAt }: DirectoryUser,
  directory: Pick<UserDirectory, 'read'>,
  options: { readonly signal: AbortSignal },
): Promise<boolean> {
  const now = await directory.read(sub, options).catch(() => undefined)
  return now?.updatedAt.getTime() === updatedAt.getTime()
}
