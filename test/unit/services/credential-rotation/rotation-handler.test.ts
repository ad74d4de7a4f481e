import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { rotationFailures } from '#services/credential-rotation/rotation-error.ts'
import { rotationSteps } from '#services/credential-rotation/rotation-handler.ts'
import type { SecretState } from '#services/credential-rotation/secret-store.ts'
import { hiding, rotationBenches, startInstance, type RotationBench } from './rotation-bench.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const rotated = rotationBenches()

const writes = ({ aws }: RotationBench, since: number): string[] =>
  aws.calls.slice(since).flatMap(({ operation }) => (operation === 'DescribeSecret' ? [] : [operation]))

describe('the rotation function refuses', () => {
  const version = randomUUID()
  const same = (shown: SecretState): SecretState => shown
  const token = (ClientRequestToken?: string) => ({ ClientRequestToken })
  const refusals: readonly [string, string, object, ((shown: SecretState) => SecretState)?][] = [
    ['an unknown step', 'event_malformed', { Step: 'deleteSecret' }],
    ['the name of a method of Object as a step', 'event_malformed', { Step: 'constructor' }],
    ['no token', 'event_malformed', token()],
    ['a token of 31 characters', 'event_malformed', token('a'.repeat(31))],
    ['a token of 65 characters', 'event_malformed', token('a'.repeat(65))],
    ['a token of 32 characters that is no version', 'version_unknown', token('a'.repeat(32))],
    ['a token of 64 characters that is no version', 'version_unknown', token('a'.repeat(64))],
    ['another secret', 'foreign_secret', { SecretId: 'arn:aws:secretsmanager:us-east-1:1:secret:other-AbCdEf' }],
    ['a secret without rotation', 'rotation_not_enabled', {}, (shown) => ({ ...shown, rotationEnabled: false })],
    [
      'a version that is not pending',
      'version_unknown',
      {},
      ({ stages }) => ({ rotationEnabled: true, stages: { ...stages, [version]: ['AWSPREVIOUS'] } }),
    ],
    [
      'a secret that never had a value',
      'secret_without_current',
      {},
      () => ({ rotationEnabled: true, stages: { [version]: ['AWSPENDING'] } }),
    ],
  ]

  it.each(refusals)('%s, and does nothing', async (_, reason, changes, state = same) => {
    const bench = await rotated(0)
    const since = bench.aws.calls.length
    const { run } = startInstance(bench, {
      version,
      store: (real) => ({ describe: async (options) => state(await real.describe(options)) }),
    })

    await expect(run('createSecret', changes)).rejects.toMatchObject({ name: 'RotationError', reason })

    expect(writes(bench, since)).toEqual([])
    expect(bench.logger.lines).toMatchObject([{ level: 'error', reason, outcome: 'failed', request_id: 'request-1' }])
  })

  it.each([null, 'createSecret', []])('an event that is %j', async (event) => {
    const { handle } = startInstance(await rotated(0))

    await expect(handle(event)).rejects.toMatchObject({ reason: 'event_malformed' })
  })

  it('a current version that lost its value', async () => {
    const { run } = startInstance(await rotated(0), { store: () => ({ read: () => Promise.resolve(undefined) }) })

    await expect(run('createSecret')).rejects.toMatchObject({ reason: 'secret_without_current' })
  })

  it.each(['setSecret', 'testSecret'])('%s before createSecret', async (step) => {
    const { run } = startInstance(await rotated(0))

    await expect(run(step)).rejects.toMatchObject({ reason: 'pending_without_value' })
  })

  it.each([
    ['without credentials', 'pending_outdated', { idempotency_secret: 'i'.repeat(64) }],
    ['that is no secret of ours', 'secret_malformed', { idempotency_secret: 'short' }],
  ])('a pending version %s, which is withdrawn', async (_, reason, value) => {
    const bench = await rotated(1)
    const { run } = startInstance(bench, { version: await bench.put(value, ['AWSPENDING']) })

    await expect(run('setSecret')).rejects.toMatchObject({ reason, withdrawn: true })
  })

  it.each([
    ['no JSON', 'canary, no JSON'],
    ['an idempotency secret of 31 characters', JSON.stringify({ idempotency_secret: 'i'.repeat(31) })],
    ['half a machine user', JSON.stringify({ idempotency_secret: 'i'.repeat(32), username: 'canary' })],
    ['a member that it would lose', JSON.stringify({ idempotency_secret: 'i'.repeat(32), canary: 1 })],
  ])('a current version that holds %s, without a word of it', async (_, text) => {
    const bench = await rotated(0)
    const deps = bench.deps(undefined, { machineSecretArn: await bench.newSecret(text) })

    const failure: unknown = await bench.rotate({}, deps).catch((error: unknown) => error)

    expect(failure).toMatchObject({ reason: 'secret_malformed' })
    expect(inspect([failure, bench.logger.lines])).not.toContain('canary')
  })
})

describe('the rotation function', () => {
  it.each(rotationSteps)('leaves a version that is current already alone at %s', async (step) => {
    const bench = await rotated(1)
    const { run } = startInstance(bench, { version: await bench.versionWith('AWSCURRENT') })
    const since = bench.aws.calls.length

    await run(step)

    expect(writes(bench, since)).toEqual([])
    expect(bench.logger.lines).toMatchObject([{ operation: step, outcome: 'already_current' }])
    expect(await bench.signIn({})).toBe('signed_in')
  })

  it('ignores members of the event that it does not know', async () => {
    const bench = await rotated(0)

    await startInstance(bench).run('createSecret', { RotationToken: 'token' })

    expect(await bench.stored('AWSPENDING')).toMatchObject({ username: expect.any(String) as string })
  })

  it('keeps the value that another invocation of createSecret has stored first', async () => {
    const bench = await rotated(0)
    const { run, version } = startInstance(bench)
    const blind = startInstance(bench, { version, store: hiding(version) })
    await run('createSecret')
    const first = await bench.stored('AWSPENDING')

    await blind.run('createSecret')

    expect(await bench.stored('AWSPENDING')).toEqual(first)
    expect(bench.calls('PutSecretValue')).toBe(2)
  })

  it('stops half a second before Lambda would stop it', async () => {
    const bench = await rotated(0)
    const { run } = startInstance(bench, { deps: { ...bench.deps(), now: () => 5_000 } })
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort())

    const stopped = run('createSecret', {}, 10_600)

    await expect(stopped).rejects.toMatchObject({ call: 'DescribeSecret', errorName: 'AbortError' })
    expect(timeout).toHaveBeenCalledExactlyOnceWith(10_100)
  })

  it('begins nothing when there is only the half second left', async () => {
    const bench = await rotated(0)

    const late = startInstance(bench).run('createSecret', {}, 500)

    await expect(late).rejects.toMatchObject({ errorName: 'AbortError' })
    expect(bench.calls('PutSecretValue')).toBe(0)
  })

  it('names the call and the exception of a failure, and repeats nothing of AWS’s message', async () => {
    const bench = await rotated(0)
    const refused = { operation: 'DescribeUserPoolClient', kind: 'access_denied', when: 'before' } as const
    bench.aws.setFaults([{ ...refused, calls: { nth: 1 } }])

    const failure: unknown = await bench.rotate().catch((error: unknown) => error)

    expect(failure).toMatchObject({ message: 'DescribeUserPoolClient failed: AccessDeniedException' })
    expect(inspect(failure)).not.toContain('not authorized')
    expect(bench.logger.lines).toMatchObject([
      { reason: 'DescribeUserPoolClient_failed', error_name: 'AccessDeniedException', outcome: 'failed' },
    ])
  })

  it('calls what is neither a refusal nor a failed call a defect', async () => {
    const bench = await rotated(0)
    const { run } = startInstance(bench, {
      store: () => ({ describe: () => Promise.reject(new RangeError('canary')) }),
    })

    await expect(run('createSecret')).rejects.toThrow(RangeError)

    expect(bench.logger.lines).toMatchObject([{ reason: 'defect', error_name: 'RangeError', outcome: 'failed' }])
    expect(inspect(bench.logger.lines)).not.toContain('canary')
  })

  it('has every reason that it can fail for explained in docs/rotation.md, and no other', () => {
    const page = readFileSync(new URL('../../../../docs/rotation.md', import.meta.url), 'utf8')

    const reasons = page.slice(page.indexOf('## When a rotation fails'), page.indexOf('Three more lines'))
    const heads = [...reasons.matchAll(/^- (`[^:]*):/gm)].map(([, head = '']) => head)
    const explained = heads.flatMap((head) => [...head.matchAll(/`(\w+)`/g)].map(([, reason]) => reason))

    expect(explained.toSorted()).toEqual([...rotationFailures, 'defect'].toSorted())
  })
})
