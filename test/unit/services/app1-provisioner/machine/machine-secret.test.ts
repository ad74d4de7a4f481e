import { GetSecretValueCommand, InternalServiceError, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  clientCredentials,
  noCredentials,
  passwordCredentials,
  type StoredCredentials,
  createMachineSecretSource,
} from '#services/app1-provisioner/machine/machine-secret.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline, pastDeadline } from '#test/support/deadlines.ts'
import { recordingLogger } from '#test/support/logger.ts'
import {
  clientFields,
  machineClient,
  machinePassword,
  passwordFields,
  storedMachineSecret,
} from '#test/support/machine-secrets.ts'

const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:latchkey/machine-AbCdEf'
const secretsManager = mockClient(SecretsManagerClient)
const unavailable = new InternalServiceError({ message: 'canary', $metadata: {} })

function source<Credentials>(stored: StoredCredentials<Credentials>) {
  const clock = manualClock()
  const logger = recordingLogger()
  const secrets = createMachineSecretSource({
    secretsManager: new SecretsManagerClient({ region: 'eu-west-1' }),
    secretArn,
    stored,
    now: clock.now,
    logger,
  })
  return { clock, logger, secrets }
}

/** What a source that has read nothing yet gives. */
const readFirst = <Credentials>(stored: StoredCredentials<Credentials>, deadline = farDeadline()) =>
  source(stored).secrets.current(deadline)

const stores = (SecretString: string, VersionId = 'version-1'): void => {
  secretsManager.on(GetSecretValueCommand).resolves({ SecretString, VersionId })
}

beforeEach(() => {
  secretsManager.reset()
  stores(storedMachineSecret())
})

describe('the machine secret', () => {
  it('is read by its full ARN and printed nowhere', async () => {
    const { secrets } = source(passwordCredentials)

    const secret = await secrets.current(farDeadline())

    expect(secretsManager).toHaveReceivedCommandExactlyOnceWith(GetSecretValueCommand, { SecretId: secretArn })
    expect(secret.version).toBe('version-1')
    expect(secret.credentials.password.expose()).toBe('machine-password-canary')
    expect(secret.idempotencySecret.expose()).toBe('idempotency-secret-canary-32-chars')
    expect(JSON.stringify(secret)).not.toContain('canary')
  })

  it('is kept for five minutes and read again then', async () => {
    const { secrets, clock } = source(passwordCredentials)

    await secrets.current(farDeadline())
    clock.advance(5 * 60_000 - 1)
    await secrets.current(farDeadline())
    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 1)
    clock.advance(1)
    await secrets.current(farDeadline())
    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 2)
  })

  it('is read once for all who wait', async () => {
    const { secrets } = source(passwordCredentials)

    await Promise.all([secrets.current(farDeadline()), secrets.reread(farDeadline()), secrets.current(farDeadline())])

    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 1)
  })

  it('that is re-read is what the cache holds from then on', async () => {
    const { secrets } = source(passwordCredentials)
    await secrets.current(farDeadline())
    stores(storedMachineSecret(), 'version-2')

    expect((await secrets.reread(farDeadline())).version).toBe('version-2')
    expect((await secrets.current(farDeadline())).version).toBe('version-2')
  })

  it('outlives an outage of Secrets Manager by an hour, and no longer', async () => {
    const { secrets, clock, logger } = source(passwordCredentials)
    await secrets.current(farDeadline())
    secretsManager.on(GetSecretValueCommand).rejects(unavailable)

    clock.advance(60 * 60_000)
    expect((await secrets.current(farDeadline())).version).toBe('version-1')
    expect(logger.lines).toEqual([expect.objectContaining({ level: 'warn', reason: 'InternalServiceError' })])
    clock.advance(30_000)
    await expect(secrets.current(farDeadline())).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('is not asked for again within thirty seconds of a failure, while the old one serves', async () => {
    const { secrets, clock } = source(passwordCredentials)
    await secrets.current(farDeadline())
    secretsManager.on(GetSecretValueCommand).rejects(unavailable)
    clock.advance(5 * 60_000)
    await secrets.current(farDeadline())

    clock.advance(29_999)
    await secrets.current(farDeadline())
    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 2)
    clock.advance(1)
    await secrets.current(farDeadline())
    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 3)
  })

  it.each(['AccessDeniedException', 'ResourceNotFoundException'])(
    'that is taken from us (%s) does not serve on from the cache',
    async (name) => {
      const { secrets, clock } = source(passwordCredentials)
      await secrets.current(farDeadline())
      secretsManager.on(GetSecretValueCommand).rejects(Object.assign(new Error(), { name }))
      clock.advance(5 * 60_000)

      await expect(secrets.current(farDeadline())).rejects.toMatchObject({ code: 'internal_error', reason: name })
    },
  )

  it('that cannot be read the first time is a failure at once', async () => {
    secretsManager.on(GetSecretValueCommand).rejects(unavailable)

    await expect(readFirst(passwordCredentials)).rejects.toMatchObject({
      code: 'upstream_unavailable',
    })
  })

  it('does not keep a caller past its deadline', async () => {
    secretsManager.on(GetSecretValueCommand).callsFake(() => new Promise(() => undefined))

    await expect(readFirst(passwordCredentials, pastDeadline())).rejects.toMatchObject({
      code: 'upstream_timeout',
    })
  })

  it.each([
    ['password', passwordCredentials, clientFields],
    ['client', clientCredentials, passwordFields],
  ] as const)('that holds no %s yet is not_ready, whatever else is in it', async (_, stored, others) => {
    stores(storedMachineSecret(others))

    await expect(readFirst<unknown>(stored)).rejects.toMatchObject({
      code: 'not_ready',
      reason: 'machine_secret_without_credentials',
    })
  })

  it('that was not ready is looked at again next time', async () => {
    const { secrets } = source(passwordCredentials)
    stores(storedMachineSecret({}))

    await expect(secrets.current(farDeadline())).rejects.toMatchObject({ code: 'not_ready' })
    stores(storedMachineSecret())
    expect((await secrets.current(farDeadline())).version).toBe('version-1')
  })

  it.each([
    ['password', passwordCredentials, machinePassword()],
    ['client', clientCredentials, machineClient()],
  ] as const)('that holds the credentials of several ways gives those of the %s', async (_, stored, credentials) => {
    stores(storedMachineSecret({ ...passwordFields, ...clientFields, scope_client_secret_id: 'secret-1' }))

    expect((await readFirst<unknown>(stored)).credentials).toEqual(credentials)
  })

  it('needs no credentials for a role that signs', async () => {
    stores(storedMachineSecret({}))

    expect(await readFirst(noCredentials)).toMatchObject({
      version: 'version-1',
      credentials: null,
    })
  })

  const without = (fields: Readonly<Record<string, string>>, name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name))

  it.each([
    ...Object.keys(passwordFields).flatMap((field) => [
      [passwordCredentials, without(passwordFields, field)] as const,
      [passwordCredentials, { ...passwordFields, [field]: '' }] as const,
      [passwordCredentials, { ...passwordFields, [field]: 1 }] as const,
    ]),
    ...Object.keys(clientFields).flatMap((field) => [
      [clientCredentials, without(clientFields, field)] as const,
      [clientCredentials, { ...clientFields, [field]: '' }] as const,
      [clientCredentials, { ...clientFields, [field]: null }] as const,
    ]),
  ])('with half of its credentials is malformed', async (stored, fields) => {
    stores(storedMachineSecret(fields))

    await expect(readFirst<unknown>(stored)).rejects.toMatchObject({
      code: 'internal_error',
      reason: 'machine_secret_malformed',
    })
  })

  it.each([
    [31, 'machine_secret_malformed'],
    [32, undefined],
  ])('with an idempotency secret of %i characters: %s', async (length, reason) => {
    stores(JSON.stringify({ ...passwordFields, idempotency_secret: 'k'.repeat(length) }))

    const result: unknown = await readFirst(passwordCredentials).catch((error: unknown) => error)

    expect(result).toHaveProperty(reason === undefined ? 'version' : 'reason', reason ?? 'version-1')
  })

  it.each(['not json canary', '{}', 'null', '"canary"', JSON.stringify(passwordFields)])(
    'that is malformed (%s) is an internal error without a word of it, for every way of proving',
    async (text) => {
      stores(text)

      for (const stored of [passwordCredentials, clientCredentials, noCredentials]) {
        const error: unknown = await readFirst<unknown>(stored).catch((thrown: unknown) => thrown)

        expect(error).toMatchObject({ code: 'internal_error', reason: 'machine_secret_malformed' })
        // The parser's own error quotes the secret.
        expect(error).not.toHaveProperty('cause')
      }
    },
  )

  it.each([
    [undefined, 'version-1'],
    [storedMachineSecret(), undefined],
  ])('an answer without its string or its version is not believed', async (text, version) => {
    secretsManager.on(GetSecretValueCommand).resolves({
      ...(text !== undefined && { SecretString: text }),
      ...(version !== undefined && { VersionId: version }),
    })

    await expect(readFirst(passwordCredentials)).rejects.toMatchObject({
      code: 'upstream_error',
    })
  })
})
