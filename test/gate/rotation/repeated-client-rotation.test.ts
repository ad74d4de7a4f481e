import { describe, expect, it } from 'vitest'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import { breakdownsOf } from '../../unit/services/credential-rotation/breakdowns.ts'
import { secretIds, storedClient, tokenBy } from '../../unit/services/credential-rotation/client-secret-bench.ts'
import { startRotationBench, type RotationBench } from '../../unit/services/credential-rotation/rotation-bench.ts'

/** What has to hold at every moment: one current version, and a secret in it that gets a token. */
async function expectServing(bench: RotationBench): Promise<void> {
  const labels = Object.values(await bench.stages()).flat()
  expect(labels.filter((label) => label === 'AWSCURRENT')).toHaveLength(1)
  expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
}

/** What has to hold after a rotation: beside that, its version is the current one, and the client has room for the next. */
async function expectRotated(bench: RotationBench, secretBefore: string): Promise<void> {
  await expectServing(bench)
  expect(await bench.isRotating()).toBe(false)
  const { scope_client_secret_id: id } = await storedClient(bench)
  expect(id).not.toBe(secretBefore)
  expect(await secretIds(bench)).toContain(id)
}

describe.each<{ readonly accepted: readonly MachineAuth[] }>([
  { accepted: ['client-token'] },
  { accepted: ['password', 'client-credentials'] },
])('a rotation for $accepted', ({ accepted }) => {
  it('broken off at any call and repeated as a whole ends well, and the current secret serves all the while', async () => {
    const bench = await startRotationBench({}, { accepted, app2Authorizer: 'lambda' })
    await bench.rotate()
    await bench.rotate()
    const breakdowns = await breakdownsOf(bench)
    let failures = 0

    for (const { nth, ...fault } of breakdowns) {
      // Cognito names a secret by the moment at which it was drawn.
      bench.clock.now += 1_000
      const { scope_client_secret_id: before } = await storedClient(bench)
      bench.aws.setFaults([{ ...fault, calls: { nth } }])
      const failure: unknown = await bench.rotate().catch((error: unknown) => error)
      bench.aws.setFaults([])
      if (failure !== undefined) {
        failures += 1
        await expectServing(bench)
        await bench.rotate()
      }
      await expectRotated(bench, before)
    }

    expect(breakdowns.length).toBeGreaterThan(30)
    // What costs nothing: the lost answer to the move of AWSCURRENT, the session of a trial sign-in not revoked, and a
    // token endpoint that fails as one does before its domain is served.
    expect(breakdowns.length - failures).toBe(accepted.includes('password') ? 4 : 1)
  }, 60_000)
})
