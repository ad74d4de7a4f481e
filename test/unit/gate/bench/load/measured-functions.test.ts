import { describe, expect, it, onTestFinished } from 'vitest'
import type { WorkerFunction } from '../../../../../infra/emulators/gateway/lambda-function.ts'
import type { FunctionName } from '#infra/local/pair.ts'
import { createMeasuredFunctions } from '../../../../gate/bench/load/measured-functions.ts'

function startProbe(
  name: FunctionName,
  functions = createMeasuredFunctions({ creationsPerSecond: 4.00049 }),
): WorkerFunction {
  const probe = functions.start({
    name,
    handlerModule: new URL('../../../../../infra/emulators/test/gateway/fixtures/probe-handler.ts', import.meta.url),
    environment: { REGION: 'here' },
    timeoutMs: 10_000,
  })
  onTestFinished(() => probe.close())
  return probe
}

describe('a measured function', () => {
  it('answers as its own handler does, in its own environment', async () => {
    const probe = startProbe('sample')

    expect(await probe.invoke({ do: 'echo' })).toEqual({ do: 'echo' })
    expect(await probe.invoke({ do: 'environment' })).toMatchObject({ REGION: 'here' })
    await expect(probe.invoke({ do: 'unauthorized' })).rejects.toThrow('Unauthorized')
  })

  it('that is create-user, and no other, is told how many creations it may admit', async () => {
    const [createUser, sample] = [startProbe('create-user'), startProbe('sample')]

    expect(await createUser.invoke({ do: 'environment' })).toMatchObject({ CREATIONS_PER_SECOND: '4' })
    expect(await sample.invoke({ do: 'environment' })).not.toHaveProperty('CREATIONS_PER_SECOND')
  })

  it('is idle only when its last call is done, failed ones included', async () => {
    const functions = createMeasuredFunctions({ creationsPerSecond: 1 })
    const probe = startProbe('sample', functions)
    const ends: string[] = []
    const calls = [
      probe.invoke({ do: 'unauthorized' }).catch(() => ends.push('failed')),
      probe.invoke({ do: 'sleep', ms: 200 }).then(() => ends.push('slept')),
    ]

    await functions.idle()

    expect(ends).toEqual(['failed', 'slept'])
    await Promise.all(calls)
  })

  it('says what heap its thread holds, which adds up over the functions and is no call of its handler', async () => {
    const functions = createMeasuredFunctions({ creationsPerSecond: 1 })
    const probe = startProbe('sample', functions)
    const ofOne = await functions.heldHeapBytes()
    startProbe('authorizer', functions)

    const ofTwo = await functions.heldHeapBytes()

    expect(ofOne).toBeGreaterThan(1_000_000)
    expect(ofTwo).toBeGreaterThan(ofOne * 1.5)
    expect(await probe.invoke({ do: 'count' })).toBe(1)
  })
})
