import { describe, expect, it } from 'vitest'
import { createUser, type CreateUserDeps } from '../../../../../services/app2-accounts/create-user/create-user.ts'
import type { UserDirectory } from '../../../../../services/app2-accounts/create-user/user-directory.ts'
import type { CreatedUser } from '../../../../../shared/contract.ts'
import { ServiceError } from '../../../../../shared/errors.ts'
import { SecretValue } from '../../../../../shared/secret-value.ts'
import { farDeadline } from '../../../../support/deadlines.ts'
import { recordingLogger } from '../../../../support/logger.ts'
import { createdUserBody, createUserRequestBody, goodPassword } from '../../../../support/requests.ts'

const sub = '0f8fad5b-d9cb-469f-a165-70867728950e'

function setUp(changes: { directory?: Partial<UserDirectory>; password?: string | Error } = {}) {
  const { password = goodPassword } = changes
  const calls: unknown[][] = []
  const logger = recordingLogger()
  const deps: CreateUserDeps = {
    opener: {
      open: (sealed, boundTo) => {
        calls.push(['open', sealed, boundTo])
        return typeof password === 'string' ? Promise.resolve(new SecretValue(password)) : Promise.reject(password)
      },
    },
    directory: {
      create: (user) => {
        calls.push(['create', user])
        return Promise.resolve({ kind: 'created', sub, createdAt: new Date('2026-01-01T00:00:00Z') })
      },
      addToGroup: (...args) => {
        calls.push(['addToGroup', ...args.slice(0, 2)])
        return Promise.resolve()
      },
      setPermanentPassword: (...args) => {
        calls.push(['setPermanentPassword', args[0], args[1].expose()])
        return Promise.resolve()
      },
      ...changes.directory,
    },
  }
  const run = (): Promise<CreatedUser> => createUser(createUserRequestBody(), deps, { deadline: farDeadline(), logger })
  return { calls, logger, run }
}

describe('creating a user', () => {
  it('opens the password, creates, grants, and sets the password last', async () => {
    const { calls, logger, run } = setUp()
    const { username, human_user_id, provisioning_id } = createUserRequestBody()

    expect(await run()).toEqual(createdUserBody())

    expect(calls).toEqual([
      ['open', 'sealed', { username, provisioningId: provisioning_id }],
      ['create', { username, humanUserId: human_user_id, provisioningId: provisioning_id }],
      ['addToGroup', sub, 'service-user'],
      ['setPermanentPassword', sub, goodPassword],
    ])
    expect(logger.lines).toEqual([
      expect.objectContaining({ message: 'service user created', sub, outcome: 'created' }),
    ])
  })

  it.each([
    [new ServiceError('password_unreadable'), 'password_unreadable'],
    ['weak', 'weak_password'],
  ])('with the password %s writes nothing and answers %s', async (password, code) => {
    const { calls, run } = setUp({ password })

    await expect(run()).rejects.toMatchObject({ code, outcome: 'none' })
    expect(calls.map(([name]) => name)).toEqual(['open'])
  })

  it('with an opener that crashes stays a crash', async () => {
    const crash = new TypeError('bug')

    await expect(setUp({ password: crash }).run()).rejects.toBe(crash)
  })

  it('under a name that is taken changes nothing', async () => {
    const { calls, run } = setUp({ directory: { create: () => Promise.resolve({ kind: 'name_taken' }) } })

    await expect(run()).rejects.toMatchObject({ code: 'user_exists' })
    expect(calls.map(([name]) => name)).toEqual(['open'])
  })

  it('that fails at the group never sets the password: nobody can sign in', async () => {
    const { calls, run } = setUp({ directory: { addToGroup: () => Promise.reject(new ServiceError('throttled')) } })

    await expect(run()).rejects.toMatchObject({ code: 'throttled', outcome: undefined })
    expect(calls.map(([name]) => name)).toEqual(['open', 'create'])
  })
})
