import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { createSecret } from '#services/credential-rotation/steps/create-secret.ts'
import type { SecretStore } from '#services/credential-rotation/secret-store.ts'
import type { TrialToken } from '#services/credential-rotation/trial-token.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'
import { both, client, clientToken, rotateWith, secretIds, storedClient, tokenBy } from './client-secret-bench.ts'
import { callsOf, startRotationBench, stepContext, usersOf } from './rotation-bench.ts'

describe('the rotation of a client secret', () => {
  it('the first one stores a secret that gets a token with App1’s scope, and makes no user', async () => {
    const bench = await startRotationBench({}, clientToken)
    const { idempotency_secret } = await bench.stored()

    await bench.rotate()

    expect(await bench.stored()).toEqual({
      scope_client_id: bench.provisioned.machineScopeClientId,
      scope_client_secret: expect.any(String) as string,
      scope_client_secret_id: expect.any(String) as string,
      idempotency_secret,
    })
    expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
    expect(await usersOf(bench)).toBe(0)
    expect(bench.logger.lines.map(({ operation, outcome }) => `${String(operation)} ${String(outcome)}`)).toEqual([
      'createSecret new_client_secret',
      'setSecret nothing_to_set',
      'testSecret token_issued',
      'finishSecret current',
    ])
  })

  it('leaves the secret that was current in force until the next one needs its place', async () => {
    const bench = await startRotationBench({}, clientToken)
    await bench.rotate()
    const first = await storedClient(bench)

    await bench.rotate()
    const second = await storedClient(bench)

    expect(second.scope_client_secret).not.toBe(first.scope_client_secret)
    expect([await tokenBy(bench, first), await tokenBy(bench, second)]).toEqual(['issued', 'issued'])
    await bench.rotate()
    expect([await tokenBy(bench, first), await tokenBy(bench, second)]).toEqual(['NotAuthorizedException', 'issued'])
  })

  it('each step called three times does what one call does', async () => {
    const bench = await startRotationBench({}, clientToken)
    await bench.rotate()
    const before = await storedClient(bench)

    await bench.rotate({ times: 3 })

    const after = await storedClient(bench)
    expect(callsOf(bench, 'AddUserPoolClientSecret')).toBe(2)
    expect((await secretIds(bench)).toSorted()).toEqual(
      [before.scope_client_secret_id, after.scope_client_secret_id].toSorted(),
    )
  })

  it.each([
    'ListUserPoolClientSecrets',
    'DeleteUserPoolClientSecret',
    'AddUserPoolClientSecret',
    'PutSecretValue',
    'GetClientToken',
  ])(
    'with every answer to %s lost once, ends as it should when it is repeated, and the secret in use serves all the while',
    async (operation) => {
      const bench = await startRotationBench({}, clientToken)
      await bench.rotate()
      await bench.rotate()
      const serving = await storedClient(bench)
      bench.aws.setFaults([{ operation, kind: 'internal_error', when: 'after', calls: { next: 1 } }])

      await bench.rotate().catch(() => undefined)
      expect(await tokenBy(bench, serving)).toBe('issued')
      await bench.rotate()

      const current = await storedClient(bench)
      expect(await tokenBy(bench, current)).toBe('issued')
      expect(await secretIds(bench)).toHaveLength(2)
      expect(await secretIds(bench)).toContain(current.scope_client_secret_id)
    },
  )

  it('removes a secret that nobody recorded, and never the one in use', async () => {
    const bench = await startRotationBench({}, clientToken)
    await bench.rotate()
    const serving = await storedClient(bench)
    const [unused = ''] = (await secretIds(bench)).filter((id) => id !== serving.scope_client_secret_id)
    await bench.cognito.send(new DeleteUserPoolClientSecretCommand({ ...client(bench), ClientSecretId: unused }))
    const { ClientSecretDescriptor: orphan } = await bench.cognito.send(
      new AddUserPoolClientSecretCommand(client(bench)),
    )

    await bench.rotate()

    const lost = { ...serving, scope_client_secret: orphan?.ClientSecretValue ?? '' }
    expect(await tokenBy(bench, lost)).toBe('NotAuthorizedException')
    expect(await secretIds(bench)).toContain(serving.scope_client_secret_id)
    expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
  })

  it('is withdrawn when the pending secret is gone, and the next one is given another', async () => {
    const bench = await startRotationBench({}, clientToken)
    await bench.rotate()
    const serving = await storedClient(bench)
    const removePending = async (): Promise<void> => {
      const { scope_client_secret_id: ClientSecretId } = await storedClient(bench, 'AWSPENDING')
      await bench.cognito.send(new DeleteUserPoolClientSecretCommand({ ...client(bench), ClientSecretId }))
    }

    const failed = bench.rotate({ before: { testSecret: removePending } })

    await expect(failed).rejects.toMatchObject({ reason: 'client_secret_rejected', withdrawn: true })
    expect(await storedClient(bench)).toEqual(serving)
    await bench.rotate()
    expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
  })

  it('waits for a secret that Cognito does not take at once', async () => {
    const bench = await startRotationBench({}, clientToken)
    const { scopeClient } = bench.deps()
    const waits: number[] = []
    const late = scopeClient && {
      ...scopeClient,
      requestToken: (...asked: Parameters<TrialToken>): ReturnType<TrialToken> =>
        waits.length < 4 ? Promise.resolve('rejected') : scopeClient.requestToken(...asked),
    }
    const sleep = (ms: number): Promise<unknown> => Promise.resolve(waits.push(ms))

    await rotateWith(bench, () => ({ ...bench.deps(), scopeClient: late, sleep }))

    expect(waits).toEqual([100, 200, 400, 800])
    expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
  })

  it('that Cognito does not take in time is not withdrawn: the next repeat goes on with the same secret', async () => {
    const bench = await startRotationBench({}, clientToken)
    const { scopeClient } = bench.deps()
    const unknown = scopeClient && { ...scopeClient, requestToken: () => Promise.resolve('rejected' as const) }

    const failed = rotateWith(bench, () => ({ ...bench.deps(), scopeClient: unknown }))

    await expect(failed).rejects.toMatchObject({ reason: 'client_secret_not_known_yet', withdrawn: false })
    const pending = await storedClient(bench, 'AWSPENDING')
    await bench.rotate()
    expect(await storedClient(bench)).toEqual(pending)
    expect(await tokenBy(bench, pending)).toBe('issued')
    expect(callsOf(bench, 'AddUserPoolClientSecret')).toBe(1)
  })

  it('keeps the secret that another invocation of createSecret has stored first, and has none drawn beside it', async () => {
    const bench = await startRotationBench({}, clientToken)
    await bench.rotate()
    const { store: real, ...deps } = bench.deps()
    let reads = 0
    /** Looks for the version before the other invocation has stored it, and adds its own secret after. */
    const slower: SecretStore = {
      ...real,
      read: async (wanted, options) => ('id' in wanted && ++reads === 1 ? undefined : real.read(wanted, options)),
    }
    const again = async (): Promise<void> => {
      const [version = ''] =
        Object.entries(await bench.stages()).find(([, labels]) => labels.includes('AWSPENDING')) ?? []
      expect(await createSecret({ ...deps, store: slower }, stepContext(version))).toEqual({ outcome: 'repeated' })
    }

    await bench.rotate({ before: { setSecret: again } })

    expect(reads).toBeGreaterThan(1)
    expect(callsOf(bench, 'AddUserPoolClientSecret')).toBe(2)
    expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
  })

  it('logs no secret', async () => {
    const bench = await startRotationBench({}, both)
    for (let rotation = 1; rotation <= 3; rotation += 1) await bench.rotate()

    const { scope_client_secret } = await storedClient(bench)
    const { password, client_secret } = await bench.stored()
    const secrets = [scope_client_secret, password, client_secret]
    expect(secretsFoundIn(JSON.stringify(bench.logger.lines), secrets)).toEqual([])
  })
})
