import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addClientSecret } from '#services/credential-rotation/steps/create-secret.ts'
import { AwsCallError } from '#services/credential-rotation/rotation-error.ts'
import type { TrialToken } from '#services/credential-rotation/client-secrets.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'
import { both, clientToken, hiding, rotationBenches, startInstance, stepContext, storeWith } from './rotation-bench.ts'

const rotated = rotationBenches(clientToken)

describe('the rotation of a client secret', () => {
  it('the first one stores a secret that gets a token with App1’s scope, and makes no user', async () => {
    const bench = await rotated(0)
    const { idempotency_secret } = await bench.stored()

    await bench.rotate()

    expect(await bench.stored()).toEqual({
      scope_client_id: bench.provisioned.machineScopeClientId,
      scope_client_secret: expect.any(String) as string,
      scope_client_secret_id: expect.any(String) as string,
      idempotency_secret,
    })
    expect(await bench.tokenBy(await bench.stored())).toBe('issued')
    expect(bench.calls('AdminCreateUser')).toBe(0)
    expect(bench.outcomes()).toEqual([
      'createSecret new_client_secret',
      'setSecret nothing_to_set',
      'testSecret token_issued',
      'finishSecret current',
    ])
  })

  it('leaves the secret that was current in force until the next one needs its place', async () => {
    const bench = await rotated(1)
    const first = await bench.stored()

    await bench.rotate()
    const second = await bench.stored()

    expect(second.scope_client_secret).not.toBe(first.scope_client_secret)
    expect([await bench.tokenBy(first), await bench.tokenBy(second)]).toEqual(['issued', 'issued'])
    await bench.rotate()
    expect([await bench.tokenBy(first), await bench.tokenBy(second)]).toEqual(['NotAuthorizedException', 'issued'])
  })

  it('each step called three times does what one call does', async () => {
    const bench = await rotated(1)
    const before = await bench.stored()

    await bench.rotate({ times: 3 })

    const after = await bench.stored()
    expect(bench.calls('AddUserPoolClientSecret')).toBe(2)
    expect(new Set(await bench.secretIds())).toEqual(
      new Set([before.scope_client_secret_id, after.scope_client_secret_id]),
    )
  })

  it.each([
    ...['ListUserPoolClientSecrets', 'DeleteUserPoolClientSecret', 'AddUserPoolClientSecret', 'PutSecretValue'],
    ...['GetClientToken'],
  ])(
    'with every answer to %s lost once, ends as it should when it is repeated, and the secret in use serves all the while',
    async (operation) => {
      const bench = await rotated(2)
      const serving = await bench.stored()
      bench.aws.setFaults([{ operation, kind: 'internal_error', when: 'after', calls: { next: 1 } }])

      await bench.rotate().catch(() => undefined)
      expect(await bench.tokenBy(serving)).toBe('issued')
      await bench.rotate()

      const current = await bench.stored()
      expect(await bench.tokenBy(current)).toBe('issued')
      expect(await bench.secretIds()).toHaveLength(2)
      expect(await bench.secretIds()).toContain(current.scope_client_secret_id)
    },
  )

  it('removes a secret that nobody recorded, and never the one in use', async () => {
    const bench = await rotated(1)
    const serving = await bench.stored()
    const [unused = ''] = (await bench.secretIds()).filter((id) => id !== serving.scope_client_secret_id)
    await bench.cognito.send(new DeleteUserPoolClientSecretCommand({ ...bench.scopeClient, ClientSecretId: unused }))
    const { ClientSecretDescriptor: orphan } = await bench.cognito.send(
      new AddUserPoolClientSecretCommand(bench.scopeClient),
    )

    await bench.rotate()

    const lost = { ...serving, scope_client_secret: orphan?.ClientSecretValue ?? '' }
    expect(await bench.tokenBy(lost)).toBe('NotAuthorizedException')
    expect(await bench.secretIds()).toContain(serving.scope_client_secret_id)
    expect(await bench.tokenBy(await bench.stored())).toBe('issued')
  })

  it('is withdrawn when the pending secret is gone, and the next one is given another', async () => {
    const bench = await rotated(1)
    const serving = await bench.stored()
    const removePending = async (): Promise<void> => {
      const { scope_client_secret_id: ClientSecretId } = await bench.stored('AWSPENDING')
      await bench.cognito.send(new DeleteUserPoolClientSecretCommand({ ...bench.scopeClient, ClientSecretId }))
    }

    const failed = bench.rotate({ before: { testSecret: removePending } })

    await expect(failed).rejects.toMatchObject({ reason: 'client_secret_rejected', withdrawn: true })
    expect(await bench.stored()).toEqual(serving)
    await bench.rotate()
    expect(await bench.tokenBy(await bench.stored())).toBe('issued')
  })

  it('waits for a secret that Cognito does not take at once', async () => {
    const bench = await rotated(0)
    const { scopeClient } = bench.deps()
    const waits: number[] = []
    const requestToken: TrialToken = (...asked) =>
      waits.length < 4 || scopeClient === undefined ? Promise.resolve('rejected') : scopeClient.requestToken(...asked)
    const late = scopeClient && { ...scopeClient, requestToken }

    await bench.rotate({ deps: () => ({ scopeClient: late, sleep: (ms) => Promise.resolve(waits.push(ms)) }) })

    expect(waits).toEqual([100, 200, 400, 800])
    expect(await bench.tokenBy(await bench.stored())).toBe('issued')
  })

  it('that Cognito does not take in time is not withdrawn: the next repeat goes on with the same secret', async () => {
    const bench = await rotated(0)
    const { scopeClient } = bench.deps()
    const unknown = scopeClient && { ...scopeClient, requestToken: () => Promise.resolve('rejected' as const) }

    const failed = bench.rotate({ deps: () => ({ scopeClient: unknown }) })

    await expect(failed).rejects.toMatchObject({ reason: 'client_secret_not_known_yet', withdrawn: false })
    const pending = await bench.stored('AWSPENDING')
    await bench.rotate()
    expect(await bench.stored()).toEqual(pending)
    expect(await bench.tokenBy(pending)).toBe('issued')
    expect(bench.calls('AddUserPoolClientSecret')).toBe(1)
  })

  it('keeps the secret that another invocation of createSecret has stored first, and has none drawn beside it', async () => {
    const bench = await rotated(1)
    let reads = 0
    const again = async (): Promise<void> => {
      const version = await bench.versionWith('AWSPENDING')
      /** Looks for the version before the other invocation has stored it, and adds its own secret after. */
      const slower = startInstance(bench, { version, store: hiding(version, () => ++reads === 1) })
      await slower.run('createSecret')
    }

    await bench.rotate({ before: { setSecret: again } })

    expect(reads).toBe(2)
    expect(bench.outcomes()).toContain('createSecret repeated')
    expect(bench.calls('AddUserPoolClientSecret')).toBe(2)
    expect(await bench.tokenBy(await bench.stored())).toBe('issued')
  })
})

describe('the rotation of both kinds of credentials', () => {
  const rotatedBoth = rotationBenches(both)

  it('logs no secret', async () => {
    const bench = await rotatedBoth(0)
    for (let rotation = 1; rotation <= 3; rotation += 1) await bench.rotate()

    const { scope_client_secret, password, client_secret } = await bench.stored()
    const secrets = [scope_client_secret, password, client_secret]
    expect(secretsFoundIn(JSON.stringify(bench.logger.lines), secrets)).toEqual([])
  })
})

describe('a new client secret', () => {
  const current = {
    idempotencySecret: new SecretValue('i'),
    user: undefined,
    client: { clientId: 'id', clientSecret: new SecretValue('s'), clientSecretId: 'in-use' },
  }
  const existing = [
    { id: 'in-use', createdAt: 1 },
    { id: 'newer', createdAt: 3 },
    { id: 'older', createdAt: 2 },
  ]

  const full = 'LimitExceededException'
  const added = { kind: 'added', credentials: { clientId: 'id', clientSecretId: 'added' } }

  it.each([
    ['takes the place of the oldest one that is not in use', [], added, ['older']],
    ['that finds the client full after all has room made once more', [full], added, ['older', 'newer']],
    ['that finds it full again has no room made a third time', [full, full], full, ['older', 'newer']],
    ['that fails otherwise is not asked for again', ['TooManyRequests'], 'TooManyRequests', ['older']],
    ['is not added where another invocation has stored one meanwhile', 'stored', { kind: 'repeated' }, []],
  ])('%s', async (_, failures, expected, expectedRemoved) => {
    const left = typeof failures === 'string' ? [] : [...failures]
    const removed: string[] = []
    const read = () => Promise.resolve(failures === 'stored' ? new SecretValue('{}') : undefined)

    const addition: unknown = await addClientSecret(
      current,
      {
        clientId: 'id',
        requestToken: () => Promise.resolve('issued'),
        secrets: {
          list: () => Promise.resolve(existing.filter(({ id }) => !removed.includes(id))),
          add: () => {
            const name = left.shift()
            if (name === undefined) return Promise.resolve({ id: 'added', value: new SecretValue('new') })
            return Promise.reject(new AwsCallError('AddUserPoolClientSecret', Object.assign(new Error(), { name })))
          },
          remove: (id) => Promise.resolve(void removed.push(id)),
        },
      },
      { store: storeWith({ read }), logger: recordingLogger() },
      stepContext('next'),
    ).catch((error: unknown) => (error instanceof AwsCallError ? error.errorName : error))

    if (typeof expected === 'string') expect(addition).toBe(expected)
    else expect(addition).toMatchObject(expected)
    expect(removed).toEqual(expectedRemoved)
  })
})
