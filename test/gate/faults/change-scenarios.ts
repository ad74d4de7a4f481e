// What becomes of a user that is there: a case for each change, for what must not be changed, and for a creation's repeat after one.
import type { FaultEnvironment } from './fault-environment.ts'
import type { Fault } from './fault.ts'
import type { Operator } from './operator.ts'
import { requestOf, withoutPassword, type Expected, type Route, type Scenario, type Wanted } from './scenario.ts'

const group = 'service-user'
const routes = {
  disable: 'POST /service-users/{username}/disable',
  enable: 'POST /service-users/{username}/enable',
  'reset-password': 'POST /service-users/{username}/reset-password',
  'add-to-group': 'PUT /service-users/{username}/groups/{group}',
  'remove-from-group': 'DELETE /service-users/{username}/groups/{group}',
  delete: 'DELETE /service-users/{username}',
  'delete-forced': 'DELETE /service-users/{username}?force=true',
} as const satisfies Record<string, Route>

/** A user is long visible when it is changed, and no change deletes what it has made itself. */
export const kinds: readonly Fault['kind'][] = [
  ...(['throttled', 'failed', 'timed-out', 'reset', 'denied', 'lost-answer', 'lost-in-timeout'] as const),
  ...(['lost-behind-500', 'crashed-before', 'crashed-after', 'late', 'refused', 'removed', 'replaced'] as const),
  ...(['concurrent-retry', 'concurrent-retry-then-denied', 'answers-401', 'answers-429', 'answers-500'] as const),
  ...(['answers-502', 'answers-503', 'answers-504', 'lost-behind-502', 'lost-behind-504', 'cut-off'] as const),
  'nonsense',
]
const silent: readonly Fault['kind'][] = ['timed-out', 'lost-in-timeout', 'late']
const lasting: readonly Fault['kind'][] = ['failed', 'denied', 'lost-answer', 'crashed-before', 'crashed-after', 'late']

const refusal = (status: number, code: string): Expected => ({ kind: 'untouched', status, code })
const disabled: Expected = { kind: 'changed', to: { enabled: false, session: 'dead' }, signIn: 'refused' }
const reset: Expected = { kind: 'changed', to: { session: 'dead' }, signIn: 'tokens' }
const gone: Expected = { kind: 'changed', isGone: true, to: { enabled: false, session: 'dead' } }

export const changeScenarios = {
  disable: { asks: routes.disable, kinds, strikesAt: 'everywhere', expected: disabled, prepare: makeSignedIn },

  enable: {
    asks: routes.enable,
    kinds,
    strikesAt: ['AdminEnableUser'],
    expected: { kind: 'changed', to: { enabled: true }, signIn: 'tokens' },
    prepare: makeDisabled,
  },

  'reset-password': {
    asks: routes['reset-password'],
    kinds,
    strikesAt: ['Encrypt', 'Decrypt', 'AdminSetUserPassword', 'AdminUserGlobalSignOut'],
    expected: reset,
    prepare: ({ operator }, wanted) => makeSignedIn({ operator }, { ...wanted, password: `${wanted.password}-Old-1` }),
  },

  'add-to-group': {
    asks: routes['add-to-group'],
    kinds,
    strikesAt: ['AdminAddUserToGroup'],
    expected: { kind: 'changed', to: { groups: [group] }, signIn: 'tokens' },
    prepare: ({ operator }, wanted) => operator.make(wanted),
  },

  /** Sessions go on. */
  'remove-from-group': {
    asks: routes['remove-from-group'],
    kinds,
    strikesAt: ['AdminRemoveUserFromGroup'],
    expected: { kind: 'changed', to: { groups: [] }, signIn: 'tokens' },
    prepare: makeSignedIn,
  },

  delete: { asks: routes.delete, kinds, strikesAt: ['AdminDeleteUser'], expected: gone, prepare: makeDisabled },

  'delete-forced': {
    asks: routes['delete-forced'],
    kinds,
    strikesAt: ['AdminDisableUser', 'AdminUserGlobalSignOut', 'AdminDeleteUser'],
    expected: gone,
    prepare: makeSignedIn,
  },

  'delete-enabled': { asks: routes.delete, kinds, expected: refusal(409, 'user_enabled'), prepare: makeSignedIn },

  /** With a password it could sign in without its group. */
  'reset-incomplete': {
    asks: routes['reset-password'],
    kinds,
    expected: refusal(409, 'user_incomplete'),
    prepare: ({ operator }, wanted) => operator.make(withoutPassword(wanted)),
  },

  /** Nobody's request made it. */
  'disable-by-hand': {
    asks: routes.disable,
    kinds,
    expected: refusal(404, 'user_not_found'),
    prepare: ({ operator }, { username, password }) => operator.make({ username, password, group }),
  },

  /** App2 has hardly any time left when it starts. */
  'disable-hurried': {
    asks: routes.disable,
    workingMs: 400,
    kinds: silent,
    expected: disabled,
    prepare: makeSignedIn,
  },

  'reset-hurried': {
    asks: routes['reset-password'],
    workingMs: 400,
    kinds: silent,
    strikesAt: ['Decrypt', 'AdminSetUserPassword', 'AdminUserGlobalSignOut'],
    expected: reset,
    prepare: ({ operator }, wanted) => makeSignedIn({ operator }, { ...wanted, password: `${wanted.password}-Old-1` }),
  },

  /** A creation is struck, what there is of its user is disabled, and then it is sent again: that must not enable it. */
  'disabled-meanwhile': {
    kinds: lasting,
    expected: { kind: 'made' },
    prepare: () => Promise.resolve(),
    async between({ operator }, { wanted, ask, expectFromNow }) {
      await ask(requestOf(routes.disable, wanted))
      const user = await operator.find(wanted.username)
      if (user === undefined) return
      await expectFromNow(user.status === 'CONFIRMED' ? repeated : refusal(409, 'user_exists'))
    },
  },

  /** The same with another password: a finished user keeps that one, and one that waits for its first does not get it. */
  'reset-meanwhile': {
    kinds: lasting,
    expected: { kind: 'made' },
    prepare: () => Promise.resolve(),
    async between(_, { wanted, ask, expectFromNow }) {
      const password = `${wanted.password}-Other-1`
      const { status } = await ask(requestOf(routes['reset-password'], { ...wanted, password }))
      if (status === 200) await expectFromNow(repeated)
    },
  },
} as const satisfies Record<string, Scenario>

/** The first answer once more, and not one byte of the user changes. */
const repeated: Expected = { kind: 'untouched', status: 201 }

async function makeSignedIn({ operator }: { readonly operator: Operator }, wanted: Wanted): Promise<void> {
  await operator.make({ ...wanted, group })
  await operator.openSession(wanted.username, wanted.password)
}

async function makeDisabled(faultEnvironment: FaultEnvironment, wanted: Wanted): Promise<void> {
  await makeSignedIn(faultEnvironment, wanted)
  await faultEnvironment.operator.disable(wanted.username)
}
