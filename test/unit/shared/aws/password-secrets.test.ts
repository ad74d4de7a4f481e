import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { beforeEach, describe, expect, it } from 'vitest'
import { AnotherAttemptError, createPasswordSecrets, isRefusal } from '#shared/aws/password-secrets.ts'
import { ServiceError } from '#shared/errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { manualClock } from '#test/support/clock.ts'
import { mockClient } from '#test/support/mock-client.ts'
import { goodPassword } from '#test/support/requests.ts'

const secretsManager = mockClient(SecretsManagerClient)
beforeEach(() => secretsManager.reset())

const sub = 'e60426f4-111e-4dd5-9f8c-57fbb2653906'
const arn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:latchkey-dev/service-users/${sub}-AbCdEf`
const reader = 'arn:aws:iam::210987654321:role/teams/orders-worker'
const facts = { user_pool_id: 'eu-west-1_x', region: 'eu-west-1', client_id: 'client', client_secret: 'canary-secret' }
const clock = manualClock()
const options = { signal: new AbortController().signal }

const secrets = createPasswordSecrets({
  secretsManager: new SecretsManagerClient({ region: 'eu-west-1' }),
  prefix: 'latchkey-dev/service-users/',
  keyArn: 'arn:aws:kms:eu-west-1:123456789012:key/k',
  signInFacts: () => Promise.resolve(facts),
  now: clock.now,
})

const named = (name: string): Error => Object.assign(new Error('canary'), { name })
const deliver = () =>
  secrets.deliver({ sub, username: 'orders-worker', password: new SecretValue(goodPassword), reader }, options)

/** Nothing is there yet. */
function fresh(): void {
  secretsManager.on(CreateSecretCommand).resolves({ ARN: arn })
  secretsManager.on(PutResourcePolicyCommand).resolves({})
  secretsManager.on(PutSecretValueCommand).resolves({})
  secretsManager.on(UpdateSecretVersionStageCommand).resolves({})
}

/** The secret is there, with these versions. */
function existing(versions: readonly { id: string; stage: string; agoMs?: number }[]): void {
  fresh()
  secretsManager.on(CreateSecretCommand).rejects(named('ResourceExistsException'))
  secretsManager.on(ListSecretVersionIdsCommand).resolves({
    ARN: arn,
    Versions: versions.map(({ id, stage, agoMs = 0 }) => ({
      VersionId: id,
      VersionStages: [stage],
      CreatedDate: new Date(clock.now() - agoMs),
    })),
  })
}

const names = (): string[] => secretsManager.calls().map(({ args: [command] }) => command.constructor.name)
const writtenId = (): string | undefined =>
  secretsManager.commandCalls(PutSecretValueCommand).at(-1)?.args[0].input.ClientRequestToken
const placeholderId = (): string => {
  fresh()
  return secretsManager.commandCalls(CreateSecretCommand)[0]?.args[0].input.ClientRequestToken ?? ''
}

describe('the delivery of a generated password', () => {
  it('makes the secret without it, says who may read it, and only then writes it', async () => {
    fresh()

    expect((await deliver()).arn).toBe(arn)

    expect(names()).toEqual(['CreateSecretCommand', 'PutResourcePolicyCommand', 'PutSecretValueCommand'])
    const [create, policy, value] = secretsManager.calls().map(({ args: [command] }) => command.input)
    expect(create).toMatchObject({
      Name: `latchkey-dev/service-users/${sub}`,
      KmsKeyId: 'arn:aws:kms:eu-west-1:123456789012:key/k',
      SecretString: '{}',
    })
    expect(policy).toMatchObject({ SecretId: arn, BlockPublicPolicy: true })
    expect(value).toMatchObject({ SecretId: arn })
    const { SecretString: written } = secretsManager.commandCalls(PutSecretValueCommand)[0]?.args[0].input ?? {}
    expect(JSON.parse(String(written))).toEqual({ username: 'orders-worker', password: goodPassword, ...facts })
  })

  it('lets the one role read, and denies it to everybody else by name', async () => {
    fresh()
    await deliver()

    const policy = secretsManager.commandCalls(PutResourcePolicyCommand)[0]?.args[0].input.ResourcePolicy
    expect(JSON.parse(String(policy))).toMatchObject({
      Statement: [
        { Effect: 'Allow', Principal: { AWS: reader } },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: expect.arrayContaining(['secretsmanager:GetSecretValue']) as unknown,
          Condition: { StringNotEquals: { 'aws:PrincipalArn': reader } },
        },
      ],
    })
  })

  it.each([
    ['just written', 29_999, true],
    ['written half a minute ago', 30_000, false],
  ])('where another attempt’s password was %s waits its turn: %s ms, %s', async (_, agoMs, waits) => {
    existing([{ id: 'a', stage: 'AWSCURRENT', agoMs }])

    const delivery = deliver()

    if (waits) await expect(delivery).rejects.toMatchObject({ name: 'AnotherAttemptError', outcome: 'none' })
    else expect((await delivery).arn).toBe(arn)
    expect(secretsManager.commandCalls(PutSecretValueCommand)).toHaveLength(waits ? 0 : 1)
    expect(secretsManager.commandCalls(PutResourcePolicyCommand)).toHaveLength(waits ? 0 : 1)
  })

  it('makes no secret twice by one id, since Secrets Manager would take the second for the first', async () => {
    fresh()
    await deliver()
    await deliver()

    const [first, second] = secretsManager.commandCalls(CreateSecretCommand).map(({ args: [{ input }] }) => input)
    expect(first?.ClientRequestToken).not.toBe(second?.ClientRequestToken)
  })

  it('does not wait for the placeholder that an attempt left without a password', async () => {
    fresh()
    await deliver()
    const id = placeholderId()
    secretsManager.reset()
    existing([{ id, stage: 'AWSCURRENT' }])

    expect((await deliver()).arn).toBe(arn)
  })

  it('has the same id from the same state, so that Secrets Manager takes one of two, and another id afterwards', async () => {
    fresh()
    await deliver()
    const id = placeholderId()
    existing([{ id, stage: 'AWSCURRENT' }])
    await deliver()
    const first = writtenId()
    await deliver()
    expect(writtenId()).toBe(first)

    // The first one was taken back.
    existing([
      { id, stage: 'AWSCURRENT' },
      { id: String(first), stage: 'AWSPREVIOUS' },
    ])
    await deliver()

    expect(writtenId()).toMatch(/^[0-9a-f]{64}$/)
    expect(writtenId()).not.toBe(first)
  })

  it('that another attempt was quicker at is told, and takes nothing back', async () => {
    fresh()
    secretsManager.on(PutSecretValueCommand).rejects(named('ResourceExistsException'))

    // Its policy may be the one in force.
    const failure: unknown = await deliver().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AnotherAttemptError)
    expect(failure).toMatchObject({ outcome: 'unknown' })
    expect(secretsManager.commandCalls(UpdateSecretVersionStageCommand)).toHaveLength(0)
  })

  it('whose answer was lost is taken back, in case that it took effect', async () => {
    fresh()
    secretsManager.on(PutSecretValueCommand).rejects(named('TimeoutError'))
    secretsManager.on(UpdateSecretVersionStageCommand).rejects(named('InvalidParameterException'))

    await expect(deliver()).rejects.toMatchObject({ code: 'upstream_timeout' })
    expect(secretsManager.commandCalls(UpdateSecretVersionStageCommand)).toHaveLength(1)
  })

  it('that is taken back leaves what was current before, whichever version came in between', async () => {
    existing([{ id: 'before', stage: 'AWSCURRENT', agoMs: 60_000 }])

    await (await deliver()).takeBack(options)

    expect(secretsManager.commandCalls(UpdateSecretVersionStageCommand)[0]?.args[0].input).toEqual({
      SecretId: arn,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: writtenId(),
      MoveToVersionId: 'before',
    })
  })

  it.each([
    [CreateSecretCommand, 'InvalidRequestException', 'secret_missing', 'scheduled_for_deletion'],
    [CreateSecretCommand, 'EncryptionFailure', 'internal_error', 'EncryptionFailure'],
    [CreateSecretCommand, 'AccessDeniedException', 'internal_error', 'AccessDeniedException'],
    [PutResourcePolicyCommand, 'MalformedPolicyDocumentException', 'reader_not_allowed', 'no_such_role'],
    [PutResourcePolicyCommand, 'InternalServiceError', 'upstream_unavailable', 'InternalServiceError'],
    [PutSecretValueCommand, 'ResourceNotFoundException', 'secret_missing', 'not_there'],
    [PutSecretValueCommand, 'ThrottlingException', 'throttled', 'ThrottlingException'],
  ] as const)('refused at %s by %s is %s', async (command, name, code, reason) => {
    fresh()
    secretsManager.on(command as typeof PutSecretValueCommand).rejects(named(name))

    const failure: unknown = await deliver().catch((error: unknown) => error)

    expect(failure).toMatchObject({ code, reason })
    expect(JSON.stringify(failure)).not.toContain('canary')
  })
})

describe('the secret of a user', () => {
  it('is found by its name, unless it is gone or about to be', async () => {
    secretsManager
      .on(DescribeSecretCommand)
      .resolvesOnce({ ARN: arn })
      .resolvesOnce({ ARN: arn, DeletedDate: new Date() })
      .rejectsOnce(named('ResourceNotFoundException'))

    expect(await secrets.find(sub, options)).toBe(arn)
    await expect(secrets.find(sub, options)).rejects.toMatchObject({ code: 'secret_missing' })
    await expect(secrets.find(sub, options)).rejects.toMatchObject({ code: 'secret_missing' })
  })

  it('is discarded at once, and deleted in 30 days; there need be none', async () => {
    secretsManager.on(DeleteSecretCommand).resolves({})
    await secrets.discard(sub, options)
    expect(await secrets.scheduleDeletion(sub, options)).toBe('scheduled')
    expect(secretsManager.commandCalls(DeleteSecretCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { SecretId: `latchkey-dev/service-users/${sub}`, ForceDeleteWithoutRecovery: true },
      { SecretId: `latchkey-dev/service-users/${sub}`, RecoveryWindowInDays: 30 },
    ])

    secretsManager.on(DeleteSecretCommand).rejects(named('ResourceNotFoundException'))
    await secrets.discard(sub, options)
    expect(await secrets.scheduleDeletion(sub, options)).toBe('unchanged')
    // It is scheduled already.
    secretsManager.on(DeleteSecretCommand).rejects(named('InvalidRequestException'))
    expect(await secrets.scheduleDeletion(sub, options)).toBe('unchanged')
    await expect(secrets.discard(sub, options)).rejects.toMatchObject({ code: 'secret_missing' })
  })
})

describe('the failure to set a password', () => {
  it.each([
    ['throttled', true],
    ['internal_error', true],
    ['weak_password', true],
    ['upstream_timeout', false],
    ['upstream_unavailable', false],
    ['upstream_error', false],
  ] as const)('%s is a refusal: %s', (code, refusal) => {
    expect(isRefusal(new ServiceError(code))).toBe(refusal)
  })

  it('is none after an attempt that may still take effect', () => {
    expect(isRefusal(new ServiceError('throttled', { unsettled: true }))).toBe(false)
  })
})
