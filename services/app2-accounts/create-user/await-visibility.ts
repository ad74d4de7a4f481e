// Waits out Cognito's read-after-write lag, within bounds; it repeats a step only when the user was not to be seen.
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { ServiceError } from '#shared/errors.ts'

export type Sleep = (ms: number) => Promise<unknown>

/** 1.5 s in all: longer than any lag that was reported, shorter than a caller's patience. */
const delaysMs = [100, 200, 400, 800] as const

/**
 * What `step` gives, tried again while it throws UserMissingError and the deadline allows. Throws
 * `upstream_unavailable` when the user stays missing: somebody has deleted it, and a repeat will make it anew.
 */
export async function awaitVisibility<T>(
  step: () => Promise<T>,
  { deadline, sleep }: { readonly deadline: Deadline; readonly sleep: Sleep },
): Promise<T> {
  for (const delayMs of delaysMs) {
    try {
      return await step()
    } catch (error) {
      if (!(error instanceof UserMissingError)) throw error
      if (deadline.remainingMs() <= delayMs) break
      // Half of it is random, so that requests that began together do not come back together.
      await sleep(delayMs * (0.5 + Math.random() / 2))
    }
  }
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof UserMissingError)) throw error
    throw new ServiceError('upstream_unavailable', { reason: userMissing })
  }
}

const userMissing = 'user_missing'

/** Of what `awaitVisibility` throws: the user stayed missing. */
export function isUserGone(error: unknown): boolean {
  return error instanceof ServiceError && error.reason === userMissing
}
