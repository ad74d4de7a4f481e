// What must hold of a generated password and of the secret that it lies in; it looks at nothing by itself.
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import { problemOf } from './answer.ts'
import type { Fault } from './fault.ts'
import type { Exchange, Sighting, Violation } from './judge.ts'
import type { Wanted } from './scenario.ts'
import type { SecretState } from './secret-keeper.ts'

const violation = (kind: Violation['kind'], text: string): Violation[] => [{ kind, text }]

/** Whether the answer is true of the secret, and whoever may be kept out by it was told that the outcome is open. */
export function judgeSecretAnswer(exchange: Exchange, wanted: Wanted): Violation[] {
  const { answer, before, after, which, contract } = exchange
  if (wanted.reader === undefined) return []
  if (answer.status < 300) {
    const told = z.object({ secret_arn: z.optional(z.string()) }).safeParse(answer.body).data?.secret_arn
    const isTrue = contract.startsWith('DELETE ') || (told !== undefined && told === secretOf(after)?.arn)
    return isTrue ? [] : violation('untrue_answer', `${which}: secret_arn is not that of the user’s secret`)
  }
  const outcome = problemOf(answer)?.outcome
  if (!isShutOut(after) || isShutOut(before)) return []
  const isTold = answer.status >= 500 ? outcome !== 'none' : outcome === 'unknown' || outcome === 'partial'
  return isTold
    ? []
    : violation('untrue_answer', `${which}, ${answer.status}: the secret does not hold the user’s password`)
}

/** At no moment may a role read a password that lets somebody in and was not delivered to it. */
export function judgeReaders({ at, strangers = [] }: Sighting): Violation[] {
  return strangers.flatMap((role) => violation('leak', `${at}: ${role} can read another reader’s live password`))
}

/** When all is settled: the user's password is in its secret, for the one role that was asked for, and no secret is nobody's. */
export function judgeSecretEnd({ which, after }: Exchange, wanted: Wanted, faults: readonly Fault[]): Violation[] {
  if (wanted.reader === undefined) return []
  const { user } = after
  const isOurs = user?.attributes['custom:provisioning_id'] === wanted.provisioningId
  return [
    ...(isShutOut(after) && isOurs
      ? violation('incomplete', `${which}: the secret does not hold the user’s password`)
      : []),
    ...(isOurs && !isDeepStrictEqual(secretOf(after)?.readers, [wanted.reader])
      ? violation('incomplete', `${which}: the secret’s policy names [${secretOf(after)?.readers.join(' ') ?? ''}]`)
      : []),
    ...(orphansOf(after).length > 0 && !isOperators(faults)
      ? violation('incomplete', `${which}: a secret has outlived its user, or never had one`)
      : []),
  ]
}

/** The secrets that are nobody's and not about to go either. */
export function orphansOf({ user, secrets = [] }: Sighting): readonly SecretState[] {
  return secrets.filter(({ sub, isScheduledForDeletion }) => sub !== user?.sub && !isScheduledForDeletion)
}

/** An enabled user with a password that is not the one in its secret. */
export function isShutOut({ user, signIn }: Sighting): boolean {
  return user?.status === 'CONFIRMED' && user.enabled && signIn !== 'tokens'
}

/** Whoever deletes a user by hand leaves its secret. */
function isOperators(faults: readonly Fault[]): boolean {
  return faults.some(({ kind }) => kind === 'removed' || kind === 'replaced')
}

function secretOf({ user, secrets = [] }: Sighting): SecretState | undefined {
  return secrets.find(({ sub }) => sub === user?.sub)
}
