import { describe, expect, it } from 'vitest'
import type { UserToCreate } from '#services/app1-provisioner/app2-client.ts'
import { provisionUser, type ProvisionUserDeps } from '#services/app1-provisioner/provision-user.ts'
import type { CreatedUser } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeMachine } from '#test/support/machine-secrets.ts'
import { createdUserBody, goodPassword } from '#test/support/requests.ts'

const request = {
  requestedBy: 'arn:aws:iam::111111111111:role/orders',
  idempotencyKey: 'key-1',
  username: 'orders-worker',
  humanUserId: 'alice',
  password: new SecretValue(goodPassword),
}

function setUp(changes: Partial<ProvisionUserDeps> = {}) {
  const asked: { user: UserToCreate; sealed: string }[] = []
  const logger = recordingLogger()
  const deps: ProvisionUserDeps = {
    machine: fakeMachine(),
    sealer: { seal: (_, { username, provisioningId }) => Promise.resolve(`sealed ${username} ${provisioningId}`) },
    app2: {
      createUser: async (user, call) => {
        asked.push({ user, sealed: await call.sealPassword() })
        return createdUserBody()
      },
    },
    ...changes,
  }
  const run = (changed = {}): Promise<CreatedUser> =>
    provisionUser({ ...request, ...changed }, deps, {
      requestId: 'request-1',
      deadline: farDeadline(),
      logger,
      timer: createStepTimer(() => 0),
    })
  return { asked, logger, run }
}

describe('provisioning a user', () => {
  it('asks App2 once, with a password sealed to this very request', async () => {
    const { asked, logger, run } = setUp()

    expect(await run()).toEqual(createdUserBody())

    expect(asked).toEqual([
      {
        user: {
          username: 'orders-worker',
          human_user_id: 'alice',
          requested_by: request.requestedBy,
          provisioning_id: expect.stringMatching(/^v1\./) as string,
        },
        sealed: `sealed orders-worker ${asked[0]?.user.provisioning_id ?? ''}`,
      },
    ])
    expect(logger.lines).toEqual([
      expect.objectContaining({
        message: 'service user provisioned',
        provisioning_id: asked[0]?.user.provisioning_id,
        outcome: 'created',
        secret_ms: 0,
      }),
    ])
  })

  it('refuses a weak password before anything is asked of anybody', async () => {
    const { asked, run } = setUp({ machine: { current: () => expect.fail() } })

    await expect(run({ password: new SecretValue('weak') })).rejects.toMatchObject({ code: 'weak_password' })
    expect(asked).toHaveLength(0)
  })

  it('without the secret asks nothing of App2, and says that nothing was done', async () => {
    const { asked, run } = setUp({ machine: { current: () => Promise.reject(new ServiceError('not_ready')) } })

    await expect(run()).rejects.toMatchObject({ code: 'not_ready', outcome: 'none' })
    expect(asked).toHaveLength(0)
  })

  it('a crash before App2 stays a crash', async () => {
    const crash = new TypeError('bug')

    await expect(setUp({ machine: { current: () => Promise.reject(crash) } }).run()).rejects.toBe(crash)
  })

  it('a failure of App2 is passed on with what is known of the outcome', async () => {
    const failure = new ServiceError('upstream_timeout')

    await expect(setUp({ app2: { createUser: () => Promise.reject(failure) } }).run()).rejects.toBe(failure)
  })
})
