// One caller's creation of one user, with all its repeats, until the answer is final; it keeps a record of what it was told.
import { decideNextStep } from './retry-policy.ts'

export type CreationRequest = {
  readonly username: string
  readonly password: string
  readonly humanUserId: string
  readonly idempotencyKey: string
}

/** What came back: an answer, or none, and then why. `code` is the problem's; `user` is what a 201 says of it. */
export type Answer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly code: string | undefined
      readonly retryAfterSeconds: number | undefined
      readonly user: ToldUser | undefined
    }
  | { readonly kind: 'unanswered'; readonly reason: 'hung_up' | 'no_connection' }

export type ToldUser = { readonly createdAt: string; readonly provisioningId: string }

export type Verdict =
  | { readonly kind: 'created'; readonly user: ToldUser }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'gave_up' }

export type CreationRecord = {
  readonly username: string
  readonly humanUserId: string
  readonly verdict: Verdict
  readonly requests: number
  /** Why each repeat was made: a problem's code, or what became of the answer. */
  readonly repeatedFor: readonly string[]
}

export type CreationDeps = {
  /** Resolves with `unanswered` where there is no answer; a caller hangs up only on what `hangUpAfterMs` says. */
  readonly send: (request: CreationRequest, options: { readonly hangUpAfterMs: number | undefined }) => Promise<Answer>
  readonly sleep: (ms: number) => Promise<unknown>
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  readonly random: () => number
}

/** Sends `request` until it has a final answer or its patience is over. Never rejects unless `send` does. */
export async function createUntilFinal(
  request: CreationRequest,
  deps: CreationDeps,
  { hangUpAfterMs }: { readonly hangUpAfterMs: number | undefined },
): Promise<CreationRecord> {
  const startedAt = deps.now()
  const repeatedFor: string[] = []
  const record = (verdict: Verdict): CreationRecord => {
    const { username, humanUserId } = request
    return { username, humanUserId, verdict, requests: repeatedFor.length + 1, repeatedFor }
  }
  for (let number = 1; ; number += 1) {
    const answer = await deps.send(request, { hangUpAfterMs: number === 1 ? hangUpAfterMs : undefined })
    const next = decideNextStep(
      {
        status: answer.kind === 'answered' ? answer.status : undefined,
        retryAfterSeconds: answer.kind === 'answered' ? answer.retryAfterSeconds : undefined,
        number,
        elapsedMs: deps.now() - startedAt,
      },
      deps.random,
    )
    if (next.kind === 'final') return record(toVerdict(answer))
    if (next.kind === 'give_up') return record({ kind: 'gave_up' })
    repeatedFor.push(nameOf(answer))
    await deps.sleep(next.delayMs)
  }
}

function toVerdict(answer: Answer): Verdict {
  if (answer.kind === 'answered' && answer.status === 201 && answer.user !== undefined) {
    return { kind: 'created', user: answer.user }
  }
  return { kind: 'refused', code: nameOf(answer) }
}

function nameOf(answer: Answer): string {
  return answer.kind === 'answered' ? (answer.code ?? `status_${answer.status}`) : answer.reason
}
