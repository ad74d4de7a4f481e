import { inspect } from 'node:util'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRotationHandler, type RotationDeps } from '#services/credential-rotation/rotation-handler.ts'
import { rotationSteps } from '#services/credential-rotation/rotation-event.ts'
import type { SecretState, SecretStore } from '#services/credential-rotation/secret-store.ts'
import { startRotationBench, type RotationBench } from './rotation-bench.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const version = randomUUID()
const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 10_000 }

const eventFor = (bench: RotationBench, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  Step: 'createSecret',
  SecretId: bench.provisioned.machineSecretArn,
  ClientRequestToken: version,
  ...changes,
})

/** The bench's dependencies, with a secret that is described as given. */
function described(bench: RotationBench, state: (real: SecretState) => SecretState): RotationDeps {
  const deps = bench.deps()
  const store: SecretStore = {
    ...deps.store,
    describe: async (options) => state(await deps.store.describe(options)),
  }
  return { ...deps, store }
}

const pending = (real: SecretState): SecretState => ({
  rotationEnabled: true,
  stages: { ...real.stages, [version]: ['AWSPENDING'] },
})

const writes = ({ aws }: RotationBench, since: number): string[] =>
  aws.calls
    .slice(since)
    .map(({ operation }) => operation)
    .filter((operation) => operation !== 'DescribeSecret')

describe('the rotation function refuses', () => {
  const refusals: readonly [string, string, Record<string, unknown>, (real: SecretState) => SecretState][] = [
    ['an unknown step', 'event_malformed', { Step: 'deleteSecret' }, pending],
    ['the name of a method of Object as a step', 'event_malformed', { Step: 'constructor' }, pending],
    ['no token', 'event_malformed', { ClientRequestToken: undefined }, pending],
    ['a token of 31 characters', 'event_malformed', { ClientRequestToken: 'a'.repeat(31) }, pending],
    ['a token of 65 characters', 'event_malformed', { ClientRequestToken: 'a'.repeat(65) }, pending],
    [
      'another secret',
      'foreign_secret',
      { SecretId: 'arn:aws:secretsmanager:us-east-1:1:secret:other-AbCdEf' },
      pending,
    ],
    ['a secret without rotation', 'rotation_not_enabled', {}, (real) => ({ ...pending(real), rotationEnabled: false })],
    ['a version that there is not', 'version_unknown', { ClientRequestToken: randomUUID() }, pending],
    [
      'a version that is not pending',
      'version_unknown',
      {},
      (real) => ({ ...pending(real), stages: { ...real.stages, [version]: ['AWSPREVIOUS'] } }),
    ],
    [
      'a secret that never had a value',
      'secret_without_current',
      {},
      () => ({ rotationEnabled: true, stages: { [version]: ['AWSPENDING'] } }),
    ],
  ]

  it.each(refusals)('%s, and does nothing', async (_, reason, changes, state) => {
    const bench = await startRotationBench()
    const since = bench.aws.calls.length
    const handle = createRotationHandler(described(bench, state))

    await expect(handle(eventFor(bench, changes), context)).rejects.toMatchObject({ name: 'RotationError', reason })

    expect(writes(bench, since)).toEqual([])
    expect(bench.logger.lines).toMatchObject([{ level: 'error', reason, outcome: 'failed', request_id: 'request-1' }])
  })

  it.each([32, 64])('no token of %i characters', async (length) => {
    const bench = await startRotationBench()
    const handle = createRotationHandler(described(bench, pending))
    const event = eventFor(bench, { ClientRequestToken: 'a'.repeat(length) })

    await expect(handle(event, context)).rejects.toMatchObject({ reason: 'version_unknown' })
  })

  it.each([null, 'createSecret', []])('an event that is %j', async (event) => {
    const bench = await startRotationBench()
    const handle = createRotationHandler(bench.deps())

    await expect(handle(event, context)).rejects.toMatchObject({ reason: 'event_malformed' })
  })

  it('a secret that AWS does not show as rotating', async () => {
    const bench = await startRotationBench()
    const handle = createRotationHandler(bench.deps())

    await expect(handle(eventFor(bench), context)).rejects.toMatchObject({ reason: 'rotation_not_enabled' })
  })

  it('a current version that lost its value', async () => {
    const bench = await startRotationBench()
    const deps = described(bench, pending)
    const store: SecretStore = { ...deps.store, read: () => Promise.resolve(undefined) }
    const handle = createRotationHandler({ ...deps, store })

    await expect(handle(eventFor(bench), context)).rejects.toMatchObject({ reason: 'secret_without_current' })
  })

  it.each(['setSecret', 'testSecret'])('%s before createSecret', async (Step) => {
    const bench = await startRotationBench()
    const handle = createRotationHandler(described(bench, pending))

    await expect(handle(eventFor(bench, { Step }), context)).rejects.toMatchObject({ reason: 'pending_without_value' })
  })

  it.each([
    ['without credentials', 'pending_outdated', { idempotency_secret: 'i'.repeat(64) }],
    ['that is no secret of ours', 'secret_malformed', { idempotency_secret: 'short' }],
  ])('a pending version %s, which is withdrawn', async (_, reason, value) => {
    const bench = await startRotationBench()
    const id = await bench.put(value, ['AWSPENDING'])
    const handle = createRotationHandler(described(bench, ({ stages }) => ({ rotationEnabled: true, stages })))
    const event = eventFor(bench, { Step: 'setSecret', ClientRequestToken: id })

    await expect(handle(event, context)).rejects.toMatchObject({ reason, withdrawn: true })
  })

  it.each([
    ['no JSON', 'canary, no JSON'],
    ['an idempotency secret of 31 characters', JSON.stringify({ idempotency_secret: 'i'.repeat(31) })],
    ['half a machine user', JSON.stringify({ idempotency_secret: 'i'.repeat(32), username: 'canary' })],
    ['a member that it would lose', JSON.stringify({ idempotency_secret: 'i'.repeat(32), canary: 1 })],
  ])('a current version that holds %s, without a word of it', async (_, SecretString) => {
    const bench = await startRotationBench()
    const { ARN: secretArn = '' } = await bench.secrets.send(new CreateSecretCommand({ Name: 'x', SecretString }))

    const failure: unknown = await bench.rotate({ secretArn }).catch((error: unknown) => error)

    expect(failure).toMatchObject({ reason: 'secret_malformed' })
    expect(inspect([failure, bench.logger.lines])).not.toContain('canary')
  })
})

describe('the rotation function', () => {
  it.each(rotationSteps)('leaves a version that is current already alone at %s', async (Step) => {
    const bench = await startRotationBench()
    await bench.rotate()
    const current = await bench.stored()
    const [id = ''] = Object.entries(await bench.stages()).find(([, labels]) => labels.includes('AWSCURRENT')) ?? []
    const since = bench.aws.calls.length
    const handle = createRotationHandler(described(bench, ({ stages }) => ({ rotationEnabled: true, stages })))

    await handle(eventFor(bench, { Step, ClientRequestToken: id }), context)

    expect(writes(bench, since)).toEqual([])
    expect(bench.logger.lines.at(-1)).toMatchObject({ operation: Step, outcome: 'already_current' })
    expect(await bench.signIn(current)).toBe('signed_in')
  })

  it('ignores members of the event that it does not know', async () => {
    const bench = await startRotationBench()
    const handle = createRotationHandler(described(bench, pending))

    await handle(eventFor(bench, { RotationToken: 'token' }), context)

    expect(await bench.stored('AWSPENDING')).toMatchObject({ username: expect.any(String) as string })
  })

  it('keeps the value that another invocation of createSecret has stored first', async () => {
    const bench = await startRotationBench()
    const deps = described(bench, pending)
    const handle = createRotationHandler(deps)
    const blind: RotationDeps = {
      ...deps,
      store: {
        ...deps.store,
        read: async (wanted, options) => ('id' in wanted ? undefined : deps.store.read(wanted, options)),
      },
    }
    await handle(eventFor(bench), context)
    const first = await bench.stored('AWSPENDING')

    await createRotationHandler(blind)(eventFor(bench), context)

    expect(await bench.stored('AWSPENDING')).toEqual(first)
  })

  it('stops half a second before Lambda would stop it', async () => {
    const bench = await startRotationBench()
    const handle = createRotationHandler({ ...described(bench, pending), now: () => 5_000 })
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort())

    await expect(handle(eventFor(bench), { getRemainingTimeInMillis: () => 10_600 })).rejects.toMatchObject({
      call: 'DescribeSecret',
      errorName: 'AbortError',
    })

    expect(timeout).toHaveBeenCalledExactlyOnceWith(10_100)
  })

  it('begins nothing when there is only the half second left', async () => {
    const bench = await startRotationBench()
    const handle = createRotationHandler(described(bench, pending))
    const late = { getRemainingTimeInMillis: () => 500 }

    await expect(handle(eventFor(bench), late)).rejects.toMatchObject({ errorName: 'AbortError' })

    expect(bench.aws.calls.filter(({ operation }) => operation === 'PutSecretValue')).toEqual([])
  })

  it('names the call and the exception of a failure, and repeats nothing of AWS’s message', async () => {
    const bench = await startRotationBench()
    bench.aws.setFaults([
      { operation: 'DescribeUserPoolClient', kind: 'access_denied', when: 'before', calls: { nth: 1 } },
    ])

    const failure: unknown = await bench.rotate().catch((error: unknown) => error)

    expect(failure).toMatchObject({ message: 'DescribeUserPoolClient failed: AccessDeniedException' })
    expect(inspect(failure)).not.toContain('not authorized')
    expect(bench.logger.lines).toMatchObject([
      { reason: 'DescribeUserPoolClient_failed', error_name: 'AccessDeniedException', outcome: 'failed' },
    ])
  })

  it('calls what is neither a refusal nor a failed call a defect', async () => {
    const bench = await startRotationBench()
    const deps = described(bench, () => {
      throw new RangeError('canary')
    })

    await expect(createRotationHandler(deps)(eventFor(bench), context)).rejects.toThrow(RangeError)

    expect(bench.logger.lines).toMatchObject([{ reason: 'defect', error_name: 'RangeError', outcome: 'failed' }])
    expect(inspect(bench.logger.lines)).not.toContain('canary')
  })
})
