import { describe, expect, it } from 'vitest'
import { rotationSteps } from '#services/credential-rotation/rotation-handler.ts'
import { both, ready, rotationBenches } from './rotation-bench.ts'

describe('a mode', () => {
  const rotated = rotationBenches(both)
  const passwordAlone = { scopeClient: undefined }
  const clientAlone = { machineUser: undefined }

  it('that is added is in the next version, beside the credentials that serve', async () => {
    const bench = await rotated(0)
    await bench.rotate({ deps: () => passwordAlone })
    const before = await bench.stored()

    await bench.rotate()

    expect(before).not.toHaveProperty('scope_client_id')
    const current = await bench.stored()
    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await bench.tokenBy(current)).toBe('issued')
    expect(current.idempotency_secret).toBe(before.idempotency_secret)
  })

  it('that is accepted while a rotation runs has the pending version withdrawn', async () => {
    const bench = await rotated(0)
    bench.aws.setFaults([{ operation: 'AdminAddUserToGroup', kind: 'throttled', when: 'before', calls: { nth: 1 } }])
    await bench.rotate({ deps: () => passwordAlone }).catch(() => undefined)

    await expect(bench.rotate()).rejects.toMatchObject({ reason: 'pending_outdated', withdrawn: true })
  })

  it.each(['setSecret', 'testSecret', 'finishSecret'] as const)(
    'that is closed before %s has the pending version withdrawn, and no fields in the next one',
    async (closedBefore) => {
      const bench = await rotated(1)
      const serving = await bench.stored()
      const isOpen = (step: (typeof rotationSteps)[number]): boolean =>
        rotationSteps.indexOf(step) < rotationSteps.indexOf(closedBefore)

      const failed = bench.rotate({ deps: (step) => (isOpen(step) ? {} : clientAlone) })

      await expect(failed).rejects.toMatchObject({ reason: 'pending_outdated', withdrawn: true })
      expect(await bench.stored()).toEqual(serving)
      await bench.rotate({ deps: () => clientAlone })
      const current = await bench.stored()
      expect(Object.keys(current)).toEqual([
        ...['scope_client_id', 'scope_client_secret', 'scope_client_secret_id', 'idempotency_secret'],
      ])
      expect(await bench.tokenBy(current)).toBe('issued')
    },
  )
})

describe('a group of machine users', () => {
  const rotated = rotationBenches()
  const ofCreation = { machineGroups: ['api-client'] } as const

  // Nothing begins that rotation: a deployment that switches lifeCycle on does not.
  it('that is added is the current user’s after one rotation, and the user without it is not used again', async () => {
    const bench = await rotated(0)
    const before = bench.deps(undefined, ofCreation)
    await bench.rotate({}, before)
    await bench.rotate({}, before)
    const [served, other] = [await bench.stored(), await bench.stored('AWSPREVIOUS')]
    bench.logger.lines.length = 0

    await bench.rotate()

    const { username } = await bench.stored()
    expect([served.username, other.username]).not.toContain(username)
    expect(await bench.user(username)).toMatchObject(ready)
    for (const old of [served, other]) {
      expect(await bench.user(old.username)).toMatchObject({ enabled: true, groups: ['api-client'] })
    }
    expect(bench.logger.lines).toContainEqual(
      expect.objectContaining({ reason: 'user_not_in_group', outcome: 'left_behind' }),
    )
  })

  it('that is taken away leaves both users in use', async () => {
    const bench = await rotated(2)
    const names = [await bench.stored(), await bench.stored('AWSPREVIOUS')].map(({ username }) => username)

    await bench.rotate({}, bench.deps(undefined, ofCreation))

    expect(names).toContain((await bench.stored()).username)
  })
})

describe.each(['password', 'client-token', 'client-credentials'] as const)(
  'an app client that a deployment replaces while a version is pending, with %s,',
  (mode) => {
    const rotated = rotationBenches({ accepted: [mode], app2Authorizer: 'lambda' })

    it('stops no later rotation: the version is withdrawn, the next one is for the new client', async () => {
      const bench = await rotated(1)
      const interrupted = bench.rotate({ before: { setSecret: () => Promise.reject(new Error('interrupted')) } })
      await expect(interrupted).rejects.toThrow('interrupted')
      const client = mode === 'password' ? 'machineClientId' : 'machineScopeClientId'
      const clientId = await bench.copyClient(bench.provisioned[client])
      const replaced = bench.deps(undefined, { [client]: clientId })

      await expect(bench.rotate({}, replaced)).rejects.toMatchObject({ reason: 'pending_outdated', withdrawn: true })

      await bench.rotate({}, replaced)
      const current = await bench.stored()
      if (mode === 'password') {
        expect(current.client_id).toBe(clientId)
        expect(await bench.signInWith(current)).toBe('signed_in')
      } else {
        expect(current.scope_client_id).toBe(clientId)
        expect(await bench.tokenBy(current)).toBe('issued')
      }
    })
  },
)
