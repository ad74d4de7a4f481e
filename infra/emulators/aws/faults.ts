// Decides which calls of local AWS go wrong on purpose; it never touches a call that no fault names.
import { createHash } from 'node:crypto'

/** `timeout` never answers until the client gives up; `connection_reset` ends the connection with a TCP reset. */
export type FaultKind = 'throttled' | 'internal_error' | 'access_denied' | 'timeout' | 'connection_reset'

/** Which of the matching calls, counted from when the faults were set: the nth one, the next n, or a seeded draw. */
export type FaultyCalls =
  { readonly nth: number } | { readonly next: number } | { readonly probability: number; readonly seed: number }

export type Fault = {
  /** An operation's name as AWS has it, such as `AdminCreateUser`, or `JWKS` for the pool's key set. */
  readonly operation: string
  /**
   * `partial`, which is always `before`: half of a batch takes effect, and the answer tells what did not, as
   * `UnprocessedItems` of DynamoDB or `Failed` of SQS.
   */
  readonly kind: FaultKind | 'partial'
  /** `after` lets the call take its effect and then loses the answer. */
  readonly when: 'before' | 'after'
  readonly calls: FaultyCalls
}

/** What happens to one call. */
export type CallPlan = {
  readonly before: FaultKind | undefined
  readonly after: FaultKind | undefined
  readonly partial?: boolean
}

/**
 * A function that counts a call and says what happens to it; of several faults that fire, the first listed decides.
 * Throws RangeError for an operation that is not known (a misspelt fault would otherwise never fire, and its test
 * always pass), for half of a batch where there is none, and for counts and probabilities out of range.
 */
export function planFaults(options: {
  readonly faults: readonly Fault[]
  readonly knownOperations: ReadonlySet<string>
  /** Those that take a batch; none when absent. */
  readonly batchOperations?: ReadonlySet<string>
}): (operation: string) => CallPlan {
  const { knownOperations, batchOperations = new Set() } = options
  for (const fault of options.faults) refuseUnusable(fault, { knownOperations, batchOperations })
  const armed = options.faults.map((fault) => ({ fault, fires: trigger(fault.calls) }))
  return (operation) => {
    const firing = armed
      .filter(({ fault, fires }) => fault.operation === operation && fires())
      .map(({ fault }) => fault)
    const before = firing.find(({ when }) => when === 'before')?.kind
    const after = firing.find(({ when }) => when === 'after')?.kind
    return {
      before: before === 'partial' ? undefined : before,
      after: after === 'partial' ? undefined : after,
      ...(before === 'partial' && { partial: true }),
    }
  }
}

function refuseUnusable(
  { operation, calls, kind, when }: Fault,
  known: Readonly<Record<'knownOperations' | 'batchOperations', ReadonlySet<string>>>,
): void {
  if (!known.knownOperations.has(operation)) throw new RangeError(`local AWS has no operation ${operation} to fail at`)
  if (kind === 'partial' && !(when === 'before' && known.batchOperations.has(operation))) {
    throw new RangeError(`no part of ${operation} can fail ${when} it takes effect`)
  }
  const usable =
    'probability' in calls
      ? calls.probability >= 0 && calls.probability <= 1
      : isCount('nth' in calls ? calls.nth : calls.next)
  if (!usable) throw new RangeError(`the fault at ${operation} says impossible calls: ${JSON.stringify(calls)}`)
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1
}

/** A function to call once per matching call. */
function trigger(calls: FaultyCalls): () => boolean {
  let seen = 0
  return () => {
    seen += 1
    if ('nth' in calls) return seen === calls.nth
    if ('next' in calls) return seen <= calls.next
    return draw(calls.seed, seen) < calls.probability
  }
}

/** A number from 0 up to 1 that depends on nothing but its arguments, so that a failing run can be repeated. */
export function draw(seed: number, index: number): number {
  return createHash('sha256').update(`${seed}:${index}`).digest().readUInt32BE() / 2 ** 32
}
