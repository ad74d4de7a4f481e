import { describe, expect, it } from 'vitest'
import { rotationBenches, startInstance, type RotationBench } from './rotation-bench.ts'

const rotated = rotationBenches()

describe('a pending password that Cognito rejects', () => {
  const lockOut = async (bench: RotationBench): Promise<void> => {
    const { username } = await bench.stored('AWSPENDING')
    for (let attempt = 1; attempt <= 5; attempt += 1) await bench.signIn({ username, password: 'Wrong-Password-1' })
  }

  const fail = (bench: RotationBench, ...operations: readonly string[]): void => {
    const fault = { kind: 'internal_error', when: 'before', calls: { nth: 1 } } as const
    bench.aws.setFaults(operations.map((operation) => ({ operation, ...fault })))
  }

  it('is offered once: the user is disabled, the version withdrawn, and a new user takes over', async () => {
    const bench = await rotated(2)
    const serving = await bench.stored()
    const { username: other } = await bench.stored('AWSPREVIOUS')
    const before = bench.calls('InitiateAuth')

    const failed = bench.rotate({ before: { testSecret: () => lockOut(bench) } })

    await expect(failed).rejects.toMatchObject({ reason: 'password_rejected', withdrawn: true })
    const { sub, enabled } = await bench.user(other)
    expect(bench.calls('InitiateAuth') - before).toBe(5 + 1)
    expect(enabled).toBe(false)
    expect(bench.logger.lines.at(-1)).toMatchObject({
      level: 'error',
      reason: 'password_rejected',
      outcome: 'withdrawn',
      sub,
    })
    expect(await bench.stored()).toEqual(serving)
    expect(await bench.signIn(serving)).toBe('signed_in')
    await bench.rotate()
    expect((await bench.stored()).username).not.toBe(other)
  })

  it.each([
    ['the user cannot be disabled', 'AdminDisableUser', true],
    ['the version cannot be withdrawn', 'UpdateSecretVersionStage', false],
  ])('is not offered again when %s', async (_, operation, withdrawn) => {
    const bench = await rotated(2)
    const failing = async (): Promise<void> => {
      await lockOut(bench)
      fail(bench, operation)
    }
    const failed = bench.rotate({ before: { testSecret: failing } })
    await expect(failed).rejects.toMatchObject({ reason: 'password_rejected', withdrawn })
    const before = bench.calls('InitiateAuth')
    bench.clock.now += 60 * 60_000

    const repeated = await bench.rotate().catch((error: unknown) => error)

    expect(repeated).toEqual(
      withdrawn ? undefined : expect.objectContaining({ reason: 'user_disabled', withdrawn: true }),
    )
    expect(bench.calls('InitiateAuth') - before).toBe(withdrawn ? 1 : 0)
  })

  it('is not offered again by the same instance when neither can be done, and both are done at the repeat', async () => {
    const bench = await rotated(2)
    const { username } = await bench.stored('AWSPREVIOUS')
    const { run } = startInstance(bench)
    for (const step of ['createSecret', 'setSecret']) await run(step)
    await lockOut(bench)
    fail(bench, 'AdminDisableUser', 'UpdateSecretVersionStage')
    await expect(run('testSecret')).rejects.toMatchObject({ reason: 'password_rejected', withdrawn: false })
    const before = bench.calls('InitiateAuth')

    await expect(run('testSecret')).rejects.toMatchObject({ reason: 'password_rejected', withdrawn: true })

    expect(bench.calls('InitiateAuth')).toBe(before)
    expect(await bench.user(username)).toMatchObject({ enabled: false })
  })

  it('whose user an operator disabled after it was set, is not offered at all', async () => {
    const bench = await rotated(2)
    const { username: other } = await bench.stored('AWSPREVIOUS')
    const before = bench.calls('InitiateAuth')

    const failed = bench.rotate({ before: { testSecret: () => bench.disable(other) } })

    await expect(failed).rejects.toMatchObject({ reason: 'user_disabled', withdrawn: true })
    expect(bench.calls('InitiateAuth')).toBe(before)
  })

  it('whose user was deleted after it was set, fails and leaves the rotation to be repeated', async () => {
    const bench = await rotated(1)
    const gone = async (): Promise<unknown> => bench.remove((await bench.stored('AWSPENDING')).username)

    const failed = bench.rotate({ before: { testSecret: gone } })

    await expect(failed).rejects.toMatchObject({ reason: 'user_not_found', withdrawn: false })
    await bench.rotate()
    expect(await bench.signIn({})).toBe('signed_in')
    expect(bench.calls('AdminCreateUser')).toBe(3)
  })
})
