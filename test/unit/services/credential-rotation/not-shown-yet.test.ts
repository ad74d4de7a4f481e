import { beforeAll, describe, expect, it } from 'vitest'
import { AwsCallError } from '#services/credential-rotation/rotation-error.ts'
import type { RotationDeps, RotationStep } from '#services/credential-rotation/rotation-handler.ts'
import type { SecretState, SecretStore } from '#services/credential-rotation/secret-store.ts'
import { both, clientToken, rotationBenches, startInstance, type RotationBench } from './rotation-bench.ts'

const rotated = rotationBenches(both)
const rotatedByClient = rotationBenches(clientToken)

type Wrong = (real: SecretStore) => Partial<SecretStore>

/** A store that is wrong until `lagMs` of sleep are over. */
function lagging(lagMs: number, wrong: Wrong) {
  const pauses: number[] = []
  const slept = (): number => pauses.reduce((sum, ms) => sum + ms, 0)
  const sleep: RotationDeps['sleep'] = (ms) => Promise.resolve(pauses.push(ms))
  const wrap = (real: SecretStore): SecretStore => {
    const now = (): SecretStore => ({ ...real, ...(slept() < lagMs && wrong(real)) })
    return {
      describe: (...asked) => now().describe(...asked),
      read: (...asked) => now().read(...asked),
      putPending: (...asked) => now().putPending(...asked),
      makeCurrent: (...asked) => now().makeCurrent(...asked),
      withdraw: (...asked) => now().withdraw(...asked),
    }
  }
  return { pauses, sleep, wrap }
}

/** A rotation whose step `late` has the lagging store; the other steps see what there is. */
const rotateLate = (bench: RotationBench, late: RotationStep, { sleep, wrap }: ReturnType<typeof lagging>) =>
  bench.rotate({ deps: (step, store) => ({ sleep, store: step === late ? wrap(store) : store }) })

const failure = (name: string) => () =>
  Promise.reject(new AwsCallError('UpdateSecretVersionStage', Object.assign(new Error(), { name })))

const without =
  (label: string): Wrong =>
  (real) => ({
    describe: async (options) => {
      const { rotationEnabled, stages } = await real.describe(options)
      const shown = Object.entries(stages).filter(([, labels]) => !labels.includes(label))
      return { rotationEnabled, stages: Object.fromEntries(shown) }
    },
  })

const signal = new AbortController().signal

/** Finds no value under the id of the version that has the label. */
const blindTo =
  (label: string): Wrong =>
  (real) => ({
    read: async (wanted, options) => {
      const { stages } = await real.describe({ signal })
      return 'id' in wanted && stages[wanted.id]?.includes(label) === true ? undefined : real.read(wanted, options)
    },
  })

const blindToStage: Wrong = (real) => ({
  read: async (wanted, options) => ('id' in wanted ? real.read(wanted, options) : undefined),
})

const lags: readonly (readonly [string, RotationStep, Wrong, string])[] = [
  ['the label of the new version', 'createSecret', without('AWSPENDING'), 'version_unknown'],
  ['the label of the current version', 'createSecret', without('AWSCURRENT'), 'secret_without_current'],
  ['the value of the current version', 'createSecret', blindTo('AWSCURRENT'), 'secret_without_current'],
  ['what is current by its label', 'setSecret', blindToStage, 'secret_without_current'],
  ['the label of the pending version', 'setSecret', without('AWSPENDING'), 'version_unknown'],
  ['the pending value', 'setSecret', blindTo('AWSPENDING'), 'pending_without_value'],
  ['the pending value', 'finishSecret', blindTo('AWSPENDING'), 'pending_without_value'],
  [
    'the pending version as one to move to',
    'finishSecret',
    () => ({ makeCurrent: failure('ResourceNotFoundException') }),
    'ResourceNotFound',
  ],
]

describe('what Secrets Manager was told, and does not show yet', () => {
  let bench: RotationBench

  beforeAll(async () => {
    bench = await rotated(2)
  })

  it.each(lags)('%s: %s waits for it', async (_, step, wrong) => {
    const before = await bench.stored()
    const lag = lagging(3_000, wrong)

    await rotateLate(bench, step, lag)

    expect(lag.pauses).toEqual([100, 200, 400, 800, 1_600])
    const current = await bench.stored()
    expect(current.password).not.toBe(before.password)
    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await bench.isRotating()).toBe(false)
  })

  it.each(lags)('%s, for too long: %s fails and leaves the rotation to be repeated', async (_, step, wrong, reason) => {
    const lag = lagging(Infinity, wrong)

    const failed: unknown = await rotateLate(bench, step, lag).catch((error: unknown) => error)

    expect(String(failed)).toContain(reason)
    expect(failed).not.toMatchObject({ withdrawn: true })
    expect(lag.pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000)
    await bench.rotate()
    expect(await bench.signIn({})).toBe('signed_in')
  })

  it('the name of the other user: createSecret waits for it, and makes no third one', async () => {
    const { username: other } = await bench.stored('AWSPREVIOUS')
    const lag = lagging(3_000, blindTo('AWSPREVIOUS'))

    await rotateLate(bench, 'createSecret', lag)

    expect((await bench.stored()).username).toBe(other)
    expect(lag.pauses).toEqual([100, 200, 400, 800, 1_600])
  })

  it('a client secret that createSecret has stored: called again, it has no other one drawn', async () => {
    const client = await rotatedByClient(1)
    const drawn = client.calls('AddUserPoolClientSecret')
    let lag = lagging(0, blindTo('AWSPENDING'))
    const { run } = startInstance(client, {
      deps: { ...client.deps(), sleep: (ms) => lag.sleep(ms) },
      store: (real) => ({ read: (...asked) => lag.wrap(real).read(...asked) }),
    })

    await run('createSecret')
    lag = lagging(3_000, blindTo('AWSPENDING'))
    await run('createSecret')

    expect(client.calls('AddUserPoolClientSecret') - drawn).toBe(1)
    expect(lag.pauses).toEqual([100, 200, 400, 800, 1_600])
    const pending = await client.stored('AWSPENDING')
    for (const step of ['setSecret', 'testSecret', 'finishSecret']) await run(step)
    expect(await client.stored()).toEqual(pending)
    expect(await client.tokenBy(pending)).toBe('issued')
  })

  it('the move of AWSCURRENT whose answer was lost: finishSecret waits until it is shown', async () => {
    let old: SecretState | undefined
    const lag = lagging(3_000, (real) => ({
      makeCurrent: async (move, options) => {
        old = await real.describe(options)
        await real.makeCurrent(move, options)
        return failure('InvalidParameterException')()
      },
      describe: async (options) => old ?? real.describe(options),
    }))

    await rotateLate(bench, 'finishSecret', lag)

    expect(lag.pauses).toEqual([100, 200, 400, 800, 1_600])
    expect(await bench.isRotating()).toBe(false)
  })

  it.each(['setSecret', 'testSecret', 'finishSecret'] as const)(
    'the move of AWSCURRENT: %s, called again, leaves the version as it is',
    async (step) => {
      const [version, previous] = [await bench.versionWith('AWSCURRENT'), await bench.versionWith('AWSPREVIOUS')]
      const before = await bench.stored()
      const written = bench.calls('AdminSetUserPassword')
      const stale = { rotationEnabled: true, stages: { [previous]: ['AWSCURRENT'], [version]: ['AWSPENDING'] } }
      const lag = lagging(3_000, () => ({ describe: () => Promise.resolve(stale) }))
      const deps = { ...bench.deps(), sleep: lag.sleep }

      await startInstance(bench, { version, deps, store: lag.wrap }).run(step)

      expect(lag.pauses.length).toBe(step === 'finishSecret' ? 5 : 0)
      expect(await bench.stored()).toEqual(before)
      expect(await bench.signIn(before)).toBe('signed_in')
      expect(await bench.isRotating()).toBe(false)
      expect(bench.calls('AdminSetUserPassword')).toBe(written)
    },
  )
})

describe('the version before, read by the label AWSCURRENT after two rotations within seconds', () => {
  /** Answers by the label with what was current one rotation ago. */
  const stale = async (bench: RotationBench): Promise<Wrong> => {
    const id = await bench.versionWith('AWSPREVIOUS')
    return (real) => ({ read: (wanted, options) => real.read('id' in wanted ? wanted : { id }, options) })
  }

  it('does not make createSecret remove the client secret in use, nor make a third user', async () => {
    const bench = await rotated(2)
    const serving = await bench.stored()
    const { username: other } = await bench.stored('AWSPREVIOUS')
    const lag = lagging(Infinity, await stale(bench))

    await rotateLate(bench, 'createSecret', lag)

    expect(await bench.tokenBy(serving)).toBe('issued')
    expect(await bench.secretIds()).toContain(serving.scope_client_secret_id)
    expect((await bench.stored()).username).toBe(other)
    expect(lag.pauses).toEqual([])
  })

  it.each(['setSecret', 'testSecret', 'finishSecret'] as const)(
    'is not taken for what serves by %s, which waits for the label',
    async (step) => {
      const bench = await rotated(2)
      const { username: other } = await bench.stored('AWSPREVIOUS')
      const lag = lagging(3_000, await stale(bench))

      await rotateLate(bench, step, lag)

      expect(lag.pauses).toEqual([100, 200, 400, 800, 1_600])
      expect((await bench.stored()).username).toBe(other)
      expect(await bench.signIn({})).toBe('signed_in')
    },
  )

  it('for too long ends the rotation before the user that it names is touched', async () => {
    const bench = await rotated(2)
    const serving = await bench.stored()
    const lag = lagging(Infinity, await stale(bench))

    const failed = rotateLate(bench, 'setSecret', lag)

    await expect(failed).rejects.toMatchObject({ reason: 'pending_user_is_current', withdrawn: true })
    expect(await bench.signIn(await bench.stored('AWSPREVIOUS'))).toBe('signed_in')
    expect(await bench.stored()).toEqual(serving)
  })

  it('for too long hides no user that an operator has made current meanwhile', async () => {
    const bench = await rotated(2)
    const id = await bench.versionWith('AWSCURRENT')
    const { store, ...deps } = bench.deps()
    const read: SecretStore['read'] = (wanted, options) => store.read('id' in wanted ? wanted : { id }, options)

    const failed = bench.rotate(
      { before: { setSecret: () => bench.moveBack() } },
      { ...deps, store: { ...store, read } },
    )

    await expect(failed).rejects.toMatchObject({ reason: 'pending_user_is_current', withdrawn: true })
    expect(await bench.signIn({})).toBe('signed_in')
  })

  it('is not what a test of the configuration tries', async () => {
    const bench = await rotated(2)
    const { sub } = await bench.user((await bench.stored()).username)

    await startInstance(bench, { labels: [], store: await stale(bench) }).run('testSecret')

    expect(bench.logger.lines.at(-1)).toMatchObject({ outcome: 'current_signed_in', sub })
  })
})

describe('what Secrets Manager shows to be over', () => {
  it('is refused at once: a version that has another label, and a secret without rotation', async () => {
    const bench = await rotated(2)
    const lag = lagging(0, () => ({}))
    const deps = { ...bench.deps(), sleep: lag.sleep }
    const previous = startInstance(bench, { version: await bench.versionWith('AWSPREVIOUS'), deps })
    const disabled = startInstance(bench, { deps, store: () => ({ describe: (call) => deps.store.describe(call) }) })

    await expect(previous.run('testSecret')).rejects.toMatchObject({ reason: 'version_unknown' })
    await expect(disabled.run('createSecret')).rejects.toMatchObject({ reason: 'rotation_not_enabled' })

    expect(lag.pauses).toEqual([])
  })

  it('is ended: a rotation that was finished, and taken back by an operator', async () => {
    const bench = await rotated(2)
    const serving = await bench.stored('AWSPREVIOUS')
    await bench.moveBack()

    await expect(bench.rotate()).rejects.toMatchObject({ reason: 'version_was_current', withdrawn: true })

    expect(await bench.stored()).toEqual(serving)
    await bench.rotate()
    expect(await bench.signIn({})).toBe('signed_in')
  })
})
