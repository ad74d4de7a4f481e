import { CreateSecretCommand, DescribeSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { rotateSecret } from '#infra/local/set-up/rotate-secret.ts'
import { createSecretStore, type SecretState } from '#services/credential-rotation/secret-store.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { startTestAws } from '../../../../../infra/emulators/test/aws/test-aws.ts'

type Seen = { readonly event: Record<string, string>; readonly state: SecretState; readonly remainingMs: number }

async function startSecret() {
  const local = await startTestAws()
  const { secrets } = local
  const created = await secrets.send(new CreateSecretCommand({ Name: 'machine', SecretString: 'one' }))
  const { ARN: secretArn = '', VersionId: first = '' } = created
  const store = createSecretStore({ secretsManager: secrets, secretArn })
  const options = { signal: new AbortController().signal }
  const seen: Seen[] = []

  /** A function that stores a value at createSecret, moves AWSCURRENT at finishSecret, and breaks off where it is told. */
  const rotate = (breaksOffAt?: string): Promise<void> =>
    rotateSecret({
      secretArn,
      store,
      createFunction: (given) => async (event, context) => {
        const { Step, ClientRequestToken: version = '' } = event as Record<string, string>
        const state = await given.describe(options)
        seen.push({ event: event as Record<string, string>, state, remainingMs: context.getRemainingTimeInMillis() })
        if (Step === breaksOffAt) throw new Error(breaksOffAt)
        if (Step === 'createSecret') await given.putPending(version, new SecretValue(`value of ${version}`), options)
        if (Step === 'finishSecret') await given.makeCurrent({ from: first, to: version }, options)
      },
    })

  const stages = async (): Promise<unknown> =>
    (await secrets.send(new DescribeSecretCommand({ SecretId: secretArn }))).VersionIdsToStages
  return { ...local, secretArn, first, seen, rotate, stages }
}

const token = (call: Seen | undefined): string => call?.event['ClientRequestToken'] ?? ''

describe('rotateSecret', () => {
  it('calls the four steps in order, with one token, and leaves AWSPENDING on the version that is current then', async () => {
    const { rotate, seen, stages, secretArn, first } = await startSecret()

    await rotate()

    const version = token(seen[0])
    expect(seen.map(({ event }) => event)).toEqual(
      ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((Step) => ({
        Step,
        SecretId: secretArn,
        ClientRequestToken: version,
      })),
    )
    expect(seen.every(({ remainingMs }) => remainingMs === 60_000)).toBe(true)
    expect(await stages()).toEqual({ [first]: ['AWSPREVIOUS'], [version]: ['AWSPENDING', 'AWSCURRENT'] })
  })

  it('shows rotation as enabled, and the new version as pending before it has a value', async () => {
    const { rotate, seen, first } = await startSecret()

    await rotate()

    const version = token(seen[0])
    for (const { state } of seen) {
      expect(state).toEqual({ rotationEnabled: true, stages: { [first]: ['AWSCURRENT'], [version]: ['AWSPENDING'] } })
    }
  })

  it('takes up again a version that was left pending, and starts another one otherwise', async () => {
    const { rotate, seen } = await startSecret()

    await expect(rotate('createSecret')).rejects.toThrow('createSecret')
    await expect(rotate('setSecret')).rejects.toThrow('setSecret')
    await rotate()

    const [withoutValue, leftPending, , ...repeated] = seen.map((call) => token(call))
    expect(leftPending).not.toBe(withoutValue)
    expect(new Set(repeated)).toEqual(new Set([leftPending]))
  })

  it('does not take the current version for an unfinished one, though it is pending still', async () => {
    const { rotate, seen, secrets, secretArn, first } = await startSecret()
    const current = randomUUID()
    await secrets.send(
      new PutSecretValueCommand({
        SecretId: secretArn,
        ClientRequestToken: current,
        SecretString: 'two',
        VersionStages: ['AWSCURRENT', 'AWSPENDING'],
      }),
    )

    await expect(rotate('setSecret')).rejects.toThrow('setSecret')

    const version = token(seen[0])
    expect([current, first]).not.toContain(version)
    expect(seen[0]?.state.stages).toEqual({
      [first]: ['AWSPREVIOUS'],
      [current]: ['AWSCURRENT'],
      [version]: ['AWSPENDING'],
    })
  })
})
