import { describe, expect, it } from 'vitest'
import { provisionUser, type ProvisionUserDeps } from '#services/app1-provisioner/provision-user.ts'
import type { CreatedUser } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { failingApp2, fakeApp2 } from '#test/support/fake-app2.ts'
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
  const app2 = fakeApp2(() => createdUserBody({ message: 'canary', created_by: 'canary' }))
  const logger = recordingLogger()
  const deps: ProvisionUserDeps = {
    machine: fakeMachine(),
    sealer: {
      seal: (_, { purpose, username, provisioningId }) => Promise.resolve(`${purpose} ${username} ${provisioningId}`),
    },
    app2,
    ...changes,
  }
  const run = (changed = {}): Promise<CreatedUser> =>
    provisionUser({ ...request, ...changed }, deps, {
      requestId: 'request-1',
      deadline: farDeadline(),
      logger,
      timer: createStepTimer(() => 0),
    })
  return { asked: app2.asked, logger, run }
}

describe('provisioning a user', () => {
  it('asks App2 once, with a password sealed to this very request, and passes on none of its words', async () => {
    const { asked, logger, run } = setUp()

    expect(await run()).toEqual(createdUserBody({ created_by: 'alice' }))

    expect(asked).toEqual([
      {
        path: '/admin/create-user',
        body: {
          username: 'orders-worker',
          human_user_id: 'alice',
          requested_by: request.requestedBy,
          provisioning_id: expect.stringMatching(/^v1\./) as string,
          encrypted_password: `latchkey:create-user orders-worker ${String(asked[0]?.body['provisioning_id'])}`,
        },
      },
    ])
    expect(logger.lines).toEqual([
      expect.objectContaining({
        message: 'service user provisioned',
        provisioning_id: asked[0]?.body['provisioning_id'],
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

  it('with a password that App2 makes seals none, and names the role that may read it', async () => {
    const { asked, run } = setUp({ sealer: { seal: () => expect.fail() } })
    const deliverTo = 'arn:aws:iam::123456789012:role/orders-worker'

    await run({ password: { deliverTo } })

    expect(asked[0]?.body).toMatchObject({ username: 'orders-worker', deliver_to: deliverTo })
    expect(asked[0]?.body).not.toHaveProperty('encrypted_password')
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

    await expect(setUp({ app2: failingApp2(failure) }).run()).rejects.toBe(failure)
  })
})
