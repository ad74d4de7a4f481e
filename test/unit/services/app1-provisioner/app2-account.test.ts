import { describe, expect, it } from 'vitest'
import {
  acrossAccounts,
  createAppWithoutApp2,
  knowsApp2,
  sealAcrossAccounts,
} from '#services/app1-provisioner/app2-account.ts'
import type { CurrentMachine, Machine } from '#services/app1-provisioner/machine/machine.ts'
import { app1Rules } from '#shared/access-rules.ts'
import { ServiceError } from '#shared/errors.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { answerOf } from '#test/support/answers.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { recordingLogger } from '#test/support/logger.ts'

describe('an App1 that knows nothing of App2', () => {
  it.each([
    [{}, true],
    [{ APP2_ACCOUNT: 'same' }, true],
    [{ APP2_ACCOUNT: 'other' }, true],
    [{ APP2_ACCOUNT: 'none' }, false],
  ])('is told so by APP2_ACCOUNT alone: %j', (environment, known) => {
    expect(knowsApp2(environment)).toBe(known)
    expect(() => knowsApp2({ APP2_ACCOUNT: 'nobody' })).toThrow('APP2_ACCOUNT is not valid')
  })

  it('is healthy, and not ready on every other route, with the reason in its log', async () => {
    const logger = recordingLogger()
    const app = createAppWithoutApp2({ now: Date.now, logger })
    const statuses = await Promise.all(
      app1Rules.map(async ({ method, path }) => {
        const response = await app.request(path, { method }, {})
        return [path, response.status, ((await response.json()) as { readonly code?: string }).code]
      }),
    )

    expect(statuses).toEqual(
      app1Rules.map(({ path }) => (path === '/health' ? [path, 200, undefined] : [path, 503, 'not_ready'])),
    )
    expect(logger.lines.map(({ code, reason }) => [code, reason])).toEqual(
      Array(app1Rules.length - 1).fill(['not_ready', 'app2_not_linked']),
    )
  })
})

describe('an App1 whose App2 lives in another account', () => {
  const request = { url: new URL('https://app2.example/x'), headers: {}, scope: 'app2/users.create' } as const
  const call = { deadline: farDeadline(), timer: createStepTimer(() => 0) }
  const sendThrough = async (
    failures: { readonly current?: ServiceError; readonly send?: ServiceError },
    mode: MachineAuth = 'password',
  ) => {
    const failing: CurrentMachine = {
      idempotencySecret: new SecretValue('key'),
      send: () => (failures.send ? Promise.reject(failures.send) : Promise.resolve(answerOf({}))),
    }
    const machine: Machine = {
      current: () => (failures.current ? Promise.reject(failures.current) : Promise.resolve(failing)),
    }
    const current = await acrossAccounts(machine, mode).current(farDeadline())
    return current.send({ ...request, makeBody: () => Promise.resolve(Buffer.of()) }, call)
  }

  it.each([
    ['the secret', { current: new ServiceError('internal_error', { reason: 'AccessDeniedException' }) }, undefined],
    [
      'the key of passwords',
      { send: new ServiceError('internal_error', { reason: 'AccessDeniedException', outcome: 'none' }) },
      'none',
    ],
  ] as const)(
    'is not ready where %s is refused, for the same reason and with the same outcome',
    async (_, at, outcome) => {
      const { reason } = 'send' in at ? at.send : at.current

      await expect(sendThrough(at)).rejects.toMatchObject({ code: 'not_ready', reason, outcome })
    },
  )

  it.each([
    ['sigv4', 'app2_refuses_our_signature'],
    ['sts-token', 'app2_refuses_our_token'],
    ['sts-token', 'token_refused_again'],
  ] as const)('is not ready where the gate does not know its role yet, with %s: %s', async (mode, reason) => {
    const send = new ServiceError('upstream_error', { reason, outcome: 'none' })

    await expect(sendThrough({ send }, mode)).rejects.toMatchObject({ code: 'not_ready', reason, outcome: 'none' })
    // A user's or a client's token says nothing of a role.
    await expect(sendThrough({ send })).rejects.toBe(send)
  })

  it('is not ready where it may not seal whose token asked for a job', async () => {
    const refused = new ServiceError('internal_error', { reason: 'AccessDeniedException' })
    const evidence = {
      issuer: 'https://issuer.example',
      sub: 's',
      jti: undefined,
      humanUserId: 'h',
      jobId: 'j',
      requestedBy: 'r',
      notAfter: 1,
    }
    const seal = sealAcrossAccounts(() => Promise.reject(refused))

    await expect(seal(evidence, { signal: new AbortController().signal })).rejects.toMatchObject({ code: 'not_ready' })
  })

  it('fails as elsewhere where it is refused nothing', async () => {
    const failure = new ServiceError('upstream_error', { reason: 'app2_malformed_answer' })

    await expect(sendThrough({ send: failure })).rejects.toBe(failure)
    await expect(sendThrough({})).resolves.toMatchObject({ status: 200 })
  })
})
