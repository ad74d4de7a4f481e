import { describe, expect, it } from 'vitest'
import * as manage from '#services/app2-accounts/manage-users/manage-users.ts'
import type { DirectoryUser, ListQuery, UserDirectory } from '#services/app2-accounts/manage-users/user-directory.ts'
import { AnotherAttemptError } from '#shared/aws/password-secrets.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { ServiceError } from '#shared/errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { createTokenBucket } from '#shared/time/token-bucket.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { fakePasswordSecrets, secretArn } from '#test/support/fake-password-secrets.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { goodPassword, provisioningId } from '#test/support/requests.ts'

const sub = 'e60426f4-111e-4dd5-9f8c-57fbb2653906'
const username = 'orders-worker'
const requested_by = 'arn:aws:iam::111111111111:role/orders'
const request = { username, requested_by }
const nowMs = Date.parse('2026-01-31T12:00:00.001Z')
/** A quarter of an hour, and a minute of the gateway's. */
const accessLastsMs = 16 * 60_000

const ours: DirectoryUser = {
  sub,
  username,
  enabled: true,
  awaitsPassword: false,
  createdAt: new Date('2026-01-01T00:00:00Z'),
  updatedAt: new Date('2026-01-02T00:00:00Z'),
  provisioningId,
  humanUserId: 'alice',
}

const shown = {
  username,
  user_id: sub,
  status: 'active',
  human_user_id: 'alice',
  human_proof: 'claimed',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-02T00:00:00.000Z',
  provisioning_id: provisioningId,
  groups: ['service-user'],
}

type Write = Exclude<keyof UserDirectory, 'read' | 'groupsOf' | 'list'>

type Failures = Partial<Record<keyof UserDirectory, Error>>

/** One user in a directory, in which the calls that are named fail. */
function setUp(changes: Partial<DirectoryUser> = {}, failures: Failures = {}, perSecond = 25) {
  let user: DirectoryUser | undefined = { ...ours, ...changes }
  let groups = ['service-user', 'operators', 'api-client']
  const writes: string[] = []
  const within = ({ signal }: { readonly signal: AbortSignal }): void => {
    expect(signal.aborted).toBe(false)
  }
  const change = async (
    name: Write,
    [whose, options]: readonly [sub: string, options: { readonly signal: AbortSignal }],
    effect: () => void,
  ): Promise<void> => {
    await Promise.resolve()
    within(options)
    writes.push(name)
    if (failures[name] !== undefined) throw failures[name]
    expect(whose).toBe(sub)
    effect()
  }
  const set = (changed: Partial<DirectoryUser>) => () => {
    user = user && { ...user, ...changed }
  }
  const passwords: string[] = []
  const queries: ListQuery[] = []
  const directory: UserDirectory = {
    read: (_, options) => {
      within(options)
      return user === undefined ? Promise.reject(new UserMissingError()) : Promise.resolve(user)
    },
    groupsOf: (_, options) => {
      within(options)
      return failures.groupsOf ? Promise.reject(failures.groupsOf) : Promise.resolve(groups)
    },
    list: (query, options) => {
      within(options)
      queries.push(query)
      return Promise.resolve({ users: user ? [user] : [], nextToken: query.token === undefined ? 'next' : undefined })
    },
    disable: (...call) => change('disable', call, set({ enabled: false })),
    signOut: (...call) => change('signOut', call, set({})),
    enable: (...call) => change('enable', call, set({ enabled: true })),
    setPermanentPassword: (whose, password, options) =>
      change('setPermanentPassword', [whose, options], () => passwords.push(password.expose())),
    addToGroup: (whose, group, options) => change('addToGroup', [whose, options], () => (groups = [...groups, group])),
    removeFromGroup: (whose, group, options) =>
      change('removeFromGroup', [whose, options], () => (groups = groups.filter((other) => other !== group))),
    remove: (...call) => change('remove', call, () => (user = undefined)),
  }
  const logger = recordingLogger()
  const opened: object[] = []
  const deps: manage.ManageUsersDeps = {
    directory,
    opener: {
      open: (sealed, boundTo, { signal } = {}) => {
        expect(signal?.aborted).toBe(false)
        opened.push(boundTo)
        return Promise.resolve(new SecretValue(sealed))
      },
    },
    delivery: undefined,
    admission: createTokenBucket({ perSecond, now: () => nowMs }),
    accessLastsMs,
    now: () => nowMs,
  }
  // Each step takes one.
  let ticks = 0
  const context = { deadline: farDeadline(), logger, timer: createStepTimer(() => (ticks += 1)) }
  return {
    deps,
    context,
    writes,
    passwords,
    queries,
    opened,
    logger,
    user: () => user,
    deleteNow: () => (user = undefined),
  }
}

const sealed = { ...request, encrypted_password: goodPassword, reset_id: provisioningId }
const member = { ...request, group: 'service-user' as const }
const deletion = { ...request, force: false }

/** Each operation on one user, with the writes that it is made of. */
const operations: readonly [
  name: string,
  run: (deps: manage.ManageUsersDeps, context: manage.ManageUsersContext) => Promise<object>,
  writes: readonly Write[],
][] = [
  ['read', (...rest) => manage.readUser(request, ...rest), []],
  ['disable', (...rest) => manage.disableUser(request, ...rest), ['disable', 'signOut']],
  ['enable', (...rest) => manage.enableUser(request, ...rest), ['enable']],
  ['reset-password', (...rest) => manage.resetPassword(sealed, ...rest), ['setPermanentPassword', 'signOut']],
  ['add-to-group', (...rest) => manage.addToGroup(member, ...rest), ['addToGroup']],
  ['remove-from-group', (...rest) => manage.removeFromGroup(member, ...rest), ['removeFromGroup']],
  ['delete', (...rest) => manage.deleteUser({ ...deletion, force: true }, ...rest), ['disable', 'signOut', 'remove']],
]
const changes = operations.slice(1)

describe('the life of a user', () => {
  it('shows it as the directory has it, with the groups of service users alone', async () => {
    const { deps, context, logger } = setUp()

    expect(await manage.readUser(request, deps, context)).toEqual(shown)
    expect(logger.lines).toEqual([
      { level: 'info', message: 'service user read', sub, outcome: 'done', directory_ms: 2 },
    ])
  })

  it.each([
    [{ awaitsPassword: true }, 'incomplete'],
    [{ enabled: false }, 'disabled'],
    [{ enabled: false, awaitsPassword: true }, 'disabled'],
  ])('%j is %s', async (changed, status) => {
    const { deps, context } = setUp(changed)

    expect(await manage.readUser(request, deps, context)).toMatchObject({ status })
  })

  it('disables before it ends the sessions, and says when the last access ends, rounded up', async () => {
    const { deps, context, writes } = setUp()

    expect(await manage.disableUser(request, deps, context)).toEqual({
      ...shown,
      status: 'disabled',
      access_ends_at: '2026-01-31T12:16:01.000Z',
    })
    expect(writes).toEqual(['disable', 'signOut'])
  })

  it('does the same again for a user that is disabled already: its sessions may not have ended', async () => {
    const { deps, context, writes } = setUp({ enabled: false })

    await manage.disableUser(request, deps, context)

    expect(writes).toEqual(['disable', 'signOut'])
  })

  it('enables', async () => {
    const { deps, context } = setUp({ enabled: false })

    expect(await manage.enableUser(request, deps, context)).toEqual(shown)
  })

  it('sets a password that was sealed for this reset, before it ends the sessions', async () => {
    const { deps, context, writes, passwords, opened } = setUp()

    expect(await manage.resetPassword(sealed, deps, context)).toMatchObject({
      status: 'active',
      access_ends_at: '2026-01-31T12:16:01.000Z',
    })
    expect(writes).toEqual(['setPermanentPassword', 'signOut'])
    expect(passwords).toEqual([goodPassword])
    expect(opened).toEqual([{ purpose: 'latchkey:reset-password', username, provisioningId }])
  })

  it('that cannot be opened was not changed', async () => {
    const { deps, context, writes } = setUp()
    const opener = { open: () => Promise.reject(new ServiceError('throttled')) }

    await expect(manage.resetPassword(sealed, { ...deps, opener }, context)).rejects.toMatchObject({
      code: 'throttled',
      outcome: 'none',
    })
    expect(writes).toEqual([])
  })

  it('refuses a weak password, and a password for a user that was never finished', async () => {
    const weak = setUp()
    const incomplete = setUp({ awaitsPassword: true })

    await expect(
      manage.resetPassword({ ...sealed, encrypted_password: 'weak' }, weak.deps, weak.context),
    ).rejects.toMatchObject({ code: 'weak_password' })
    await expect(manage.resetPassword(sealed, incomplete.deps, incomplete.context)).rejects.toMatchObject({
      code: 'user_incomplete',
    })
    expect([weak.writes, incomplete.writes]).toEqual([[], []])
  })

  it('takes a user out of a group and puts it back', async () => {
    const { deps, context } = setUp()

    expect(await manage.removeFromGroup(member, deps, context)).toEqual({
      ...shown,
      groups: [],
      access_ends_at: '2026-01-31T12:16:01.000Z',
    })
    expect(await manage.addToGroup(member, deps, context)).toEqual(shown)
  })

  it('deletes a disabled user', async () => {
    const { deps, context, writes, user } = setUp({ enabled: false })

    expect(await manage.deleteUser(deletion, deps, context)).toEqual({
      username,
      user_id: sub,
      access_ends_at: '2026-01-31T12:16:01.000Z',
    })
    expect(writes).toEqual(['remove'])
    expect(user()).toBeUndefined()
  })

  it('deletes an enabled user by force alone, which disables it first', async () => {
    const { deps, context, writes } = setUp()

    await expect(manage.deleteUser(deletion, deps, context)).rejects.toMatchObject({ code: 'user_enabled' })
    expect(writes).toEqual([])

    await manage.deleteUser({ ...deletion, force: true }, deps, context)
    expect(writes).toEqual(['disable', 'signOut', 'remove'])
  })

  it('takes a user that is gone when it is to be removed for deleted: an answer may have been lost', async () => {
    const { deps, context, deleteNow } = setUp({ enabled: false })
    const remove = (): Promise<never> => {
      deleteNow()
      return Promise.reject(new UserMissingError())
    }

    const result = manage.deleteUser(deletion, { ...deps, directory: { ...deps.directory, remove } }, context)
    expect(await result).toMatchObject({ user_id: sub })
  })

  it('does not take a user for deleted that can still be seen', async () => {
    const { deps, context } = setUp({ enabled: false }, { remove: new UserMissingError() })

    await expect(manage.deleteUser(deletion, deps, context)).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })
})

describe('a machine user', () => {
  it('is not seen, whatever it carries', async () => {
    const machine = 'latchkey-machine-1'
    const { deps, context } = setUp({ username: machine })

    await expect(manage.readUser({ ...request, username: machine }, deps, context)).rejects.toMatchObject({
      code: 'user_not_found',
      reason: 'not_ours',
    })
    expect(await manage.listUsers({ limit: 10, requested_by }, deps, context)).toMatchObject({ users: [] })
  })
})

describe('a list', () => {
  it('has the users of one page, without their groups, and how to get the next one', async () => {
    const { deps, context, queries, logger } = setUp()

    const { groups, ...listed } = shown
    expect(groups).toHaveLength(1)
    expect(await manage.listUsers({ limit: 10, requested_by }, deps, context)).toStrictEqual({
      users: [listed],
      pagination_token: 'next',
    })
    expect(
      await manage.listUsers({ prefix: 'o', limit: 5, pagination_token: 'next', requested_by }, deps, context),
    ).toStrictEqual({
      users: [listed],
    })
    expect(queries).toEqual([
      { prefix: undefined, limit: 10, token: undefined },
      { prefix: 'o', limit: 5, token: 'next' },
    ])
    expect(logger.lines[0]).toEqual({
      level: 'info',
      message: 'service users listed',
      outcome: 'done',
      directory_ms: 1,
    })
  })

  it.each(['latchkey-machine-', 'latchkey-machine-a'])('of %s is empty and has no next page', async (prefix) => {
    const { deps, context, queries } = setUp({ username: 'latchkey-machine-a' })

    expect(await manage.listUsers({ prefix, limit: 1, requested_by }, deps, context)).toStrictEqual({ users: [] })
    expect(queries).toEqual([])
  })

  it('leaves out the users that are not ours to show', async () => {
    const { deps, context } = setUp({ provisioningId: undefined })

    expect(await manage.listUsers({ limit: 10, requested_by }, deps, context)).toMatchObject({ users: [] })
  })
})

describe.each(operations)('%s', (_, run, expected) => {
  it.each<[string, Partial<DirectoryUser>]>([
    ['made by somebody else', { provisioningId: undefined }],
    ['with an id that is none of ours', { provisioningId: 'v2.a.b' }],
    ['without the human behind it', { humanUserId: undefined }],
    ['that Cognito found by its `sub`', { username: 'another' }],
  ])('does not see a user %s', async (_case, changed) => {
    const { deps, context, writes } = setUp(changed)
    await expect(run(deps, context)).rejects.toMatchObject({ code: 'user_not_found', reason: 'not_ours' })
    expect(writes).toEqual([])
  })

  it('does not see a user that is not there', async () => {
    const { deps, context } = setUp()
    const directory = { ...deps.directory, read: () => Promise.reject(new UserMissingError()) }

    await expect(run({ ...deps, directory }, context)).rejects.toMatchObject({
      code: 'user_not_found',
      reason: 'not_there',
    })
  })

  it('asks for no more at once than is written', async () => {
    const { deps, context, writes } = setUp()
    const taken: unknown[] = []
    const admission = {
      take: (count?: number) => {
        taken.push(count)
        return { taken: true } as const
      },
    }

    await run({ ...deps, admission }, context)

    expect(writes).toEqual(expected)
    expect(taken).toEqual(expected.length === 0 ? [] : [expected.length])
  })
})

describe.each(changes)('a %s', (_, run, writes) => {
  it('is one line of the audit, with how long the directory took', async () => {
    const { deps, context, logger, opened } = setUp()

    await run(deps, context)

    const line = {
      level: 'info',
      message: 'service user changed',
      sub,
      outcome: 'done',
      directory_ms: writes.length + 1,
    }
    expect(logger.lines).toEqual([{ ...line, ...(opened.length > 0 && { open_ms: 1 }) }])
  })
})

describe('a user that is deleted between two writes', () => {
  it('is not there any more: nothing is left to finish, and nobody is woken', async () => {
    const { deps, context, logger, deleteNow } = setUp()
    const signOut = (): Promise<never> => {
      deleteNow()
      return Promise.reject(new UserMissingError())
    }

    const result = manage.disableUser(request, { ...deps, directory: { ...deps.directory, signOut } }, context)
    await expect(result).rejects.toMatchObject({ code: 'user_not_found', outcome: undefined })
    expect(logger.lines).toEqual([])
  })

  it('is not believed while it can still be seen: what was begun must be finished', async () => {
    const { deps, context, logger } = setUp({}, { signOut: new UserMissingError() })

    await expect(manage.disableUser(request, deps, context)).rejects.toMatchObject({
      code: 'upstream_unavailable',
      reason: 'user_missing',
      outcome: 'partial',
    })
    expect(logger.lines).toMatchObject([{ level: 'warn', outcome: 'partial' }])
  })

  it('is not believed when nobody can say whether it is there', async () => {
    const { deps, context } = setUp({}, { disable: new UserMissingError() })
    let reads = 0
    const read: UserDirectory['read'] = (...call) =>
      ++reads === 1 ? deps.directory.read(...call) : Promise.reject(new ServiceError('throttled'))

    const result = manage.disableUser(request, { ...deps, directory: { ...deps.directory, read } }, context)
    await expect(result).rejects.toMatchObject({ code: 'throttled' })
  })
})

describe.each(changes)('a %s that fails', (_, run, writes) => {
  it('before it begins left nothing behind: there is no room for it', async () => {
    const { deps, context, writes: written } = setUp()
    const admission = { take: () => ({ taken: false, waitMs: 1_500 }) as const }

    await expect(run({ ...deps, admission }, context)).rejects.toMatchObject({
      code: 'throttled',
      reason: 'admission',
      retryAfterSeconds: 1.5,
      outcome: 'none',
    })
    expect(written).toEqual([])
  })

  it('before it begins left nothing behind: the user cannot be read', async () => {
    const { deps, context } = setUp()
    const read = (): Promise<never> => Promise.reject(new ServiceError('upstream_timeout'))

    await expect(run({ ...deps, directory: { ...deps.directory, read } }, context)).rejects.toMatchObject({
      code: 'upstream_timeout',
      outcome: 'none',
    })
  })

  it.each(writes.map((write, index) => [write, index] as const))('at %s says what is known', async (write, index) => {
    const { deps, context, logger } = setUp({}, { [write]: new ServiceError('throttled', { retryAfterSeconds: 1 }) })

    await expect(run(deps, context)).rejects.toMatchObject({
      code: 'throttled',
      retryAfterSeconds: 1,
      outcome: index === 0 ? undefined : 'partial',
    })
    const line = { level: 'warn', message: 'service user change begun and not finished', sub, outcome: 'partial' }
    expect(logger.lines).toEqual(index === 0 ? [] : [line])
  })

  it('shows nobody else as changed: the name may be another’s since', async () => {
    const { deps, context } = setUp()
    let reads = 0
    const directory: UserDirectory = {
      ...deps.directory,
      read: () => Promise.resolve({ ...ours, sub: ++reads === 1 ? sub : 'another' }),
    }

    const result = run({ ...deps, directory }, context)

    if (writes.includes('remove')) await expect(result).resolves.toMatchObject({ user_id: sub })
    else await expect(result).rejects.toMatchObject({ code: 'user_not_found', reason: 'replaced' })
  })

  it('at the last look at the user is made, and a repeat tells', async () => {
    const { deps, context, writes: written } = setUp({}, { groupsOf: new ServiceError('upstream_timeout') })

    const result = run(deps, context)

    if (writes.includes('remove')) await expect(result).resolves.toMatchObject({ user_id: sub })
    else await expect(result).rejects.toMatchObject({ code: 'upstream_timeout', outcome: 'partial' })
    expect(written).toEqual(writes)
  })
})

describe('a generated password', () => {
  const reader = 'arn:aws:iam::210987654321:role/orders-worker'
  const wanted = { ...request, deliver_to: reader, reset_id: provisioningId }
  function setUpDelivery(...given: Parameters<typeof setUp>) {
    const secrets = fakePasswordSecrets()
    const parts = setUp(...given)
    const deps: manage.ManageUsersDeps = { ...parts.deps, delivery: { readers: [reader], secrets } }
    return { ...parts, deps, secrets, reset: () => manage.resetPassword(wanted, deps, parts.context) }
  }

  it('lies in the secret of its reader before it is set, and ends the sessions', async () => {
    const { secrets, passwords, writes, opened, logger, reset } = setUpDelivery()

    expect(await reset()).toMatchObject({
      user_id: sub,
      secret_arn: secretArn(sub),
      access_ends_at: expect.any(String) as unknown,
    })

    expect(writes).toEqual(['setPermanentPassword', 'signOut'])
    expect(passwords).toEqual(secrets.passwords.get(sub))
    expect(secrets.calls).toEqual(['deliver', 'open'])
    expect(passwords[0]).toMatch(/^[A-Za-z0-9]{40}-aA1$/)
    expect(opened).toEqual([])
    expect(JSON.stringify(logger.lines)).not.toContain(passwords[0])
  })

  it('is for the roles on the list alone, and nothing is looked at for another', async () => {
    const { deps, context, writes, secrets } = setUpDelivery()
    const other = { ...wanted, deliver_to: `${reader}2` }

    await expect(manage.resetPassword(other, deps, context)).rejects.toMatchObject({
      code: 'reader_not_allowed',
      outcome: 'none',
    })
    expect([writes, secrets.calls]).toEqual([[], []])
  })

  it('of an incomplete user is refused', async () => {
    const { secrets, reset } = setUpDelivery({ awaitsPassword: true })

    await expect(reset()).rejects.toMatchObject({ code: 'user_incomplete' })
    expect(secrets.calls).toEqual([])
  })

  it.each(['none', 'unknown'] as const)(
    'waits while another attempt is at it, with the outcome %s',
    async (outcome) => {
      const { secrets, writes, reset } = setUpDelivery()
      secrets.fail('deliver', new AnotherAttemptError(outcome))

      await expect(reset()).rejects.toMatchObject({ code: 'throttled', retryAfterSeconds: 30, outcome })
      expect(writes).toEqual([])
    },
  )

  it.each([
    ['refused', new ServiceError('throttled'), ours.updatedAt, 0],
    ['refused, when an attempt before may have set it', new ServiceError('throttled'), new Date(nowMs), 1],
    ['perhaps on its way still', new ServiceError('upstream_timeout'), ours.updatedAt, 1],
  ])('that was %s leaves the secret so that a repeat finishes it', async (_, error, updatedAt, versions) => {
    const { deps, context, secrets } = setUpDelivery({}, { setPermanentPassword: error })
    let reads = 0
    const read: UserDirectory['read'] = () => Promise.resolve({ ...ours, ...(++reads > 1 && { updatedAt }) })

    const reset = manage.resetPassword(wanted, { ...deps, directory: { ...deps.directory, read } }, context)

    await expect(reset).rejects.toMatchObject({ code: error.code })
    expect(secrets.passwords.get(sub)).toHaveLength(versions)
  })

  it('that is set and that its reader may not read is a change half-way: a repeat sets another', async () => {
    const { secrets, writes, reset } = setUpDelivery()
    secrets.fail('open', new ServiceError('upstream_timeout'))

    await expect(reset()).rejects.toMatchObject({ code: 'upstream_timeout', outcome: 'partial' })
    expect(writes).toEqual(['setPermanentPassword'])
  })

  it('goes with its user, and before it', async () => {
    const { deps, context, secrets, writes, reset } = setUpDelivery({ enabled: false })
    await reset()
    writes.length = 0
    secrets.fail('scheduleDeletion', new ServiceError('throttled'), 1)
    await expect(manage.deleteUser(deletion, deps, context)).rejects.toMatchObject({ code: 'throttled' })
    expect(writes).toEqual([])

    await manage.deleteUser(deletion, deps, context)

    expect(writes).toEqual(['remove'])
    expect([...secrets.passwords]).toEqual([])
  })

  it.each([
    ['a secret', true, 'partial'],
    ['none', false, undefined],
  ])('of a user with %s counts as the beginning of its deletion: %s', async (_, hasSecret, outcome) => {
    const remove = new ServiceError('throttled')
    const { deps, context, reset } = setUpDelivery({ enabled: false }, { remove })
    if (hasSecret) await reset()

    await expect(manage.deleteUser(deletion, deps, context)).rejects.toMatchObject({ code: 'throttled', outcome })
  })
})
