import {
  CreateUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  GetUserCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { secretsFoundIn } from '#test/support/search-secrets.ts'
import { callsOf, ready, rotated, startRotationBench, usersOf, type Stored } from './rotation-bench.ts'

describe('the rotation of the machine secret', () => {
  it('the first one makes a machine user that can sign in, and keeps the key of the provisioning ids', async () => {
    const bench = await startRotationBench()
    const { idempotency_secret } = await bench.stored()

    await bench.rotate()

    const current = await bench.stored()
    const { UserPoolClient: client } = await bench.cognito.send(
      new DescribeUserPoolClientCommand({
        UserPoolId: bench.provisioned.userPoolId,
        ClientId: bench.provisioned.machineClientId,
      }),
    )
    expect(current).toEqual({
      username: expect.stringMatching(/^latchkey-machine-[a-z0-9]{26}$/) as string,
      password: expect.any(String) as string,
      client_id: bench.provisioned.machineClientId,
      client_secret: client?.ClientSecret,
      idempotency_secret,
    })
    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await bench.user(current.username)).toMatchObject(ready)
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
    expect(await usersOf(bench)).toBe(2)
    for (const user of [first, second]) expect(await bench.user(user ?? '')).toMatchObject(ready)
    expect(callsOf(bench, 'DescribeUserPoolClient')).toBe(1)
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

    expect(await bench.signIn(await bench.stored())).toBe('signed_in')
    expect(await usersOf(bench)).toBe(2)
    expect(bench.logger.lines.map(({ operation, outcome }) => `${String(operation)} ${String(outcome)}`)).toEqual([
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
    const hash = createHmac('sha256', previous.client_secret).update(previous.username + previous.client_id)
    const SECRET_HASH = hash.digest('base64')
    let session: string | undefined
    const signIn = async (): Promise<void> => {
      const { AuthenticationResult } = await bench.cognito.send(
        new InitiateAuthCommand({
          AuthFlow: 'USER_PASSWORD_AUTH',
          ClientId: previous.client_id,
          AuthParameters: { USERNAME: previous.username, PASSWORD: previous.password, SECRET_HASH },
        }),
      )
      session = AuthenticationResult?.AccessToken
    }

    await bench.rotate({ before: { setSecret: signIn } })

    const asked = bench.cognito.send(new GetUserCommand({ AccessToken: session }))
    await expect(asked).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it('revokes the session of its own trial sign-in', async () => {
    const bench = await rotated(1)

    expect([callsOf(bench, 'InitiateAuth'), callsOf(bench, 'RevokeToken')]).toEqual([1, 1])
  })

  it('with a session that cannot be revoked, says so and goes on', async () => {
    const bench = await startRotationBench()
    bench.aws.setFaults([{ operation: 'RevokeToken', kind: 'throttled', when: 'before', calls: { nth: 1 } }])

    await bench.rotate()

    expect(bench.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', error_name: 'TooManyRequestsException' }),
    )
    expect(await bench.signIn(await bench.stored())).toBe('signed_in')
  })

  it('reads the client secret anew when the app client is another one than before', async () => {
    const bench = await rotated(1)
    const { userPoolId } = bench.provisioned
    const { UserPoolClient: client } = await bench.cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId: userPoolId,
        ClientName: 'replaced',
        GenerateSecret: true,
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      }),
    )
    await bench.put({ ...(await bench.stored()), client_id: client?.ClientId, client_secret: client?.ClientSecret })

    await bench.rotate()

    expect(await bench.stored()).toMatchObject({ client_id: bench.provisioned.machineClientId })
    expect(callsOf(bench, 'DescribeUserPoolClient')).toBe(2)
  })

  it('waits for a new user that Cognito does not show at once', async () => {
    const bench = await startRotationBench({ readAfterWriteLagMs: 1_500 })
    const waits: number[] = []
    const sleep = (ms: number): Promise<void> => {
      waits.push(ms)
      bench.clock.now += ms
      return Promise.resolve()
    }

    await bench.rotate({ sleep })

    expect(waits).toEqual([100, 200, 400, 800])
    expect(await bench.signIn(await bench.stored())).toBe('signed_in')
  })

  it('gives up on a new user that stays unseen, and finds it when it is repeated', async () => {
    const bench = await startRotationBench({ readAfterWriteLagMs: 1_501 })
    const sleep = (ms: number): Promise<void> => {
      bench.clock.now += ms
      return Promise.resolve()
    }
    await expect(bench.rotate({ sleep })).rejects.toMatchObject({ reason: 'user_not_found', withdrawn: false })
    bench.clock.now += 1

    await bench.rotate()

    expect(await bench.signIn(await bench.stored())).toBe('signed_in')
    expect(await usersOf(bench)).toBe(1)
  })

  it('says in its audit lines who and what, and never a name, a password or a key', async () => {
    const bench = await startRotationBench()
    for (let rotation = 1; rotation <= 3; rotation += 1) await bench.rotate()

    const [current, previous] = [await bench.stored(), await bench.stored('AWSPREVIOUS')]
    const { sub } = await bench.user(current.username)
    const version = Object.entries(await bench.stages()).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0]
    expect(bench.logger.lines.slice(-4)).toEqual(
      [
        { operation: 'createSecret', outcome: 'other_user', sub },
        { operation: 'setSecret', outcome: 'refreshed', sub },
        { operation: 'testSecret', outcome: 'signed_in', sub },
        { operation: 'finishSecret', outcome: 'current' },
      ].map((fields) => ({
        level: 'info',
        message: 'machine credential rotation: step done',
        secret_version: version,
        ...fields,
      })),
    )
    const secrets = [current, previous].flatMap((secret) => [
      secret.username,
      secret.password,
      secret.client_secret,
      secret.idempotency_secret,
    ])
    expect(secretsFoundIn(JSON.stringify(bench.logger.lines), secrets)).toEqual([])
  })

  it('a new user that cannot join its group gets no permanent password', async () => {
    const bench = await startRotationBench()
    bench.aws.setFaults([
      { operation: 'AdminAddUserToGroup', kind: 'access_denied', when: 'before', calls: { next: 1 } },
    ])

    await expect(bench.rotate()).rejects.toMatchObject({
      call: 'AdminAddUserToGroup',
      errorName: 'AccessDeniedException',
    })

    expect(callsOf(bench, 'AdminSetUserPassword')).toBe(0)
    expect(await bench.user((await bench.stored('AWSPENDING')).username)).toMatchObject({
      status: 'FORCE_CHANGE_PASSWORD',
      groups: [],
    })
  })
})
