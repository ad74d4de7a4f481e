import {
  GetSecretValueCommand,
  InternalServiceError,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMachineSecretSource } from '../../../../services/app1-provisioner/machine-secret.ts'
import { manualClock } from '../../../support/clock.ts'
import { farDeadline, pastDeadline } from '../../../support/deadlines.ts'
import { recordingLogger } from '../../../support/logger.ts'
import { storedMachineSecret } from '../../../support/machine-secrets.ts'

const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:latchkey/machine-AbCdEf'
const secretsManager = mockClient(SecretsManagerClient)
const unavailable = new InternalServiceError({ message: 'canary', $metadata: {} })

function source() {
  const clock = manualClock()
  const logger = recordingLogger()
  const secrets = createMachineSecretSource({
    secretsManager: new SecretsManagerClient({ region: 'eu-west-1' }),
    secretArn,
    now: clock.now,
    logger,
  })
  return { clock, logger, secrets }
}

const stores = (SecretString: string, VersionId = 'version-1'): void => {
  secretsManager.on(GetSecretValueCommand).resolves({ SecretString, VersionId })
}

beforeEach(() => {
  secretsManager.reset()
  stores(storedMachineSecret())
})

describe('the machine secret', () => {
  it('is read by its full ARN and printed nowhere', async () => {
    const { secrets } = source()

    const secret = await secrets.current(farDeadline())

    expect(secretsManager).toHaveReceivedCommandExactlyOnceWith(GetSecretValueCommand, { SecretId: secretArn })
    expect(secret.version).toBe('version-1')
    expect(secret.password.expose()).toBe('machine-password-canary')
    expect(JSON.stringify(secret)).not.toContain('canary')
  })

  it('is kept for five minutes and read again then', async () => {
    const { secrets, clock } = source()

    await secrets.current(farDeadline())
    clock.advance(5 * 60_000 - 1)
    await secrets.current(farDeadline())
    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 1)
    clock.advance(1)
    await secrets.current(farDeadline())
    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 2)
  })

  it('is read once for all who wait', async () => {
    const { secrets } = source()

    await Promise.all([secrets.current(farDeadline()), secrets.reread(farDeadline()), secrets.current(farDeadline())])

    expect(secretsManager).toHaveReceivedCommandTimes(GetSecretValueCommand, 1)
  })

  it('that is re-read is what the cache holds from then on', async () => {
    const { secrets } = source()
    await secrets.current(farDeadline())
    stores(storedMachineSecret(), 'version-2')

    expect((await secrets.reread(farDeadline())).version).toBe('version-2')
    expect((await secrets.current(farDeadline())).version).toBe('version-2')
  })

  it('outlives an outage of Secrets Manager by an hour, and no longer', async () => {
    const { secrets, clock, logger } = source()
    await secrets.current(farDeadline())
    secretsManager.on(GetSecretValueCommand).rejects(unavailable)

    clock.advance(60 * 60_000)
    expect((await secrets.current(farDeadline())).version).toBe('version-1')
    expect(logger.lines).toEqual([expect.objectContaining({ level: 'warn', reason: 'InternalServiceError' })])
    clock.advance(30_000)
    await expect(secrets.current(farDeadline())).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('is not asked for again within thirty seconds of a failure, while the old one serves', async () => {
    const { secrets, clock } = source()
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

  it.each([
    ['AccessDeniedException', 'internal_error'],
    ['ResourceNotFoundException', 'internal_error'],
  ])('that is taken from us (%s) does not serve on from the cache', async (name, code) => {
    const { secrets, clock } = source()
    await secrets.current(farDeadline())
    secretsManager.on(GetSecretValueCommand).rejects(Object.assign(new Error(), { name }))
    clock.advance(5 * 60_000)

    await expect(secrets.current(farDeadline())).rejects.toMatchObject({ code })
  })

  it('that cannot be read the first time is a failure at once', async () => {
    secretsManager.on(GetSecretValueCommand).rejects(unavailable)

    await expect(source().secrets.current(farDeadline())).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('does not keep a caller past its deadline', async () => {
    secretsManager.on(GetSecretValueCommand).callsFake(() => new Promise(() => undefined))

    await expect(source().secrets.current(pastDeadline())).rejects.toMatchObject({ code: 'upstream_timeout' })
  })

  it('that is gone is our own trouble', async () => {
    secretsManager
      .on(GetSecretValueCommand)
      .rejects(new ResourceNotFoundException({ message: 'canary', $metadata: {} }))

    await expect(source().secrets.current(farDeadline())).rejects.toMatchObject({
      code: 'internal_error',
      reason: 'ResourceNotFoundException',
    })
  })

  it('that holds no machine user yet is not_ready, and is looked at again next time', async () => {
    const { secrets } = source()
    stores('{"idempotency_secret":"idempotency-secret-canary-32-chars"}')

    await expect(secrets.current(farDeadline())).rejects.toMatchObject({ code: 'not_ready' })
    stores(storedMachineSecret())
    expect((await secrets.current(farDeadline())).version).toBe('version-1')
  })

  it.each([
    'not json canary',
    '{"username":"u"}',
    '{"username":"","password":"p","client_id":"c","client_secret":"s"}',
  ])('that is malformed (%s) is an internal error without a word of it', async (text) => {
    stores(text)

    const error: unknown = await source()
      .secrets.current(farDeadline())
      .catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'internal_error', reason: 'machine_secret_malformed' })
    // The parser's own error quotes the secret.
    expect(error).not.toHaveProperty('cause')
  })

  it.each([
    [undefined, 'version-1'],
    [storedMachineSecret(), undefined],
  ])('an answer without its string or its version is not believed', async (text, version) => {
    secretsManager.on(GetSecretValueCommand).resolves({
      ...(text !== undefined && { SecretString: text }),
      ...(version !== undefined && { VersionId: version }),
    })

    await expect(source().secrets.current(farDeadline())).rejects.toMatchObject({ code: 'upstream_error' })
  })
})
