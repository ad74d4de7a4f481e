// What goes wrong during the load run: which calls of AWS fail, and on which answers the caller hangs up.
import { draw, type Fault } from '../../../../infra/emulators/aws/faults.ts'

/** Every call that a creation makes or may come to make; `JWKS` is the authorizer's fetch of the pool's keys. */
export const operationsOfACreation = [
  ...['GetSecretValue', 'InitiateAuth', 'RevokeToken', 'Encrypt', 'JWKS', 'Decrypt', 'AdminCreateUser'],
  ...['AdminAddUserToGroup', 'AdminSetUserPassword', 'AdminGetUser', 'AdminDeleteUser'],
] as const

export type Trouble = Pick<Fault, 'kind' | 'when'>

/** What passes by itself. A denied call does not: there the right answer is a refusal, and a repeat would be wrong. */
export const passingTroubles: readonly Trouble[] = [
  { kind: 'throttled', when: 'before' },
  { kind: 'internal_error', when: 'before' },
  { kind: 'connection_reset', when: 'before' },
  { kind: 'internal_error', when: 'after' },
  { kind: 'connection_reset', when: 'after' },
]

/**
 * Faults that make `rate` of the calls of every operation on the path fail, each kind as often as any other. Which call
 * of an operation fails follows from the seed; whose call that is, from how the requests happen to overlap.
 */
export function planTroubles(options: {
  readonly rate: number
  readonly seed: number
  readonly operations?: readonly string[]
  readonly troubles?: readonly Trouble[]
}): readonly Fault[] {
  const { rate, seed, operations = operationsOfACreation, troubles = passingTroubles } = options
  // A call is spared only if all of its kinds spare it.
  const probability = 1 - (1 - rate) ** (1 / troubles.length)
  return operations
    .flatMap((operation) => troubles.map((trouble) => ({ operation, ...trouble })))
    .map((fault, index) => ({ ...fault, calls: { probability, seed: seed * 1000 + index } }))
}

/** Longer than most requests take under load, so that callers hang up before, during and after the work. */
const longestPatienceMs = 400

/**
 * After how many milliseconds the caller of that creation hangs up on its first request, if it does. It never learns
 * what became of that one, and repeats while it may still be under way.
 */
export function planHangUp(
  index: number,
  { rate, seed }: { readonly rate: number; readonly seed: number },
): number | undefined {
  const drawn = draw(seed, index)
  return drawn < rate ? Math.ceil((drawn / rate) * longestPatienceMs) : undefined
}
