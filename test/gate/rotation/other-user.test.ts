import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { machineGroups } from '#shared/access-rules.ts'
import { ready, rotationBenches, type RotationBench } from '../../unit/services/credential-rotation/rotation-bench.ts'

const rotated = rotationBenches()

describe('the other machine user, when it is not as a rotation left it', () => {
  const inPool = ({ provisioned }: RotationBench, Username: string) => ({
    UserPoolId: provisioned.userPoolId,
    Username,
  })
  const temporary = { Password: 'Temporary-Password-1', Permanent: false }
  const group = { GroupName: 'api-client' }
  const unfit: readonly [string, (bench: RotationBench, name: string) => Promise<unknown>][] = [
    ['user_disabled', (bench, name) => bench.disable(name)],
    ['user_deleted', (bench, name) => bench.remove(name)],
    [
      'user_not_confirmed',
      (bench, name) => bench.cognito.send(new AdminSetUserPasswordCommand({ ...inPool(bench, name), ...temporary })),
    ],
    ...machineGroups.map((GroupName): (typeof unfit)[number] => [
      'user_not_in_group',
      (bench, name) => bench.cognito.send(new AdminRemoveUserFromGroupCommand({ ...inPool(bench, name), GroupName })),
    ]),
  ]

  it.each(unfit)('%s before the rotation: a new one takes its place, and it stays as it is', async (reason, change) => {
    const bench = await rotated(2)
    const { username: other } = await bench.stored('AWSPREVIOUS')
    const { sub } = await bench.user(other)
    await change(bench, other)
    const before = await bench.user(other).catch(() => 'deleted')

    await bench.rotate()

    const current = await bench.stored()
    expect(current.username).not.toBe(other)
    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await bench.user(current.username)).toMatchObject(ready)
    expect(await bench.user(other).catch(() => 'deleted')).toEqual(before)
    const left = bench.logger.lines.filter(({ outcome }) => outcome === 'left_behind')
    expect(left).toMatchObject([{ level: 'warn', reason, ...(reason !== 'user_deleted' && { sub }) }])
  })

  it.each(unfit)(
    '%s between two steps: the rotation is withdrawn, and the next one makes a new user',
    async (reason, change) => {
      const bench = await rotated(2)
      const serving = await bench.stored()
      const { username: other } = await bench.stored('AWSPREVIOUS')

      const failed = bench.rotate({ before: { setSecret: () => change(bench, other) } })

      await expect(failed).rejects.toMatchObject({ reason, withdrawn: true })
      expect(await bench.isRotating()).toBe(false)
      expect(await bench.stored()).toEqual(serving)
      await bench.rotate()
      expect([other, serving.username]).not.toContain((await bench.stored()).username)
      expect(await bench.signIn({})).toBe('signed_in')
    },
  )

  it('a new user that an operator disables before it is finished is not enabled again', async () => {
    const bench = await rotated(1)
    bench.aws.setFaults([{ operation: 'AdminAddUserToGroup', kind: 'throttled', when: 'before', calls: { nth: 1 } }])
    await expect(bench.rotate()).rejects.toMatchObject({ call: 'AdminAddUserToGroup' })
    const { username: name } = await bench.stored('AWSPENDING')
    await bench.disable(name)

    await expect(bench.rotate()).rejects.toMatchObject({ reason: 'user_disabled', withdrawn: true })

    expect(await bench.user(name)).toMatchObject({ enabled: false, status: 'FORCE_CHANGE_PASSWORD', groups: [] })
    await bench.rotate()
    expect((await bench.stored()).username).not.toBe(name)
  })

  it.each([
    ['the current user itself', {}],
    ['nobody, since it is no secret of ours', { idempotency_secret: 'short' }],
  ])('named by the version before as %s, is a new one', async (_, changes) => {
    const bench = await rotated(1)
    const current = await bench.stored()
    await bench.put({ ...current, ...changes })
    await bench.put(current)

    await bench.rotate()

    expect(await bench.stored()).toMatchObject({ username: expect.stringMatching(/^latchkey-machine-/) as string })
    expect((await bench.stored()).username).not.toBe(current.username)
    expect(await bench.signIn(current)).toBe('signed_in')
  })

  it('named by the version before, but with a name that is not a machine user’s, keeps its password', async () => {
    const bench = await rotated(1)
    const current = await bench.stored()
    const stranger = { username: 'orders-worker', password: 'Orders-Worker-Password-1' }
    const whose = inPool(bench, stranger.username)
    await bench.cognito.send(new AdminCreateUserCommand({ ...whose, MessageAction: 'SUPPRESS' }))
    await bench.cognito.send(new AdminAddUserToGroupCommand({ ...whose, ...group }))
    const password = { Password: stranger.password, Permanent: true }
    await bench.cognito.send(new AdminSetUserPasswordCommand({ ...whose, ...password }))
    await bench.put({ ...current, ...stranger })
    await bench.put(current)

    await bench.rotate()

    expect((await bench.stored()).username).toMatch(/^latchkey-machine-[a-z0-9]{26}$/)
    expect(await bench.signIn(stranger)).toBe('signed_in')
  })
})

describe('labels that an operator moved while a rotation ran', () => {
  it('so that the pending version names the user in use: it is withdrawn, and that user is not touched', async () => {
    const bench = await rotated(2)
    const failed = bench.rotate({ before: { setSecret: () => bench.moveBack() } })

    await expect(failed).rejects.toMatchObject({ reason: 'pending_user_is_current', withdrawn: true })
    expect(await bench.signIn({})).toBe('signed_in')
  })
})
