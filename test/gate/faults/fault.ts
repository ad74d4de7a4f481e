// What can go wrong at one operation, and the text that names it; it never makes anything fail by itself.
import type { Fault as AwsFault, FaultKind as AwsFaultKind } from '../../../infra/emulators/aws/faults.ts'
import { operationNames, type OperationName } from './operations.ts'

/** Local AWS fails: before the call takes effect, or after it did, so that only the answer is lost. */
const awsKinds = {
  throttled: { kind: 'throttled', when: 'before' },
  failed: { kind: 'internal_error', when: 'before' },
  'timed-out': { kind: 'timeout', when: 'before' },
  reset: { kind: 'connection_reset', when: 'before' },
  denied: { kind: 'access_denied', when: 'before' },
  'lost-answer': { kind: 'connection_reset', when: 'after' },
  'lost-in-timeout': { kind: 'timeout', when: 'after' },
  'lost-behind-500': { kind: 'internal_error', when: 'after' },
} as const satisfies Record<string, { kind: AwsFaultKind; when: AwsFault['when'] }>

const awsOperations = operationNames.filter((name) => name !== 'App2' && name !== 'JWKS')
const writes = [
  ...(['AdminAddUserToGroup', 'AdminSetUserPassword', 'AdminDisableUser', 'AdminEnableUser'] as const),
  ...(['AdminRemoveUserFromGroup', 'AdminUserGlobalSignOut'] as const),
] as const
/** They name one user by its sub, or by a name that is taken. */
const onUser = ['AdminGetUser', ...writes, 'AdminDeleteUser'] as const
/** Between a user and its password. */
const onSecret = ['CreateSecret', 'TakeTurn', 'CloseSecret', 'PutResourcePolicy', 'PutSecretValue'] as const

/** What no AWS API does on demand, so that the proxy in front of it does, and where it can happen. */
const proxyKinds = {
  /** The function that calls ends before the call leaves it, or before it learns the answer. */
  'crashed-before': awsOperations,
  'crashed-after': awsOperations,
  /** The call is under way until the request has been answered, and takes effect only then. */
  late: awsOperations,
  /** Cognito does not show a user that it has just made. */
  missing: onUser,
  /** The pool does not take the password, although its policy as we know it does. */
  refused: ['AdminSetUserPassword'],
  /** Just before the call an operator deletes the user; with `replaced` another caller then takes the name. */
  removed: [...onUser, ...onSecret],
  replaced: [...onUser, ...onSecret],
  /**
   * Just before the call the caller, who has lost patience, sends the request again, and that one is played to its end.
   * Not before a deletion, which comes right after a look: Cognito deletes on no condition, so nothing could help.
   */
  'concurrent-retry': ['AdminGetUser', ...writes, ...onSecret],
  /** The same, and then the call itself is refused. */
  'concurrent-retry-then-denied': writes,
  /** The concurrent retry has just set the password when the user is deleted, and then goes on. */
  'concurrent-retry-half-way': ['AdminDeleteUser'],
} as const satisfies Record<string, readonly OperationName[]>

/** App1's HTTP request. The kinds named `…after` or `lost-…` reach App2, which does its work. */
const app2Kinds = [
  ...['refused', 'reset', 'timed-out', 'answers-401', 'answers-429', 'answers-500', 'answers-502'],
  ...['answers-503', 'answers-504', 'lost-answer', 'lost-in-timeout', 'lost-behind-502', 'lost-behind-504'],
  ...['cut-off', 'nonsense', 'crashed-before', 'crashed-after'],
] as const

export type AwsKind = keyof typeof awsKinds
export type ProxyKind = keyof typeof proxyKinds
export type App2Kind = (typeof app2Kinds)[number]

/**
 * One call; every call of the request from its first on, the SDK's own repeats included; or every one from its second on, which
 * is the look at a user after it was changed.
 */
export type Strikes = 'once' | 'lasting' | 'later'

export type Fault = {
  readonly operation: OperationName
  readonly kind: AwsKind | ProxyKind | App2Kind
  readonly strikes: Strikes
}

const isAwsKind = (kind: string): kind is AwsKind => Object.hasOwn(awsKinds, kind)

/** These happen once or not at all: who has crashed calls no more, and who is gone cannot be removed again. */
const onceOnly = new Set<string>([
  ...['crashed-before', 'crashed-after', 'removed', 'replaced', 'concurrent-retry', 'concurrent-retry-then-denied'],
  ...['concurrent-retry-half-way'],
])

function kindsAt(operation: OperationName): readonly Fault['kind'][] {
  if (operation === 'App2') return app2Kinds
  // A key set is a file that nobody signs for and nothing changes: it is there or it is not.
  if (operation === 'JWKS')
    return ['throttled', 'failed', 'timed-out', 'reset', 'denied', 'lost-answer', 'crashed-before', 'crashed-after']
  const proxies = Object.entries<readonly OperationName[]>(proxyKinds)
    .filter(([, where]) => where.includes(operation))
    .map(([kind]) => kind as ProxyKind)
  return [...(Object.keys(awsKinds) as AwsKind[]), ...proxies]
}

function strikesAt(operation: OperationName, kind: Fault['kind']): readonly Strikes[] {
  const later = operation === 'AdminGetUser' ? (['later'] as const) : []
  if (onceOnly.has(kind) || operation === 'JWKS') return ['once', ...later]
  // App1 asks App2 a second time only after a 401.
  return operation === 'App2' && kind !== 'answers-401' ? ['once'] : ['once', 'lasting', ...later]
}

/** Every fault that there is. */
export const allFaults: readonly Fault[] = operationNames.flatMap((operation) =>
  kindsAt(operation).flatMap((kind) =>
    strikesAt(operation, kind).map((strikes): Fault => ({ operation, kind, strikes })),
  ),
)

/** `AdminCreateUser:lost-answer`, `AdminAddUserToGroup:denied-lasting`. */
export const formatFault = ({ operation, kind, strikes }: Fault): string =>
  `${operation}:${kind}${strikes === 'once' ? '' : `-${strikes}`}`

const faultsByText: ReadonlyMap<string, Fault> = new Map(allFaults.map((fault) => [formatFault(fault), fault]))

export function parseFault(text: string): Fault | undefined {
  return faultsByText.get(text)
}

/** `fault` at the next call of its operation, for local AWS; none for what the proxies do by themselves. */
export function toAwsFaults({ operation, kind }: Fault): AwsFault[] {
  const awsKind = kind === 'concurrent-retry-then-denied' ? 'denied' : kind
  if (operation === 'App2' || !isAwsKind(awsKind)) return []
  return [{ operation: awsNames[operation] ?? operation, ...awsKinds[awsKind], calls: { nth: 1 } }]
}

const awsNames: Readonly<Record<string, string>> = { TakeTurn: 'PutSecretValue', CloseSecret: 'PutResourcePolicy' }

/** What strikes each call: the nth call of an operation meets its nth fault, or a lasting one. */
export function planFaults(faults: readonly Fault[]): (operation: string) => Fault | undefined {
  const waiting = new Map<string, Fault[]>()
  for (const fault of faults) waiting.set(fault.operation, [...(waiting.get(fault.operation) ?? []), fault])
  const called = new Set<string>()
  return (operation) => {
    const queue = waiting.get(operation) ?? []
    const isFirst = !called.has(operation)
    called.add(operation)
    const [next] = queue
    if (next?.strikes === 'later' && isFirst) return undefined
    return next === undefined || next.strikes === 'once' || onceOnly.has(next.kind) ? queue.shift() : next
  }
}
