import { describe, expect, it } from 'vitest'
import { createUser, type CreateUserDeps } from '#services/app2-accounts/create-user/create-user.ts'
import { AnotherAttemptError } from '#shared/aws/password-secrets.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import type { CreatedUser } from '#shared/contract.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { ServiceError } from '#shared/errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { manualClock } from '#test/support/clock.ts'
import { fakeDirectory } from '#test/support/fake-directory.ts'
import { fakePasswordSecrets, secretArn } from '#test/support/fake-password-secrets.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { createdUserBody, createUserRequestBody, goodPassword, provisioningId } from '#test/support/requests.ts'

const throttled = new ServiceError('throttled')
const timedOut = new ServiceError('upstream_timeout')
const denied = new ServiceError('internal_error', { reason: 'AccessDeniedException' })
const weak = new ServiceError('weak_password')

function setUp(changes: Partial<CreateUserDeps> = {}) {
  const clock = manualClock()
  const directory = fakeDirectory(clock.now)
  const logger = recordingLogger()
  const slept: number[] = []
  const deps: CreateUserDeps = {
    opener: { open: () => Promise.resolve(new SecretValue(goodPassword)) },
    directory,
    delivery: undefined,
    admission: { take: () => ({ taken: true }) },
    now: clock.now,
    sleep: (ms) => {
      slept.push(ms)
      clock.advance(ms)
      return Promise.resolve()
    },
    ...changes,
  }
  const run = (request = createUserRequestBody(), budgetMs = 20_000): Promise<CreatedUser> =>
    createUser(request, deps, {
      deadline: createDeadline({ now: clock.now, budgetMs }),
      logger,
      timer: createStepTimer(clock.now),
    })
  return { clock, directory, logger, slept, run }
}

const leftBehind = expect.objectContaining({ level: 'error', message: 'half-made user left behind' }) as unknown

const otherFingerprint = provisioningId.replace(/B/, 'C')
const otherId = provisioningId.replace(/A/, 'D')

describe('a first creation', () => {
  it('creates, grants, and sets the password last', async () => {
    const { directory, logger, run } = setUp()

    expect(await run()).toEqual(createdUserBody())

    expect(directory.calls).toEqual(['create', 'addToGroup', 'setPermanentPassword'])
    expect(directory.users).toEqual([
      expect.objectContaining({ groups: ['service-user'], password: goodPassword, provisioningId }),
    ])
    expect(logger.lines).toEqual([
      expect.objectContaining({ message: 'service user created', sub: 'sub-1', outcome: 'created' }),
    ])
  })

  it.each([
    [() => Promise.reject(new ServiceError('password_unreadable')), 'password_unreadable'],
    [() => Promise.resolve(new SecretValue('weak')), 'weak_password'],
  ])('with a password that is no good asks the directory nothing (%#)', async (open, code) => {
    const { directory, run } = setUp({ opener: { open } })

    await expect(run()).rejects.toMatchObject({ code, outcome: 'none' })
    expect(directory.calls).toEqual([])
  })

  it('with an opener that crashes stays a crash', async () => {
    const crash = new TypeError('bug')

    await expect(setUp({ opener: { open: () => Promise.reject(crash) } }).run()).rejects.toBe(crash)
  })

  it('beyond the admitted rate is told when to come back, before anything is made', async () => {
    const { directory, run } = setUp({ admission: { take: () => ({ taken: false, waitMs: 50 }) } })

    await expect(run()).rejects.toMatchObject({
      code: 'throttled',
      reason: 'admission',
      retryAfterSeconds: 0.05,
      outcome: 'none',
    })
    expect(directory.calls).toEqual([])
  })
})

describe('a username that exists', () => {
  it.each([
    ['of a user that Latchkey did not make', undefined, true, 'not_ours'],
    ['of a user with a malformed id', 'v1.x.y', true, 'not_ours'],
    ['of another creation', otherId, true, 'another_creation'],
    ['of another creation, incomplete', otherId, false, 'another_creation'],
  ])('%s is refused, and not a byte of that user changes', async (_, theirId, finished, reason) => {
    const { directory, run } = setUp()
    directory.add({ provisioningId: theirId, awaitsPassword: !finished, password: 'theirs' })
    const before = structuredClone(directory.users)

    await expect(run()).rejects.toMatchObject({ code: 'user_exists', reason })

    expect(directory.users).toEqual(before)
    expect(directory.calls).toEqual(['create', 'read'])
  })

  it('of this creation with another wish is 422, and nothing changes', async () => {
    const { directory, run } = setUp()
    directory.add({ provisioningId: otherFingerprint, awaitsPassword: false, password: 'first' })

    await expect(run()).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    expect(directory.users).toMatchObject([{ password: 'first' }])
  })

  it('of this very request, finished, is answered as the first time without a write', async () => {
    const { clock, directory, logger, run } = setUp()
    const first = await run()
    directory.calls.length = 0
    clock.advance(30 * 24 * 3_600_000)

    expect(await run()).toEqual(first)

    expect(directory.calls).toEqual(['create', 'read'])
    expect(logger.lines.at(-1)).toMatchObject({ outcome: 'repeated' })
  })

  it('of this very request, finished and then disabled or taken out of its group, stays so', async () => {
    const { directory, run } = setUp()
    directory.add({ provisioningId, awaitsPassword: false, enabled: false, password: 'p' })
    const before = structuredClone(directory.users)

    await run()

    expect(directory.users).toEqual(before)
  })

  it('of this very request, incomplete a moment under an hour ago, is finished', async () => {
    const { clock, directory, run } = setUp()
    directory.add({ provisioningId })
    clock.advance(3_600_000 - 1)

    await run()

    expect(directory.users).toMatchObject([{ awaitsPassword: false, groups: ['service-user'], password: goodPassword }])
  })

  it('of this very request, incomplete an hour ago, is left to an operator', async () => {
    const { clock, directory, run } = setUp()
    directory.add({ provisioningId })
    clock.advance(3_600_000)

    await expect(run()).rejects.toMatchObject({ code: 'partial_provision', reason: 'older_than_an_hour' })
    expect(directory.users).toMatchObject([{ awaitsPassword: true, groups: [] }])
  })

  it('of this very request, incomplete and disabled by an operator, stays as the operator left it', async () => {
    const { directory, run } = setUp()
    directory.add({ provisioningId, enabled: false })

    await expect(run()).rejects.toMatchObject({ code: 'user_exists', reason: 'disabled' })
    expect(directory.users).toMatchObject([{ awaitsPassword: true, groups: [] }])
  })

  it('that is gone when it is looked at is for the caller to repeat', async () => {
    const { directory, run } = setUp()
    directory.create = () => Promise.resolve({ kind: 'name_taken' })

    await expect(run()).rejects.toMatchObject({ code: 'upstream_unavailable', reason: 'user_missing' })
  })
})

describe('a failure that a repeat can repair', () => {
  it.each([
    ['addToGroup', throttled],
    ['addToGroup', timedOut],
    ['setPermanentPassword', throttled],
    ['setPermanentPassword', new ServiceError('upstream_unavailable')],
  ] as const)('at %s leaves the user without sign-in, and the repeat finishes it', async (operation, error) => {
    const { directory, run } = setUp()
    directory.fail(operation, [error])

    await expect(run()).rejects.toMatchObject({ code: error.code, outcome: 'unknown' })
    expect(directory.users).toMatchObject([{ awaitsPassword: true }])
    expect(directory.calls).not.toContain('remove')

    await run()
    expect(directory.users).toHaveLength(1)
    expect(directory.users).toMatchObject([{ awaitsPassword: false, password: goodPassword }])
  })

  it('at the creation itself, which took effect, is found again by the repeat', async () => {
    const { directory, run } = setUp()
    directory.fail('create', [timedOut], { afterEffect: true })

    await expect(run()).rejects.toBe(timedOut)
    await run()

    expect(directory.users).toMatchObject([{ awaitsPassword: false, groups: ['service-user'] }])
  })
})

describe('a failure that no repeat can repair', () => {
  it.each([
    ['addToGroup', denied, 'internal_error'],
    ['setPermanentPassword', denied, 'internal_error'],
    ['setPermanentPassword', weak, 'weak_password'],
  ] as const)('at %s (%s) removes the user that was made', async (operation, error, code) => {
    const { directory, logger, run } = setUp()
    directory.fail(operation, [error])

    await expect(run()).rejects.toMatchObject({ code, outcome: 'none' })

    expect(directory.users).toEqual([])
    expect(logger.lines).toEqual([expect.objectContaining({ message: 'half-made user removed', sub: 'sub-1', code })])
  })

  it.each([
    ['an answer in another form', new ServiceError('upstream_error', { reason: 'SomethingNew' }), 'upstream_error'],
    ['a bug of ours', new TypeError('bug'), 'internal_error'],
  ])('is not what %s is: the user is left for the repeat', async (_, error, code) => {
    const { directory, run } = setUp()
    directory.fail('setPermanentPassword', [error])

    await expect(run()).rejects.toMatchObject({ code, outcome: 'unknown' })
    expect(directory.users).toHaveLength(1)
    expect(directory.calls).not.toContain('remove')
  })

  it('counts a user as gone when the removal does not find it, and another look does not either', async () => {
    const { directory, run } = setUp()
    directory.fail('addToGroup', [denied])
    const remove = directory.remove.bind(directory)
    directory.remove = async (sub, options) => {
      await remove(sub, options)
      return 'missing'
    }

    await expect(run()).rejects.toMatchObject({ code: 'internal_error', outcome: 'none' })
    expect(directory.calls.slice(-2)).toEqual(['remove', 'read'])
  })

  it.each([
    ['another look still shows it', []],
    ['another look fails', [denied]],
  ])('does not believe that a user is gone when the removal does not find it, but %s', async (_, failures) => {
    const { directory, logger, run } = setUp()
    directory.fail('addToGroup', [denied])
    directory.remove = () => {
      directory.fail('read', failures)
      return Promise.resolve('missing')
    }

    await expect(run()).rejects.toMatchObject({ code: 'partial_provision', outcome: 'unknown' })
    expect(logger.lines).toContainEqual(leftBehind)
  })

  it('promises nothing when the creation took several attempts: one of them may make the user again', async () => {
    const { directory, run } = setUp()
    const create = directory.create.bind(directory)
    directory.create = async (user, options) => ({ ...(await create(user, options)), atOnce: false })
    directory.fail('addToGroup', [denied])

    await expect(run()).rejects.toMatchObject({ code: 'internal_error', outcome: 'unknown' })
    expect(directory.users).toEqual([])
  })

  it('removes by sub: a namesake that was made meanwhile is not touched', async () => {
    const { directory, run } = setUp()
    directory.fail('addToGroup', [denied])
    const read = directory.read.bind(directory)
    directory.read = async (key, options) => {
      const user = await read(key, options)
      directory.users.splice(0, 1)
      directory.add({ sub: 'namesake' })
      return user
    }

    await expect(run()).rejects.toMatchObject({ code: 'internal_error' })
    expect(directory.users).toMatchObject([{ sub: 'namesake' }])
  })

  it('is a success when the password had been set after all', async () => {
    const { directory, run } = setUp()
    directory.fail('setPermanentPassword', [denied], { afterEffect: true })

    expect(await run()).toEqual(createdUserBody())
    expect(directory.users).toMatchObject([{ awaitsPassword: false }])
  })

  it('leaves the user when it cannot be looked at first: a concurrent retry may have been told that it is there', async () => {
    const { directory, logger, run } = setUp()
    directory.fail('addToGroup', [denied])
    directory.fail('read', [throttled])

    await expect(run()).rejects.toMatchObject({ code: 'partial_provision', outcome: 'unknown' })
    expect(directory.users).toHaveLength(1)
    expect(logger.lines).toContainEqual(leftBehind)
  })

  it('with a removal that fails too says so, in the line that an alarm counts, and the repeat heals it', async () => {
    const { directory, logger, run } = setUp()
    directory.fail('addToGroup', [denied])
    directory.fail('remove', [denied])

    await expect(run()).rejects.toMatchObject({ code: 'partial_provision', outcome: 'unknown' })
    expect(logger.lines).toEqual([
      expect.objectContaining({
        level: 'error',
        message: 'half-made user left behind',
        sub: 'sub-1',
        outcome: 'partial',
      }),
    ])

    await run()
    expect(directory.users).toMatchObject([{ awaitsPassword: false, groups: ['service-user'] }])
  })

  it('leaves a user that an earlier attempt made', async () => {
    const { directory, run } = setUp()
    directory.add({ provisioningId })
    directory.fail('addToGroup', [denied])

    await expect(run()).rejects.toMatchObject({ code: 'internal_error', outcome: 'unknown' })
    expect(directory.users).toHaveLength(1)
  })

  it('removes a user that an earlier attempt made when its password can never be set', async () => {
    const { directory, run } = setUp()
    directory.add({ provisioningId })
    directory.fail('setPermanentPassword', [weak])

    await expect(run()).rejects.toMatchObject({ code: 'weak_password' })
    expect(directory.users).toEqual([])
  })
})

describe('concurrent retries: the same request twice at the same time', () => {
  it('keep the password that an operator set after a repeat had finished the user of a slow first attempt', async () => {
    const { clock, directory, run } = setUp()
    const addToGroup = directory.addToGroup.bind(directory)
    directory.addToGroup = async (...call) => {
      await addToGroup(...call)
      for (const user of directory.users) Object.assign(user, { awaitsPassword: false, password: 'set-by-an-operator' })
      clock.advance(1_000)
    }

    expect(await run()).toEqual(createdUserBody())
    expect(directory.users).toMatchObject([{ password: 'set-by-an-operator' }])
  })

  it('the one that finds the other’s user whole sets no password', async () => {
    const { directory, run } = setUp()
    directory.add({ provisioningId })
    const addToGroup = directory.addToGroup.bind(directory)
    directory.addToGroup = async (sub, group, options) => {
      await addToGroup(sub, group, options)
      directory.users.splice(
        0,
        1,
        directory.add({ provisioningId, sub, awaitsPassword: false, password: 'concurrent-retry' }),
      )
      directory.users.length = 1
    }

    expect(await run()).toEqual(createdUserBody())
    expect(directory.users).toMatchObject([{ password: 'concurrent-retry' }])
    expect(directory.calls).not.toContain('setPermanentPassword')
  })

  it('the one that finished what the other then removed does not say that it is there', async () => {
    const { directory, slept, run } = setUp()
    directory.add({ provisioningId })
    const setPermanentPassword = directory.setPermanentPassword.bind(directory)
    directory.setPermanentPassword = async (...args) => {
      await setPermanentPassword(...args)
      directory.users.length = 0
    }

    await expect(run()).rejects.toMatchObject({ code: 'upstream_unavailable', reason: 'user_missing' })
    expect(slept[0]).toBe(500)
  })
})

describe('a finished user that an operator gave a temporary password', () => {
  it('is not taken up by a repeat: the revoked password stays revoked', async () => {
    const { directory, run } = setUp()
    await run()
    directory.users.splice(0, 1, {
      ...directory.users[0],
      ...{ awaitsPassword: true, password: 'temporary', groups: [] },
    } as never)

    await expect(run()).rejects.toMatchObject({ code: 'user_exists', reason: 'changed_since_creation' })
    expect(directory.users).toMatchObject([{ password: 'temporary', groups: [] }])
  })
})

describe('a user that is not to be seen at once', () => {
  it('is waited for', async () => {
    const { directory, slept, run } = setUp()
    directory.fail('addToGroup', [new UserMissingError(), new UserMissingError()])
    directory.fail('setPermanentPassword', [new UserMissingError()])

    await run()

    expect(slept).toHaveLength(3)
    expect(directory.users).toMatchObject([{ awaitsPassword: false, groups: ['service-user'] }])
  })

  it('is waited for a second and a half at most', async () => {
    const { directory, slept, run } = setUp()
    directory.fail(
      'addToGroup',
      Array.from({ length: 10 }, () => new UserMissingError()),
    )

    await expect(run()).rejects.toMatchObject({ code: 'upstream_unavailable', reason: 'user_missing' })
    expect(directory.calls.filter((name) => name === 'addToGroup')).toHaveLength(5)
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(1_500)
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(750)
  })

  it('is not waited for past the deadline', async () => {
    const { directory, slept, run } = setUp()
    directory.fail(
      'addToGroup',
      Array.from({ length: 10 }, () => new UserMissingError()),
    )

    await expect(run(createUserRequestBody(), 4_150)).rejects.toMatchObject({ reason: 'user_missing' })
    expect(slept).toHaveLength(1)
  })
})

describe('a generated password', () => {
  const reader = 'arn:aws:iam::210987654321:role/orders-worker'
  const wanted = { encrypted_password: undefined, deliver_to: reader }
  const made = createdUserBody({ secret_arn: secretArn('sub-1') })
  function setUpDelivery() {
    const secrets = fakePasswordSecrets()
    const parts = setUp({
      delivery: { readers: [reader], secrets },
      opener: { open: () => Promise.reject(new Error('nothing is sealed')) },
    })
    const run = (): Promise<CreatedUser> => parts.run(createUserRequestBody(wanted))
    const expectWhole = (): void => {
      const [{ sub, password, groups } = { sub: '' }] = parts.directory.users
      expect(password).toMatch(/^[A-Za-z0-9]{40}-aA1$/)
      expect(secrets.passwords.get(sub)?.at(-1)).toBe(password)
      expect(groups).toContain('service-user')
    }
    return { ...parts, secrets, run, expectWhole }
  }

  it('lies in the secret of its reader before it is set, and is in no line', async () => {
    const { directory, secrets, logger, run, expectWhole } = setUpDelivery()
    secrets.fail('deliver', throttled, 1)
    await expect(run()).rejects.toMatchObject({ code: 'throttled' })
    expect(directory.calls).toEqual(['create', 'addToGroup'])
    expect(directory.users).toMatchObject([{ awaitsPassword: true }])

    expect(await run()).toEqual(made)

    expectWhole()
    expect(secrets.readers.get('sub-1')).toBe(reader)
    expect(JSON.stringify(logger.lines)).not.toContain(directory.users[0]?.password)
  })

  it('is not made for a role that is not on the list, nor where there is none, and nothing is', async () => {
    const { directory, run } = setUp({ delivery: { readers: [reader], secrets: fakePasswordSecrets() } })
    const other = createUserRequestBody({ ...wanted, deliver_to: `${reader}2` })

    await expect(run(other)).rejects.toMatchObject({ code: 'reader_not_allowed', outcome: 'none' })
    await expect(setUp().run(createUserRequestBody(wanted))).rejects.toMatchObject({ code: 'reader_not_allowed' })
    expect(directory.calls).toEqual([])
  })

  it('of a finished user is told by a repeat, and not replaced', async () => {
    const { secrets, run } = setUpDelivery()
    await run()

    expect(await run()).toEqual(made)
    expect(secrets.passwords.get('sub-1')).toHaveLength(1)
  })

  it('whose secret is not seen is told by a repeat as missing once the user is five minutes old', async () => {
    const { clock, secrets, run } = setUpDelivery()
    await run()
    secrets.passwords.clear()

    clock.advance(5 * 60_000)
    await expect(run()).rejects.toMatchObject({ code: 'upstream_unavailable', reason: 'secret_not_seen' })
    clock.advance(1)
    await expect(run()).rejects.toMatchObject({ code: 'secret_missing' })
  })

  it.each([
    ['set, though the answer was lost', timedOut, true, 'made', 1],
    ['refused, though an attempt before had set it', denied, true, 'made', 1],
    ['throttled', throttled, false, 'throttled', 0],
    ['perhaps on its way still', timedOut, false, 'upstream_timeout', 1],
  ] as const)('that was %s', async (_, error, afterEffect, outcome, versions) => {
    const { directory, secrets, run, expectWhole } = setUpDelivery()
    directory.fail('setPermanentPassword', [error], { afterEffect })

    const answer: unknown = await run().catch((failure: unknown) => failure)

    expect(secrets.passwords.get('sub-1')).toHaveLength(versions)
    if (outcome === 'made') expect(answer).toEqual(made)
    else expect(answer).toMatchObject({ code: outcome, outcome: 'unknown' })
    expect(await run()).toEqual(made)
    expectWhole()
  })

  it.each([
    ['the permission to set it is missing', denied, 'internal_error'],
    ['the pool refuses it, which no caller can help', weak, 'internal_error'],
  ])('that can never be set, since %s, goes with its user and its secret', async (_, error, code) => {
    const { directory, secrets, run } = setUpDelivery()
    directory.fail('setPermanentPassword', [error])

    await expect(run()).rejects.toMatchObject({ code, outcome: 'none' })

    expect(directory.users).toEqual([])
    expect([...secrets.passwords]).toEqual([])
  })

  it('for a role that does not exist goes with its user', async () => {
    const { directory, secrets, run } = setUpDelivery()
    secrets.fail('deliver', new ServiceError('reader_not_allowed', { reason: 'no_such_role' }))

    await expect(run()).rejects.toMatchObject({ code: 'reader_not_allowed', outcome: 'none' })
    expect(directory.users).toEqual([])
  })

  it('whose secret cannot be discarded keeps its user, which is found again', async () => {
    const { directory, secrets, run } = setUpDelivery()
    directory.fail('setPermanentPassword', [denied])
    secrets.fail('discard', timedOut)

    await expect(run()).rejects.toMatchObject({ code: 'partial_provision' })
    expect(directory.users).toHaveLength(1)
  })

  it('of a user that was deleted meanwhile leaves no secret', async () => {
    const { directory, secrets, run } = setUpDelivery()
    directory.fail('setPermanentPassword', Array<Error>(5).fill(new UserMissingError()))
    directory.fail('read', [new UserMissingError()])

    await expect(run()).rejects.toMatchObject({ code: 'upstream_unavailable', reason: 'user_missing' })
    expect([...secrets.passwords]).toEqual([])
  })

  it('that another attempt is about to set is waited for, and told as that one’s', async () => {
    const { clock, directory, secrets, slept, run } = setUpDelivery()
    secrets.fail('deliver', throttled, 1)
    await expect(run()).rejects.toMatchObject({ code: 'throttled' })
    secrets.fail('deliver', new AnotherAttemptError('none'), 1)
    // Finished while this one waits.
    secrets.passwords.set('sub-1', ['theirs'])
    const read = directory.read.bind(directory)
    directory.read = async (...call) => {
      const user = await read(...call)
      return clock.now() >= Date.UTC(2026, 0, 1) + 1_000 ? { ...user, awaitsPassword: false } : user
    }

    expect(await run()).toEqual(made)
    expect(slept.slice(0, 2)).toEqual([500, 500])
    expect(directory.calls).not.toContain('setPermanentPassword')
  })

  it('that another attempt does not set in time is unavailable, with how long to wait', async () => {
    const { directory, secrets, run } = setUpDelivery()
    secrets.fail('deliver', new AnotherAttemptError('none'))

    await expect(run()).rejects.toMatchObject({
      code: 'upstream_unavailable',
      reason: 'another_attempt',
      retryAfterSeconds: 30,
      outcome: 'unknown',
    })
    expect(directory.calls).not.toContain('setPermanentPassword')
    expect(directory.users).toHaveLength(1)
  })

  it('is not set over an operator’s, and what was written for it is taken back', async () => {
    const { clock, directory, secrets, run } = setUpDelivery()
    const deliver = secrets.deliver.bind(secrets)
    secrets.deliver = async (...call) => {
      clock.advance(1_000)
      Object.assign(directory.users[0] ?? {}, { awaitsPassword: false, password: 'theirs' })
      return deliver(...call)
    }

    await expect(run()).rejects.toMatchObject({ code: 'upstream_unavailable', reason: 'password_set_by_another' })
    expect(directory.users[0]?.password).toBe('theirs')
    expect(secrets.passwords.get('sub-1')).toEqual([])
  })
})
