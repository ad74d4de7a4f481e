import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RotationStep } from '#services/credential-rotation/rotation-event.ts'
import { AwsCallError } from '#services/credential-rotation/rotation-error.ts'
import { createRotationHandler, type RotationDeps } from '#services/credential-rotation/rotation-handler.ts'
import type { SecretState, SecretStore } from '#services/credential-rotation/secret-store.ts'
import { both, clientToken, rotateWith, storedClient, tokenBy } from './client-secret-bench.ts'
import { callsOf, rotated, startRotationBench, type RotationBench } from './rotation-bench.ts'

const named = (call: string, name: string): AwsCallError => new AwsCallError(call, Object.assign(new Error(), { name }))

/** Dependencies whose clock passes while they sleep, and a store that is wrong until `lagMs` of sleep are over. */
function lagging(bench: RotationBench, lagMs: number, wrong: (real: SecretStore) => Partial<SecretStore>) {
  const pauses: number[] = []
  const slept = (): number => pauses.reduce((sum, ms) => sum + ms, 0)
  const at = (real: SecretStore): SecretStore => ({ ...real, ...(slept() < lagMs && wrong(real)) })
  const wrap = (real: SecretStore): SecretStore => ({
    describe: (...asked) => at(real).describe(...asked),
    read: (...asked) => at(real).read(...asked),
    putPending: (...asked) => at(real).putPending(...asked),
    makeCurrent: (...asked) => at(real).makeCurrent(...asked),
    withdraw: (...asked) => at(real).withdraw(...asked),
  })
  const sleep = (ms: number): Promise<unknown> => Promise.resolve(pauses.push(ms))
  return { pauses, wrap, deps: { ...bench.deps(), sleep } }
}

/** A rotation whose step `late` has the lagging store; the other steps see what there is. */
async function rotateLate(bench: RotationBench, late: RotationStep, lag: ReturnType<typeof lagging>): Promise<void> {
  await rotateWith(
    bench,
    () => lag.deps,
    (step, store) => (step === late ? lag.wrap(store) : store),
  )
}

const blindTo =
  (...wanted: readonly ('id' | 'AWSCURRENT' | 'AWSPREVIOUS')[]) =>
  (real: SecretStore): Partial<SecretStore> => ({
    read: async (version, options) =>
      wanted.some((hidden) => hidden === ('id' in version ? 'id' : version.stage))
        ? undefined
        : real.read(version, options),
  })

const without =
  (label: string) =>
  (real: SecretStore): Partial<SecretStore> => ({
    describe: async (options) => {
      const { rotationEnabled, stages } = await real.describe(options)
      const shown = Object.entries(stages).filter(([, labels]) => !labels.includes(label))
      return { rotationEnabled, stages: Object.fromEntries(shown) }
    },
  })

const notFound: SecretStore['makeCurrent'] = () =>
  Promise.reject(named('UpdateSecretVersionStage', 'ResourceNotFoundException'))

type Lag = readonly [string, RotationStep, (real: SecretStore) => Partial<SecretStore>, string]

const lags: readonly Lag[] = [
  ['the label of the new version', 'createSecret', without('AWSPENDING'), 'version_unknown'],
  ['the label of the current version', 'createSecret', without('AWSCURRENT'), 'secret_without_current'],
  ['the value of the current version', 'createSecret', blindTo('AWSCURRENT'), 'secret_without_current'],
  ['the label of the pending version', 'setSecret', without('AWSPENDING'), 'version_unknown'],
  ['the pending value', 'setSecret', blindTo('id'), 'pending_without_value'],
  ['the pending value', 'finishSecret', blindTo('id'), 'pending_without_value'],
  ['the pending version as one to move to', 'finishSecret', () => ({ makeCurrent: notFound }), 'ResourceNotFound'],
]

describe('what Secrets Manager was told, and does not show yet', () => {
  it.each(lags)('%s: %s waits for it', async (_, step, wrong) => {
    const bench = await rotated(2)
    const before = await bench.stored()
    const lag = lagging(bench, 3_000, wrong)

    await rotateLate(bench, step, lag)

    expect(lag.pauses).toEqual([100, 200, 400, 800, 1_600])
    const current = await bench.stored()
    expect(current.password).not.toBe(before.password)
    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await bench.isRotating()).toBe(false)
  })

  it.each(lags)('%s, for too long: %s fails and leaves the rotation to be repeated', async (_, step, wrong, reason) => {
    const bench = await rotated(2)
    const lag = lagging(bench, Infinity, wrong)

    const failure: unknown = await rotateLate(bench, step, lag).catch((error: unknown) => error)

    expect(String(failure)).toContain(reason)
    expect(failure).not.toMatchObject({ withdrawn: true })
    expect(lag.pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000)
    await bench.rotate()
    expect(await bench.signIn(await bench.stored())).toBe('signed_in')
  })

  it('the name of the other user: createSecret waits for it, and makes no third one', async () => {
    const bench = await rotated(2)
    const { username: other } = await bench.stored('AWSPREVIOUS')

    await rotateLate(bench, 'createSecret', lagging(bench, 3_000, blindTo('AWSPREVIOUS')))

    expect((await bench.stored()).username).toBe(other)
  })

  it('a client secret that createSecret has stored: called again, it has no other one drawn', async () => {
    const bench = await startRotationBench({}, clientToken)
    await bench.rotate()
    const drawn = callsOf(bench, 'AddUserPoolClientSecret')
    const { handle, lag, version } = begun(bench, blindTo('id'))

    await handle('createSecret')
    lag.start()
    await handle('createSecret')

    expect(callsOf(bench, 'AddUserPoolClientSecret') - drawn).toBe(1)
    expect(lag.pauses()).toEqual([100, 200, 400, 800, 1_600])
    for (const step of ['setSecret', 'testSecret', 'finishSecret'] as const) await handle(step)
    expect((await bench.stages())[version]).toContain('AWSCURRENT')
    expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
  })

  it('the move of AWSCURRENT whose answer was lost: finishSecret waits until it is shown', async () => {
    const bench = await rotated(1)
    let old: SecretState | undefined
    const lag = lagging(bench, 3_000, (real) => ({
      makeCurrent: async (move, options) => {
        old = await real.describe(options)
        await real.makeCurrent(move, options)
        throw named('UpdateSecretVersionStage', 'InvalidParameterException')
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
      const bench = await rotated(2)
      const [version, previous] = [await bench.versionWith('AWSCURRENT'), await bench.versionWith('AWSPREVIOUS')]
      const before = await bench.stored()
      const stale = { rotationEnabled: true, stages: { [previous]: ['AWSCURRENT'], [version]: ['AWSPENDING'] } }
      const { deps, wrap, pauses } = lagging(bench, 3_000, () => ({ describe: () => Promise.resolve(stale) }))

      await createRotationHandler({ ...deps, store: wrap(deps.store) })(event(bench, step, version), context)

      expect(pauses.length).toBe(step === 'finishSecret' ? 5 : 0)

      expect(await bench.stored()).toEqual(before)
      expect(await bench.signIn(before)).toBe('signed_in')
      expect(await bench.isRotating()).toBe(false)
      expect(callsOf(bench, 'AdminSetUserPassword')).toBe(2)
    },
  )
})

describe('what Secrets Manager shows to be over', () => {
  it('is refused at once: a version that has another label, and a secret without rotation', async () => {
    const bench = await rotated(2)
    const previous = await bench.versionWith('AWSPREVIOUS')
    const { deps, pauses } = lagging(bench, 0, () => ({}))
    const { store } = deps
    const shown: RotationDeps = {
      ...deps,
      store: { ...store, describe: async () => ({ rotationEnabled: true, stages: await bench.stages() }) },
    }

    const other = createRotationHandler(shown)(event(bench, 'testSecret', previous), context)
    await expect(other).rejects.toMatchObject({ reason: 'version_unknown' })
    const disabled = createRotationHandler(deps)(event(bench, 'createSecret', randomUUID()), context)
    await expect(disabled).rejects.toMatchObject({ reason: 'rotation_not_enabled' })

    expect(pauses).toEqual([])
  })

  it('is ended: a rotation that was finished, and taken back by an operator', async () => {
    const bench = await startRotationBench({}, both)
    await bench.rotate()
    await bench.rotate()
    const serving = await bench.stored('AWSPREVIOUS')
    await bench.moveBack()

    await expect(bench.rotate()).rejects.toMatchObject({ reason: 'version_was_current', withdrawn: true })

    expect(await bench.stored()).toEqual(serving)
    await bench.rotate()
    expect(await bench.signIn(await bench.stored())).toBe('signed_in')
  })
})

const context = { getRemainingTimeInMillis: () => 60_000 }

const event = (bench: RotationBench, Step: RotationStep, version: string): object => ({
  Step,
  SecretId: bench.provisioned.machineSecretArn,
  ClientRequestToken: version,
})

/** One function instance for all steps of a rotation that Secrets Manager has begun; its store lags from `start` on. */
function begun(bench: RotationBench, wrong: (real: SecretStore) => Partial<SecretStore>) {
  const version = randomUUID()
  const { store, ...deps } = bench.deps()
  let pauses: number[] = []
  let isLate = false
  const slept = (): number => pauses.reduce((sum, ms) => sum + ms, 0)
  const described: SecretStore = {
    ...store,
    describe: async () => ({ rotationEnabled: true, stages: { [version]: ['AWSPENDING'], ...(await bench.stages()) } }),
  }
  const late: SecretStore = {
    ...described,
    read: (...asked) => ({ ...store, ...(isLate && slept() < 3_000 && wrong(store)) }).read(...asked),
  }
  const sleep = (ms: number): Promise<unknown> => Promise.resolve(pauses.push(ms))
  const rotate = createRotationHandler({ ...deps, store: late, sleep })
  const start = (): void => {
    isLate = true
    pauses = []
  }
  return {
    version,
    lag: { start, pauses: () => pauses },
    handle: (step: RotationStep): Promise<void> => rotate(event(bench, step, version), context),
  }
}
