import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  AnotherAttemptError,
  createPasswordSecrets,
  isPlaceholderVersion,
  isRefusal,
} from '#shared/aws/password-secrets.ts'
import { closedPolicyFor, policyFor } from '#shared/aws/reader-policy.ts'
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
const deliver = ({ replaces = false } = {}) => {
  const password = new SecretValue(goodPassword)
  return secrets.deliver({ sub, username: 'orders-worker', password, reader, replaces }, options)
}

/** Nothing is there yet. */
function fresh(): void {
  secretsManager.on(CreateSecretCommand).resolves({ ARN: arn })
  secretsManager.on(PutResourcePolicyCommand).resolves({ $metadata: {} })
  secretsManager.on(PutSecretValueCommand).resolves({})
  secretsManager.on(UpdateSecretVersionStageCommand).resolves({})
}

/** The secret is there, with these versions; more than one stage by spaces. */
function existing(versions: readonly { id: string; stage: string; agoMs?: number }[]): void {
  fresh()
  secretsManager.on(CreateSecretCommand).rejects(named('ResourceExistsException'))
  secretsManager.on(ListSecretVersionIdsCommand).resolves({
    ARN: arn,
    Versions: versions.map(({ id, stage, agoMs = longAgoMs }) => ({
      VersionId: id,
      VersionStages: stage.split(' '),
      CreatedDate: new Date(clock.now() - agoMs),
    })),
  })
}

const longAgoMs = 60_000
const old = { id: 'old', stage: 'AWSCURRENT' }

const names = (): string[] => secretsManager.calls().map(({ args: [command] }) => command.constructor.name)
const writtenId = (): string | undefined =>
  secretsManager.commandCalls(PutSecretValueCommand).at(-1)?.args[0].input.ClientRequestToken
const writes = () => secretsManager.commandCalls(PutSecretValueCommand).map(({ args: [{ input }] }) => input)
const moves = () => secretsManager.commandCalls(UpdateSecretVersionStageCommand).map(({ args: [{ input }] }) => input)
const moved = (VersionStage: string, RemoveFromVersionId: string | undefined, MoveToVersionId: string | undefined) => ({
  SecretId: arn,
  VersionStage,
  RemoveFromVersionId,
  MoveToVersionId,
})

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
          Action: 'secretsmanager:GetSecretValue',
          Condition: { StringNotEquals: { 'aws:PrincipalArn': reader } },
        },
      ],
    })
  })

  it('makes no secret twice by one id, since Secrets Manager would take the second for the first', async () => {
    fresh()
    await deliver()
    await deliver()

    const [first, second] = secretsManager.commandCalls(CreateSecretCommand).map(({ args: [{ input }] }) => input)
    expect(first?.ClientRequestToken).not.toBe(second?.ClientRequestToken)
  })

  it('has the same id from the same state, so that Secrets Manager takes one of two, and another id afterwards', async () => {
    existing([old])
    await deliver()
    const first = writtenId()
    await deliver()
    expect(writtenId()).toBe(first)

    // The first one was taken back.
    existing([old, { id: String(first), stage: 'AWSPREVIOUS' }])
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

  it.each([
    [CreateSecretCommand, 'InvalidRequestException', 'secret_missing', 'scheduled_for_deletion'],
    [CreateSecretCommand, 'EncryptionFailure', 'internal_error', 'EncryptionFailure'],
    [CreateSecretCommand, 'AccessDeniedException', 'internal_error', 'AccessDeniedException'],
    [PutResourcePolicyCommand, 'MalformedPolicyDocumentException', 'reader_not_allowed', 'no_such_role'],
    [PutResourcePolicyCommand, 'InternalServiceError', 'upstream_unavailable', 'InternalServiceError'],
    // Made a moment ago: a repeat sees it, or makes it anew.
    [PutResourcePolicyCommand, 'ResourceNotFoundException', 'upstream_unavailable', 'secret_not_seen'],
    [PutSecretValueCommand, 'ResourceNotFoundException', 'upstream_unavailable', 'secret_not_seen'],
    [PutSecretValueCommand, 'ThrottlingException', 'throttled', 'ThrottlingException'],
  ] as const)('refused at %s by %s is %s', async (command, name, code, reason) => {
    fresh()
    secretsManager.on(command as typeof PutSecretValueCommand).rejects(named(name))

    const failure: unknown = await deliver().catch((error: unknown) => error)

    expect(failure).toMatchObject({ code, reason })
    expect(JSON.stringify(failure)).not.toContain('canary')
  })
})

describe('the turn of a delivery', () => {
  it('to a secret that is there is taken before anything is changed', async () => {
    existing([old])

    expect((await deliver()).arn).toBe(arn)

    expect(names()).toEqual([
      'CreateSecretCommand',
      'ListSecretVersionIdsCommand',
      'PutSecretValueCommand',
      'PutResourcePolicyCommand',
      'PutSecretValueCommand',
    ])
    const [turn, password] = writes()
    expect(turn).toMatchObject({ SecretId: arn, VersionStages: ['latchkey-turn'] })
    expect(turn?.SecretString).toMatch(/^{"turn":"[0-9a-f-]{36}"}$/)
    expect(turn?.ClientRequestToken).toMatch(/^[0-9a-f]{64}$/)
    expect(password?.VersionStages).toBeUndefined()
    expect(password?.ClientRequestToken).not.toBe(turn?.ClientRequestToken)
  })

  it.each([
    ['password', [{ ...old, agoMs: 29_999 }], true],
    ['password', [{ ...old, agoMs: 30_000 }], false],
    ['turn', [old, { id: 'a', stage: 'latchkey-turn', agoMs: 29_999 }], true],
    ['turn', [old, { id: 'a', stage: 'latchkey-turn', agoMs: 30_000 }], false],
    ['turn that was given back', [old, { id: 'a', stage: 'latchkey-turn latchkey-turn-over', agoMs: 1 }], false],
    ['secret', [{ id: 'placeholder-a', stage: 'AWSCURRENT', agoMs: 29_999 }], true],
    ['secret that was given back', [{ id: 'placeholder-a', stage: 'AWSCURRENT latchkey-turn-over', agoMs: 1 }], false],
    [
      'turn after one that was given back',
      [old, { id: 'a', stage: 'latchkey-turn-over' }, { id: 'b', stage: 'latchkey-turn', agoMs: 1 }],
      true,
    ],
  ])('waits for a recent %s: %j, %s', async (_, versions, waits) => {
    existing(versions)

    const delivery = deliver()

    if (waits) await expect(delivery).rejects.toMatchObject({ name: 'AnotherAttemptError', outcome: 'none' })
    else expect((await delivery).arn).toBe(arn)
    expect(writes()).toHaveLength(waits ? 0 : 2)
    expect(secretsManager.commandCalls(PutResourcePolicyCommand)).toHaveLength(waits ? 0 : 1)
  })

  it('is one of two that begin from the same state: they have the same id, and different values', async () => {
    existing([old])
    await deliver()
    await deliver()
    const [first, , second] = writes()

    expect(second?.ClientRequestToken).toBe(first?.ClientRequestToken)
    expect(second?.SecretString).not.toBe(first?.SecretString)
  })

  it('has another id after one that changed nothing', async () => {
    existing([old])
    await deliver()
    const [first] = writes()
    existing([old, { id: String(first?.ClientRequestToken), stage: 'latchkey-turn latchkey-turn-over' }])
    await deliver()

    expect(writes()[2]?.ClientRequestToken).not.toBe(first?.ClientRequestToken)
  })

  it('that another attempt was quicker at has changed nothing', async () => {
    existing([old])
    secretsManager.on(PutSecretValueCommand).rejects(named('ResourceExistsException'))

    await expect(deliver()).rejects.toMatchObject({ name: 'AnotherAttemptError', outcome: 'none' })
    expect(names().slice(2)).toEqual(['PutSecretValueCommand'])
  })

  it('whose answer was lost may be another’s: it is not given back', async () => {
    existing([old])
    secretsManager.on(PutSecretValueCommand).rejects(named('TimeoutError'))

    await expect(deliver()).rejects.toMatchObject({ code: 'upstream_timeout' })
    expect(names().slice(2)).toEqual(['PutSecretValueCommand'])
  })

  it.each([
    ['MalformedPolicyDocumentException', true],
    ['TimeoutError', false],
    ['ThrottlingException', false],
  ])('is given back if it is sure that the policy never comes into force: %s, %s', async (name, isSure) => {
    existing([old])
    secretsManager.on(PutResourcePolicyCommand).rejects(named(name))

    await expect(deliver()).rejects.toBeInstanceOf(ServiceError)

    expect(moves()).toEqual(isSure ? [moved('latchkey-turn-over', undefined, writes()[0]?.ClientRequestToken)] : [])
  })

  it('is given back once the password is taken back, which leaves what was current before', async () => {
    existing([old, { id: 'a', stage: 'latchkey-turn-over' }, { id: 'b', stage: 'latchkey-turn' }])

    await (await deliver()).takeBack(options)

    const [turn, password] = writes()
    expect(moves()).toEqual([
      moved('AWSCURRENT', password?.ClientRequestToken, 'old'),
      moved('latchkey-turn-over', 'a', turn?.ClientRequestToken),
    ])
  })

  it('is not given back where it is not sure that the password was', async () => {
    existing([old])
    const delivered = await deliver()
    secretsManager.on(UpdateSecretVersionStageCommand).rejects(named('TimeoutError'))

    await expect(delivered.takeBack(options)).rejects.toMatchObject({ code: 'upstream_timeout' })
    expect(moves()).toHaveLength(1)
  })

  it('of the attempt that made the secret is its placeholder', async () => {
    fresh()

    await (await deliver()).takeBack(options)

    const placeholder = secretsManager.commandCalls(CreateSecretCommand)[0]?.args[0].input.ClientRequestToken
    expect(isPlaceholderVersion(placeholder ?? '')).toBe(true)
    expect(moves()).toEqual([
      moved('AWSCURRENT', writtenId(), placeholder),
      moved('latchkey-turn-over', undefined, placeholder),
    ])
  })
})

describe('the reader of a secret whose password is replaced', () => {
  const otherReader = 'arn:aws:iam::123456789012:role/orders-batch'
  const policies = () =>
    secretsManager.commandCalls(PutResourcePolicyCommand).map(({ args: [{ input }] }) => input.ResourcePolicy)
  function readBy(policy: string | undefined): void {
    existing([old])
    secretsManager.on(GetResourcePolicyCommand).resolves({ ResourcePolicy: policy })
  }

  it.each([
    ['another', policyFor(otherReader)],
    ['nobody, as an attempt left it', closedPolicyFor(reader)],
    ['a role that was deleted since', policyFor('AROAEXAMPLEID')],
    ['whoever may', undefined],
  ])('reads nothing before the password is set, where it was %s before: nobody does', async (_, before) => {
    readBy(before)

    const delivered = await deliver({ replaces: true })
    expect(policies()).toEqual([closedPolicyFor(reader)])
    expect(names().slice(-2)).toEqual(['PutResourcePolicyCommand', 'PutSecretValueCommand'])
    await delivered.open(options)

    expect(policies()).toEqual([closedPolicyFor(reader), policyFor(reader)])
    expect(JSON.parse(closedPolicyFor(reader))).toMatchObject({
      Statement: [{ Principal: { AWS: reader } }, { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue' }],
    })
    expect(closedPolicyFor(reader)).not.toContain('Condition')
  })

  it('reads all the time, where it is the one of before', async () => {
    readBy(policyFor(reader))

    const delivered = await deliver({ replaces: true })
    await delivered.open(options)
    await delivered.takeBack(options)

    expect(policies()).toEqual([])
  })

  it('is the one of before again, once the password is taken back', async () => {
    readBy(policyFor(otherReader))

    await (await deliver({ replaces: true })).takeBack(options)

    expect(policies()).toEqual([closedPolicyFor(reader), policyFor(otherReader)])
    expect(moves()).toHaveLength(2)
  })

  it('is the one of before again where the new password is refused', async () => {
    readBy(policyFor(otherReader))
    secretsManager.on(PutSecretValueCommand).resolvesOnce({}).rejects(named('ThrottlingException'))

    await expect(deliver({ replaces: true })).rejects.toMatchObject({ code: 'throttled' })
    expect(policies()).toEqual([closedPolicyFor(reader), policyFor(otherReader)])
  })

  it('is the one of before again, and no password is written, where a late attempt may close the secret once more', async () => {
    readBy(policyFor(otherReader))
    secretsManager.on(PutResourcePolicyCommand).resolves({ $metadata: { attempts: 2 } })

    await expect(deliver({ replaces: true })).rejects.toMatchObject({ reason: 'policy_unsettled' })
    expect(policies()).toEqual([closedPolicyFor(reader), policyFor(otherReader)])
    expect(writes()).toHaveLength(1)
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
