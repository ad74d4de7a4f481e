// What the pool is like before a request meets its faults, and what must have become of it in the end.
import { caller, otherCaller, type FaultEnvironment } from './fault-environment.ts'
import type { contracts } from '#shared/routes.ts'
import type { Answer, App1Request } from './answer.ts'
import { changeScenarios } from './change-scenarios.ts'
import type { Fault } from './fault.ts'
import { generatedScenarios } from './generated-scenarios.ts'
import type { OperationName } from './operations.ts'
import type { SignInAttempt, UserState } from './operator.ts'

/** The request of a case, which is sent, and sent again, to the letter. */
export type Wanted = {
  readonly username: string
  readonly password: string
  readonly humanUserId: string
  readonly idempotencyKey: string
  readonly provisioningId: string
  /** The role that a generated password is for; `password` is nobody's then. */
  readonly reader?: string
}

export type Expected =
  /** The user is whole after the repeat, and the repeat says 201. */
  | { readonly kind: 'made' }
  /** The user that has the name is not this request's to change: that is said, and not one byte of it changes. */
  | { readonly kind: 'untouched'; readonly status: number; readonly code?: string }
  /**
   * After the repeat the user is as it was but for `to`, and `signIn` is what its password comes to; or it is gone, and was
   * `to` on the way.
   */
  | {
      readonly kind: 'changed'
      readonly to: Partial<UserState>
      readonly signIn?: SignInAttempt['kind']
      readonly isGone?: true
    }

export type ContractName = keyof typeof contracts.app1

/** A row of the table of routes, perhaps with a query. */
export type Route = ContractName | `${ContractName}?${string}`

export const creation = 'POST /create-service-user' satisfies Route

/** What a scenario asks of App1, without the query. */
export function contractOf({ asks = creation }: Pick<Scenario, 'asks'>): ContractName {
  return asks.split('?')[0] as ContractName
}

export function isCreation(scenario: Pick<Scenario, 'asks'>): boolean {
  return contractOf(scenario) === creation
}

/** `route` for the user that is `wanted`. */
export function requestOf(route: Route = creation, wanted: Omit<Wanted, 'provisioningId'>): App1Request {
  const [method = '', template = ''] = route.split(' ')
  const { username, humanUserId, idempotencyKey, reader } = wanted
  const password = reader === undefined ? wanted.password : { generate: { deliver_to: reader } }
  const path = template.replace('{username}', username).replace('{group}', group)
  if (route === creation) {
    const body = { username, password, human_user_id: humanUserId }
    return { method, path, body, headers: { 'idempotency-key': idempotencyKey } }
  }
  return { method, path, ...(path.endsWith('/reset-password') && { body: { password } }) }
}

export type Scenario = {
  /** A creation, if absent. */
  readonly asks?: Route
  readonly expected: Expected
  prepare(faultEnvironment: FaultEnvironment, wanted: Wanted): Promise<void>
  /** What happens between the request and its repeat, past all faults. */
  between?(faultEnvironment: FaultEnvironment, meanwhile: Meanwhile): Promise<void>
  /** The password is one that App2 generates. */
  readonly generates?: true
  /** How long after the request its repeat comes. */
  readonly repeatsAfterMs?: number
  /** It brings another machine user. */
  readonly rotates?: boolean
  /** How much time App2 has for all that comes before compensation, when it is to be too little. */
  readonly workingMs?: number
  /** Only these faults make a case of it; all, if absent. */
  readonly kinds?: readonly Fault['kind'][]
  /** Only the faults at these; at the operations on users, if absent. */
  readonly strikesAt?: 'everywhere' | readonly OperationName[]
}

type Meanwhile = {
  readonly wanted: Wanted
  /** Sends the same request once more. */
  readonly repeat: () => Promise<void>
  readonly ask: (request: App1Request) => Promise<Answer>
  /** What there is now is as it should be. */
  readonly expectFromNow: (expected: Expected) => Promise<void>
}

const anHourAndMs = 60 * 60_000 + 1_000
const breakerAndMs = 61_000
const aMoment = 5_000

const made: Expected = { kind: 'made' }
const conflict: Expected = { kind: 'untouched', status: 409, code: 'user_exists' }
const group = 'service-user'

/** What another caller's request with the same key and the same body would have left. */
export function namesake(faultEnvironment: FaultEnvironment, wanted: Wanted): Omit<Wanted, 'password'> {
  return withoutPassword({
    ...wanted,
    provisioningId: faultEnvironment.provisioningId({ ...wanted, requestedBy: otherCaller }),
  })
}

export const scenarios = {
  fresh: { expected: made, strikesAt: 'everywhere', prepare: () => Promise.resolve() },

  /** An earlier attempt of this request made the user and got no further. */
  resumed: { expected: made, prepare: ({ operator }, wanted) => operator.make(withoutPassword(wanted)) },

  /** An earlier attempt of this request has done all, and its answer was lost. */
  finished: {
    expected: { kind: 'untouched', status: 201 },
    prepare: ({ operator }, wanted) => operator.make({ ...wanted, group }),
  },

  /** The same, and since then an operator has taken the user's permissions and its access away. */
  revoked: {
    expected: { kind: 'untouched', status: 201 },
    async prepare({ operator }, wanted) {
      await operator.make(wanted)
      await operator.disable(wanted.username)
    },
  },

  /** The same, but the operator gave the user a temporary password, so that it looks like one that is incomplete. */
  'revoked-by-password': {
    expected: conflict,
    async prepare({ operator, advance }, wanted) {
      await operator.make({ ...wanted, group })
      advance(aMoment)
      await operator.setTemporaryPassword(wanted.username)
    },
  },

  /** Left incomplete by this request, and then disabled by an operator. */
  disabled: {
    expected: conflict,
    async prepare({ operator }, wanted) {
      await operator.make(withoutPassword(wanted))
      await operator.disable(wanted.username)
    },
  },

  /** Left incomplete by this request, more than an hour ago. */
  stale: {
    expected: { kind: 'untouched', status: 500, code: 'partial_provision' },
    async prepare({ operator, advance }, wanted) {
      await operator.make(withoutPassword(wanted))
      advance(anHourAndMs)
    },
  },

  /** Another caller's user, made with the same key and the same body. */
  taken: {
    expected: conflict,
    prepare: (faultEnvironment, wanted) =>
      faultEnvironment.operator.make({ ...namesake(faultEnvironment, wanted), password: wanted.password, group }),
  },

  /** The same, but incomplete: whoever finishes it takes it over. */
  'taken-incomplete': {
    expected: conflict,
    prepare: (faultEnvironment, wanted) => faultEnvironment.operator.make(namesake(faultEnvironment, wanted)),
  },

  /** A user that nobody's request made. */
  'taken-by-hand': { expected: conflict, prepare: ({ operator }, { username }) => operator.make({ username }) },

  /** The caller's own user, for which the same key was used with another password. */
  'key-reused': {
    expected: { kind: 'untouched', status: 422, code: 'idempotency_key_reused' },
    prepare: (faultEnvironment, wanted) =>
      faultEnvironment.operator.make({ ...ownWithAnotherPassword(faultEnvironment, wanted), group }),
  },

  'key-reused-incomplete': {
    expected: { kind: 'untouched', status: 422, code: 'idempotency_key_reused' },
    prepare: (faultEnvironment, wanted) =>
      faultEnvironment.operator.make(withoutPassword(ownWithAnotherPassword(faultEnvironment, wanted))),
  },

  /** App2 has hardly any time left when it starts. */
  hurried: {
    expected: made,
    prepare: () => Promise.resolve(),
    workingMs: 400,
    strikesAt: 'everywhere',
    kinds: ['timed-out', 'lost-in-timeout', 'late'],
  },

  /** The secret holds a password that Cognito does not take, until the next rotation. */
  'rejected-password': {
    expected: made,
    rotates: true,
    strikesAt: 'everywhere',
    prepare: (faultEnvironment) => faultEnvironment.spoilMachineSecret(),
    async between(faultEnvironment, { repeat }) {
      // The breaker is closed again, but what it guards is still the same password.
      faultEnvironment.advance(breakerAndMs)
      await repeat()
      await faultEnvironment.rotateMachineUser()
      faultEnvironment.advance(breakerAndMs)
    },
  },

  ...changeScenarios,
  ...generatedScenarios,
} as const satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

export const scenarioNames = Object.keys(scenarios) as readonly ScenarioName[]

/** Incomplete: the user waits for its password. */
export function withoutPassword({
  username,
  humanUserId,
  idempotencyKey,
  provisioningId,
}: Wanted): Omit<Wanted, 'password'> {
  return { username, humanUserId, idempotencyKey, provisioningId }
}

function ownWithAnotherPassword(faultEnvironment: FaultEnvironment, wanted: Wanted): Wanted {
  const password = `${wanted.password}-Other-1`
  return {
    ...wanted,
    password,
    provisioningId: faultEnvironment.provisioningId({ ...wanted, password, requestedBy: caller }),
  }
}
