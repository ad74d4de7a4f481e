// Passwords that App2 generates: how one comes to a new user and to a finished one, and what becomes of its secret.
import { kinds } from './change-scenarios.ts'
import { otherReader, type FaultEnvironment } from './fault-environment.ts'
import type { Fault } from './fault.ts'
import { secretOperations, type OperationName } from './operations.ts'
import {
  creation,
  requestOf,
  withoutPassword,
  type Expected,
  type Route,
  type Scenario,
  type Wanted,
} from './scenario.ts'

const group = 'service-user'
const made: Expected = { kind: 'made' }
const reset: Expected = { kind: 'changed', to: { session: 'dead' }, signIn: 'tokens' }
const gone: Expected = { kind: 'changed', isGone: true, to: { enabled: false, session: 'dead' } }

const resetRoute = 'POST /service-users/{username}/reset-password' satisfies Route
const deletion = 'DELETE /service-users/{username}' satisfies Route

/** Nobody else writes to a secret for so long, and a moment. */
const turnAndMs = 31_000

const fromSecretOn: readonly OperationName[] = [...secretOperations, 'AdminSetUserPassword']
const breaking: readonly Fault['kind'][] = ['crashed-before', 'crashed-after', 'late', 'lost-answer']
const telling: readonly Fault['kind'][] = [...breaking, 'denied', 'throttled', 'failed', 'refused', 'concurrent-retry']
/** Where a password can be left that nobody may have set. */
const writes: readonly OperationName[] = ['CreateSecret', 'PutResourcePolicy', 'PutSecretValue', 'AdminSetUserPassword']

export const generatedScenarios = {
  generated: {
    generates: true,
    expected: made,
    strikesAt: fromSecretOn,
    prepare: () => Promise.resolve(),
  },

  /** The repeat comes when the first attempt can set nothing any more. */
  'generated-patient': {
    generates: true,
    expected: made,
    repeatsAfterMs: turnAndMs,
    kinds: breaking,
    strikesAt: writes,
    prepare: () => Promise.resolve(),
  },

  /** Two repeats at once. */
  'generated-raced': {
    generates: true,
    expected: made,
    kinds: breaking,
    strikesAt: writes,
    prepare: () => Promise.resolve(),
    async between(faultEnvironment, { wanted, ask }) {
      faultEnvironment.advance(turnAndMs)
      await Promise.all([1, 2].map(() => ask(requestOf(creation, wanted))))
    },
  },

  /** An earlier attempt of this request wrote a password and got no further. */
  'generated-resumed': {
    generates: true,
    expected: made,
    kinds: telling,
    strikesAt: fromSecretOn,
    async prepare(faultEnvironment, wanted) {
      await faultEnvironment.operator.make(withoutPassword(wanted))
      await deliver(faultEnvironment, wanted, { reader: wanted.reader ?? '' })
    },
  },

  /** An earlier attempt of this request has done all, and its answer was lost. */
  'generated-finished': {
    generates: true,
    expected: { kind: 'untouched', status: 201 },
    strikesAt: ['DescribeSecret'],
    async prepare(faultEnvironment, wanted) {
      await faultEnvironment.operator.make({ ...wanted, group })
      await deliver(faultEnvironment, wanted, { reader: wanted.reader ?? '' })
    },
  },

  /** It had a generated password, for another reader. */
  'generated-reset': {
    asks: resetRoute,
    generates: true,
    kinds,
    expected: reset,
    strikesAt: [...fromSecretOn, 'AdminUserGlobalSignOut'],
    prepare: makeWithSecret,
  },

  /** It had a given password, and no secret. */
  'generated-reset-first': {
    asks: resetRoute,
    generates: true,
    expected: reset,
    kinds: telling,
    strikesAt: fromSecretOn,
    prepare: makeSignedIn,
  },

  'generated-delete': {
    asks: deletion,
    generates: true,
    kinds,
    expected: gone,
    strikesAt: ['AdminGetUser', 'DeleteSecret', 'AdminDeleteUser'],
    async prepare(faultEnvironment, wanted) {
      await makeWithSecret(faultEnvironment, wanted)
      await faultEnvironment.operator.disable(wanted.username)
    },
  },
} as const satisfies Record<string, Scenario>

async function makeSignedIn({ operator }: Pick<FaultEnvironment, 'operator'>, wanted: Wanted): Promise<void> {
  await operator.make({ ...wanted, group })
  await operator.openSession(wanted.username, wanted.password)
}

async function makeWithSecret(faultEnvironment: FaultEnvironment, wanted: Wanted): Promise<void> {
  await makeSignedIn(faultEnvironment, wanted)
  await deliver(faultEnvironment, wanted, { reader: otherReader })
}

/** Long ago. */
async function deliver(
  { operator, secretKeeper, advance }: FaultEnvironment,
  { username, password }: Wanted,
  { reader }: { readonly reader: string },
): Promise<void> {
  const user = await operator.find(username)
  if (user === undefined) throw new Error('there is no user to deliver a password to')
  await secretKeeper.deliver(user, { password, reader })
  advance(turnAndMs)
}
