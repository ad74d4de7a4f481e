import { describe, expect, it } from 'vitest'
import type { App2Answer } from '#services/app1-provisioner/app2-client.ts'
import type { Proof } from '#services/app1-provisioner/machine/machine-identity.ts'
import { provisionUser, type ProvisionUserDeps } from '#services/app1-provisioner/provision-user.ts'
import type { CreatedUser, CreateUserRequest } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeIdentity, fakeSecretSource, fakeTokenSource, machineSecret } from '#test/support/machine-secrets.ts'
import { createdUserBody, goodPassword } from '#test/support/requests.ts'

const request = {
  requestedBy: 'arn:aws:iam::111111111111:role/orders',
  idempotencyKey: 'key-1',
  username: 'orders-worker',
  humanUserId: 'alice',
  password: new SecretValue(goodPassword),
}

const created: App2Answer = { kind: 'created', user: createdUserBody() }
const refused: App2Answer = { kind: 'proof_refused' }

const headersWith = (proof: Proof): Promise<Readonly<Record<string, string>>> =>
  proof.addTo({ method: 'POST', url: new URL('https://app2.example'), headers: {}, body: Buffer.of() })

function setUp(answers: (App2Answer | ServiceError)[], changes: Partial<ProvisionUserDeps> = {}) {
  const asked: { request: CreateUserRequest; authorization: string | undefined }[] = []
  const tokens = fakeTokenSource()
  let seals = 0
  const logger = recordingLogger()
  const deps: ProvisionUserDeps = {
    secrets: fakeSecretSource(machineSecret(null)),
    identity: fakeIdentity(tokens),
    sealer: {
      seal: (_, { username, provisioningId }) => Promise.resolve(`seal-${++seals} ${username} ${provisioningId}`),
    },
    app2: {
      createUser: async (asking, { proof }) => {
        const { authorization } = await headersWith(proof)
        asked.push({ request: asking, authorization })
        const answer = answers.shift() ?? created
        if (answer instanceof ServiceError) throw answer
        return answer
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
  return { asked, tokens, logger, run }
}

describe('provisioning a user', () => {
  it('asks App2 once, with a password sealed to this very request', async () => {
    const { asked, logger, run } = setUp([])

    expect(await run()).toEqual(createdUserBody())

    expect(asked).toHaveLength(1)
    const [{ request: sent, authorization } = { request: undefined, authorization: undefined }] = asked
    expect(authorization).toBe('Bearer token-1')
    expect(sent).toMatchObject({
      username: 'orders-worker',
      human_user_id: 'alice',
      requested_by: request.requestedBy,
      encrypted_password: `seal-1 orders-worker ${sent?.provisioning_id ?? ''}`,
    })
    expect(logger.lines).toEqual([
      expect.objectContaining({
        message: 'service user provisioned',
        outcome: 'created',
        secret_ms: 0,
        token_ms: 0,
        seal_ms: 0,
        app2_ms: 0,
      }),
    ])
  })

  it('refuses a weak password before anything is asked of anybody', async () => {
    const { asked, run } = setUp([], { secrets: { current: () => expect.fail(), reread: () => expect.fail() } })

    await expect(run({ password: new SecretValue('weak') })).rejects.toMatchObject({ code: 'weak_password' })
    expect(asked).toHaveLength(0)
  })

  it('with a refused token tries once more, with another token and a password sealed anew', async () => {
    const { asked, tokens, run } = setUp([refused, created])

    expect(await run()).toEqual(createdUserBody())

    expect(tokens.replaced).toEqual(['token-1'])
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
    expect(asked.map(({ request: sent }) => sent.encrypted_password.split(' ')[0])).toEqual(['seal-1', 'seal-2'])
    expect(new Set(asked.map(({ request: sent }) => sent.provisioning_id)).size).toBe(1)
  })

  it('with two refused tokens gives up, and nothing was done', async () => {
    const { asked, run } = setUp([refused, refused])

    await expect(run()).rejects.toMatchObject({
      code: 'upstream_error',
      reason: 'app2_refuses_our_token',
      outcome: 'none',
    })
    expect(asked).toHaveLength(2)
  })

  it('with a refused proof that nothing can replace gives up at once, and nothing was done', async () => {
    const renew = (): Promise<Proof> => Promise.reject(new ServiceError('upstream_error', { reason: 'no_other_proof' }))
    const proof: Proof = { refusedWith: 403, addTo: ({ headers }) => Promise.resolve(headers), renew }
    const { asked, run } = setUp([refused], { identity: { prove: () => Promise.resolve(proof) } })

    await expect(run()).rejects.toMatchObject({ code: 'upstream_error', reason: 'no_other_proof', outcome: 'none' })
    expect(asked).toHaveLength(1)
  })

  it.each([
    [
      'the secret',
      { secrets: { current: () => Promise.reject(new ServiceError('not_ready')), reread: () => expect.fail() } },
    ],
    ['the proof', { identity: { prove: () => Promise.reject(new ServiceError('not_ready')) } }],
    ['the seal', { sealer: { seal: () => Promise.reject(new ServiceError('not_ready')) } }],
  ])('a failure at %s leaves nothing behind, and says so', async (_, changes) => {
    const { asked, run } = setUp([], changes)

    await expect(run()).rejects.toMatchObject({ code: 'not_ready', outcome: 'none' })
    expect(asked).toHaveLength(0)
  })

  it('a crash before App2 stays a crash', async () => {
    const crash = new TypeError('bug')
    const { run } = setUp([], { sealer: { seal: () => Promise.reject(crash) } })

    await expect(run()).rejects.toBe(crash)
  })

  it('a failure of App2 is passed on with what is known of the outcome', async () => {
    await expect(setUp([new ServiceError('upstream_timeout')]).run()).rejects.toMatchObject({
      code: 'upstream_timeout',
      outcome: undefined,
    })
  })
})
