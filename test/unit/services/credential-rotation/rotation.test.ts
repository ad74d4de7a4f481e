import { DescribeUserPoolClientCommand, GetUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import type { MachineUserDeps } from '#services/credential-rotation/steps/rotation-step.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'
import { ready, rotationBenches, type RotationBench, type Stored } from './rotation-bench.ts'

const rotated = rotationBenches()

describe('the rotation of the machine secret', () => {
  it('the first one makes a machine user that can sign in, and keeps the key of the provisioning ids', async () => {
    const bench = await rotated(0)
    const { idempotency_secret } = await bench.stored()
    const { userPoolId: UserPoolId, machineClientId: ClientId } = bench.provisioned

    await bench.rotate()

    const current = await bench.stored()
    const { UserPoolClient } = await bench.cognito.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
    expect(current).toEqual({
      username: expect.stringMatching(/^latchkey-machine-[a-z0-9]{26}$/) as string,
      password: expect.any(String) as string,
      client_id: ClientId,
      client_secret: UserPoolClient?.ClientSecret,
      idempotency_secret,
    })
    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await bench.user(current.username)).toMatchObject(ready)
    expect([bench.calls('InitiateAuth'), bench.calls('RevokeToken')]).toEqual([2, 1])
  })

  it('the second one makes the other user, and from then on two of them alternate with ever new passwords', async () => {
    const bench = await rotated(1)
    const seen: Stored[] = [await bench.stored()]
    for (let rotation = 2; rotation <= 5; rotation += 1) {
      await bench.rotate()
      seen.push(await bench.stored())
    }

    const [first, second, third, fourth, fifth] = seen.map(({ username }) => username)
    expect([third, fourth, fifth]).toEqual([first, second, first])
    expect(second).not.toBe(first)
    expect(new Set(seen.map(({ password }) => password)).size).toBe(5)
    expect(new Set(seen.map(({ idempotency_secret }) => idempotency_secret)).size).toBe(1)
    expect(new Set(seen.map(({ client_secret }) => client_secret)).size).toBe(1)
    expect(bench.calls('AdminCreateUser')).toBe(2)
    for (const user of [first, second]) expect(await bench.user(user ?? '')).toMatchObject(ready)
    expect(bench.calls('DescribeUserPoolClient')).toBe(1)
  })

  it('leaves the user that was current as it is: for one more rotation its password stays good', async () => {
    const bench = await rotated(2)
    const current = await bench.stored()

    await bench.rotate()

    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await bench.stored('AWSPREVIOUS')).toEqual(current)
    await bench.rotate()
    expect(await bench.signIn(current)).toBe('NotAuthorizedException')
  })

  it('each step called three times does what one call does', async () => {
    const bench = await rotated(2)

    await bench.rotate({ times: 3 })

    expect(await bench.signIn({})).toBe('signed_in')
    expect(bench.calls('AdminCreateUser')).toBe(2)
    expect(bench.outcomes()).toEqual([
      'createSecret other_user',
      'createSecret repeated',
      'createSecret repeated',
      ...Array.from({ length: 3 }, () => 'setSecret refreshed'),
      ...Array.from({ length: 3 }, () => 'testSecret signed_in'),
      'finishSecret current',
      'finishSecret already_current',
      'finishSecret already_current',
    ])
  })

  it('ends the sessions that were opened with the old password, also one opened at the last moment', async () => {
    const bench = await rotated(2)
    const previous = await bench.stored('AWSPREVIOUS')
    let session: string | undefined
    const signIn = async (): Promise<void> => {
      session = (await bench.initiate(previous)).AuthenticationResult?.AccessToken
    }

    await bench.rotate({ before: { setSecret: signIn } })

    const asked = bench.cognito.send(new GetUserCommand({ AccessToken: session }))
    await expect(asked).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it('with a session that cannot be revoked, says so and goes on', async () => {
    const bench = await rotated(0)
    bench.aws.setFaults([{ operation: 'RevokeToken', kind: 'throttled', when: 'before', calls: { nth: 1 } }])

    await bench.rotate()

    expect(bench.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', error_name: 'TooManyRequestsException' }),
    )
    expect(await bench.signIn({})).toBe('signed_in')
  })

  it('reads the client secret anew when the app client is another one than before', async () => {
    const bench = await rotated(1)
    const client_id = await bench.copyClient(bench.provisioned.machineClientId)
    await bench.put({ ...(await bench.stored()), client_id, client_secret: 'of another client' })
    const before = bench.calls('DescribeUserPoolClient')

    await bench.rotate()

    expect(await bench.stored()).toMatchObject({ client_id: bench.provisioned.machineClientId })
    expect(await bench.signIn({})).toBe('signed_in')
    expect(bench.calls('DescribeUserPoolClient') - before).toBe(1)
  })

  /** A rotation whose function does not see its user at the first so many looks; gives its pauses. */
  async function rotateUnseen(bench: RotationBench, looks: number): Promise<readonly number[]> {
    const pauses: number[] = []
    const { machineUser } = bench.deps()
    let looked = 0
    const find: MachineUserDeps['users']['find'] = async (...asked) =>
      ++looked > looks ? machineUser?.users.find(...asked) : undefined
    const late = machineUser && { ...machineUser, users: { ...machineUser.users, find } }
    await bench.rotate({
      deps: (step) => ({
        ...(step === 'setSecret' && { machineUser: late }),
        sleep: (ms) => Promise.resolve(pauses.push(ms)),
      }),
    })
    return pauses
  }

  it('waits for a new user that Cognito does not show at once', async () => {
    const bench = await rotated(0)

    // Once before it is made, and four times after.
    expect(await rotateUnseen(bench, 5)).toEqual([100, 200, 400, 800])

    expect(await bench.signIn({})).toBe('signed_in')
  })

  it('gives up on a new user that stays unseen, and finds it when it is repeated', async () => {
    const bench = await rotated(0)
    await expect(rotateUnseen(bench, 6)).rejects.toMatchObject({ reason: 'user_not_found', withdrawn: false })

    await bench.rotate()

    expect(await bench.signIn({})).toBe('signed_in')
    expect(bench.calls('AdminCreateUser')).toBe(1)
  })

  it('says in its audit lines who and what, and never a name, a password or a key', async () => {
    const bench = await rotated(0)
    for (let rotation = 1; rotation <= 3; rotation += 1) await bench.rotate()

    const [current, previous] = [await bench.stored(), await bench.stored('AWSPREVIOUS')]
    const { sub } = await bench.user(current.username)
    const secret_version = await bench.versionWith('AWSCURRENT')
    expect(bench.logger.lines.slice(-4)).toEqual(
      [
        { operation: 'createSecret', outcome: 'other_user', sub },
        { operation: 'setSecret', outcome: 'refreshed', sub },
        { operation: 'testSecret', outcome: 'signed_in', sub },
        { operation: 'finishSecret', outcome: 'current' },
      ].map((fields) => ({
        level: 'info',
        message: 'machine credential rotation: step done',
        secret_version,
        ...fields,
      })),
    )
    const secrets = [current, previous].flatMap(({ username, password, client_secret, idempotency_secret }) => [
      ...[username, password, client_secret, idempotency_secret],
    ])
    expect(secretsFoundIn(JSON.stringify(bench.logger.lines), secrets)).toEqual([])
  })

  it.each([
    { nth: 1, joined: [] },
    { nth: 2, joined: ['api-client'] },
  ])('a new user that cannot join its group $nth gets no permanent password', async ({ nth, joined }) => {
    const bench = await rotated(0)
    const refused = { operation: 'AdminAddUserToGroup', kind: 'access_denied', when: 'before' } as const
    bench.aws.setFaults([{ ...refused, calls: { nth } }])

    const failed = bench.rotate()

    await expect(failed).rejects.toMatchObject({ call: refused.operation, errorName: 'AccessDeniedException' })
    expect(bench.calls('AdminSetUserPassword')).toBe(0)
    const { username } = await bench.stored('AWSPENDING')
    expect(await bench.user(username)).toMatchObject({ status: 'FORCE_CHANGE_PASSWORD', groups: joined })
  })
})
