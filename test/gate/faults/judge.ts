// Holds what was seen of one case against what must hold in every case; it looks at nothing by itself.
import { createdUser } from '#shared/contract.ts'
import { errorTable } from '#shared/errors.ts'
import { contracts } from '#shared/routes.ts'
import { isDeepStrictEqual } from 'node:util'
import { problemOf, type Answer } from './answer.ts'
import type { SignInAttempt, UserState } from './operator.ts'
import { describesChange, isDone, isOnTheWay, isUnchanged } from './judge-change.ts'
import type { SecretState } from './secret-keeper.ts'
import { creation, type ContractName, type Expected, type Wanted } from './scenario.ts'

export type ViolationKind = 'incomplete' | 'taken_over' | 'untrue_answer' | 'leak' | 'password_offered_again'

export type Violation = { readonly kind: ViolationKind; readonly text: string }

/** The user of the name in question at one moment, and whether the request's password, or the one in the user's secret, let anybody in. */
export type Sighting = {
  readonly at: string
  readonly user: UserState | undefined
  /** Of a case with generated passwords: all that there are. */
  readonly secrets?: readonly SecretState[]
  readonly signIn: SignInAttempt['kind'] | 'absent'
  /** Roles that can read a password that lets somebody in as this user and was not delivered to them. */
  readonly strangers?: readonly string[]
}

/** One request: what was there before it, what it was told, and what was there when all had settled. */
export type Exchange = {
  readonly which: 'request' | 'concurrent-retry' | 'repeat'
  /** What was asked of App1. */
  readonly contract: ContractName
  readonly before: Sighting
  readonly answer: Answer
  /** When the answer was given, and nothing was left of the request but what came late. */
  readonly settled: Sighting
  readonly after: Sighting
  /** App1 itself crashed, so that API Gateway answered in its place. */
  readonly app1Crashed: boolean
  /** The pool refused the password on purpose. */
  readonly passwordRefused: boolean
  /** A concurrent retry was told of success: what is there now may be its work. */
  readonly isOvertaken?: boolean
}

const violation = (kind: ViolationKind, text: string): Violation[] => [{ kind, text }]

/** In its group, enabled, with its permanent password and what was written on it at creation. */
export function isWhole(user: UserState | undefined, wanted: Wanted): boolean {
  return (
    user?.status === 'CONFIRMED' &&
    user.enabled &&
    isDeepStrictEqual(user.groups, ['service-user']) &&
    user.attributes['custom:human_user_id'] === wanted.humanUserId &&
    user.attributes['custom:provisioning_id'] === wanted.provisioningId
  )
}

/** At no moment may anybody sign in as a user that is not whole; `untouched` users have to stay as they were. */
export function judgeSighting(sighting: Sighting, wanted: Wanted, first: Sighting, expected: Expected): Violation[] {
  const { at, user, signIn } = sighting
  if (expected.kind === 'untouched') {
    if (isDeepStrictEqual({ user, signIn }, { user: first.user, signIn: first.signIn })) return []
    return violation('taken_over', `${at}: another's user, or one that an operator had changed, is not as it was`)
  }
  if (expected.kind === 'changed') {
    if (isOnTheWay(user, first.user, expected)) return []
    return violation('taken_over', `${at}: more of the user is changed than was asked for: ${describe(user)}`)
  }
  if (signIn === 'refused' || signIn === 'absent' || isWhole(user, wanted)) return []
  return violation('incomplete', `${at}: the password lets somebody in (${signIn}) as a user that is ${describe(user)}`)
}

/** Whether the answer is one that was promised, and true. */
export function judgeAnswer(exchange: Exchange, wanted: Wanted, expected: Expected): Violation[] {
  const { answer, which, after, contract } = exchange
  const untrue = (text: string): Violation[] => violation('untrue_answer', `${which}, ${answer.status}: ${text}`)
  if (answer.status < 300) {
    if (!isTrueSuccess(exchange, wanted, expected)) return untrue(`the user is ${describe(after.user)}`)
    // Whoever has a deleted user's name now is not whom the answer is about.
    if (contract !== creation && expected.kind === 'untouched') return []
    const describes = contract === creation ? describesUser(answer, after.user, wanted) : describesChange(exchange)
    return describes ? [] : untrue('the answer does not describe the user')
  }
  const problem = problemOf(answer)
  // What API Gateway says in place of a function that crashed are its own words, and no promise.
  if (problem === undefined) {
    return exchange.app1Crashed && answer.status >= 500 ? [] : untrue('the answer is no problem document')
  }
  const { code, outcome } = problem
  const documented = contracts.app1[contract].codes.find((other) => other === code)
  if (documented === undefined || errorTable[documented].status !== answer.status) {
    return untrue(`${code} is not documented so`)
  }
  const isRefusal = answer.status < 500 && answer.status !== 429
  if (isRefusal) {
    const deserved = expected.kind === 'untouched' && expected.status === answer.status && expected.code === code
    if (deserved || isKnownDeletion(exchange, expected)) return []
    if (code !== 'weak_password' || !exchange.passwordRefused) return untrue(`${code} is not deserved`)
    // Nobody repeats a request whose password is refused: what it left would stay.
    return leftNothing(exchange, exchange.settled, wanted)
      ? []
      : untrue(`${code}, but ${describe(exchange.settled.user)}`)
  }
  return [
    ...(problem.idempotency_key === (contract === creation ? wanted.idempotencyKey : undefined)
      ? []
      : untrue('without the key for a repeat')),
    ...(answer.status !== 429 || Number(answer.retryAfter) >= 1 ? [] : untrue('without Retry-After')),
    ...(isTrueOutcome(exchange, wanted, outcome)
      ? []
      : untrue(`outcome ${outcome ?? '–'}, but ${describe(after.user)}`)),
  ]
}

/** After a request that nothing struck, all is settled: the user is whole and was told so, or the refusal that it deserves was given. */
export function judgeEnd(exchange: Exchange, wanted: Wanted, expected: Expected): Violation[] {
  const { which, answer, after } = exchange
  const code = problemOf(answer)?.code
  if (expected.kind === 'untouched') {
    if (answer.status === expected.status && (answer.status < 300 || code === expected.code)) return []
    return violation('untrue_answer', `${which}: ${answer.status} ${code ?? ''} in place of ${expected.status}`)
  }
  if (expected.kind === 'changed') {
    return [
      ...(isDone(after, expected) ? [] : violation('incomplete', `${which}: the user is ${describe(after.user)}`)),
      ...(answer.status === 200 || isKnownDeletion(exchange, expected)
        ? []
        : violation('untrue_answer', `${which}: ${answer.status} ${code ?? ''}, not 200`)),
    ]
  }
  return [
    ...(isWhole(after.user, wanted) && after.signIn === 'tokens'
      ? []
      : violation('incomplete', `${which}: the user is ${describe(after.user)}, sign-in: ${after.signIn}`)),
    ...(answer.status === 201 ? [] : violation('untrue_answer', `${which}: ${answer.status} ${code ?? ''}, not 201`)),
  ]
}

function isTrueSuccess({ answer, contract, after }: Exchange, wanted: Wanted, expected: Expected): boolean {
  switch (expected.kind) {
    case 'made':
      return contract === creation && isWhole(after.user, wanted)
    case 'changed':
      return isDone(after, expected)
    case 'untouched':
      return answer.status === expected.status
  }
}

/** An earlier attempt deleted it, or somebody else did. */
function isKnownDeletion({ answer, after }: Exchange, expected: Expected): boolean {
  const isDeletion = expected.kind === 'changed' && expected.isGone === true
  return isDeletion && after.user === undefined && problemOf(answer)?.code === 'user_not_found'
}

function isTrueOutcome(exchange: Exchange, wanted: Wanted, outcome: string | undefined): boolean {
  const { answer, after, contract } = exchange
  if (outcome === 'none') {
    return answer.status !== 504 && (exchange.isOvertaken === true || leftNothing(exchange, after, wanted))
  }
  if (outcome === 'partial') return contract !== creation && !isUnchanged(exchange, after)
  return outcome === 'unknown'
}

/** Whether the request left nothing behind: nothing of its own is there, or nothing that is new. */
function leftNothing(exchange: Exchange, after: Sighting, wanted: Wanted): boolean {
  const { before, contract } = exchange
  if (contract !== creation) return isUnchanged(exchange, after)
  const { secrets = [] } = before
  if (!(after.secrets ?? []).every((secret) => secrets.some((other) => isDeepStrictEqual(secret, other)))) return false
  const ours = after.user?.attributes['custom:provisioning_id'] === wanted.provisioningId
  return !ours || isDeepStrictEqual(after.user, before.user)
}

function describesUser(answer: Answer, user: UserState | undefined, wanted: Wanted): boolean {
  const parsed = createdUser.safeParse(answer.body)
  if (!parsed.success || user === undefined) return false
  const { username, group, created_by, created_at, provisioning_id } = parsed.data
  return isDeepStrictEqual(
    { username, group, created_by, created_at, provisioning_id },
    {
      username: wanted.username,
      group: 'service-user',
      created_by: wanted.humanUserId,
      created_at: new Date(user.createdAt).toISOString(),
      provisioning_id: wanted.provisioningId,
    },
  )
}

function describe(user: UserState | undefined): string {
  if (user === undefined) return 'absent'
  const { status, enabled, groups, session } = user
  return `${status}, ${enabled ? 'enabled' : 'disabled'}, in [${groups.join(' ')}], session: ${session}`
}
