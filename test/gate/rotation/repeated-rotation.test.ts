import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, onTestFinished } from 'vitest'
import { awsClientOptions, unrepeatedCallOptions } from '#shared/aws/aws-client-options.ts'
import { breakdownsOf } from '../../unit/services/credential-rotation/breakdowns.ts'
import { startRotationBench, type RotationBench } from '../../unit/services/credential-rotation/rotation-bench.ts'

const kinds = ['that makes the first user', 'that makes the other user', 'that takes the other user again'] as const
type Kind = (typeof kinds)[number]

/** Gives secrets whose next rotation is of that kind. One that takes users again does so ever after. */
async function secretsFor(bench: RotationBench, kind: Kind): Promise<() => Promise<string>> {
  const secretAfter = async (rotations: number): Promise<string> => {
    const secretArn = await bench.newSecret()
    for (let rotation = 1; rotation <= rotations; rotation += 1) await bench.rotate({ secretArn })
    return secretArn
  }
  if (kind !== 'that takes the other user again') return () => secretAfter(kinds.indexOf(kind))
  const secretArn = await secretAfter(2)
  return () => Promise.resolve(secretArn)
}

/** What has to hold at every moment: one current version, the key as it was, and a user who can sign in. */
async function expectServing(bench: RotationBench, secretArn: string): Promise<void> {
  const labels = Object.values(await bench.stages(secretArn)).flat()
  expect(labels.filter((label) => label === 'AWSCURRENT')).toHaveLength(1)
  const current = await bench.stored('AWSCURRENT', secretArn)
  expect(current.idempotency_secret).toBe('i'.repeat(64))
  if ('username' in current) expect(await bench.signInWith(current)).toBe('signed_in')
}

/** What has to hold after a rotation: beside that, its version is the current one, and the user of it is whole. */
async function expectRotated(bench: RotationBench, secretArn: string, passwordBefore: string): Promise<void> {
  await expectServing(bench, secretArn)
  expect(await bench.isRotating(secretArn)).toBe(false)
  const current = await bench.stored('AWSCURRENT', secretArn)
  expect(current.password).not.toBe(passwordBefore)
  expect(await bench.user(current.username)).toMatchObject({ status: 'CONFIRMED', groups: ['api-client'] })
}

describe.each(kinds)('a rotation %s', (kind) => {
  it('broken off at any call and repeated as a whole ends well, and the current user serves all the while', async () => {
    const bench = await startRotationBench()
    const nextSecret = await secretsFor(bench, kind)
    const breakdowns = await breakdownsOf(bench, await nextSecret())
    let failures = 0

    for (const { nth, ...fault } of breakdowns) {
      const secretArn = await nextSecret()
      const { password } = await bench.stored('AWSCURRENT', secretArn)
      bench.aws.setFaults([{ ...fault, calls: { nth } }])
      const failure: unknown = await bench.rotate({ secretArn }).catch((error: unknown) => error)
      bench.aws.setFaults([])
      if (failure !== undefined) {
        failures += 1
        await expectServing(bench, secretArn)
        await bench.rotate({ secretArn })
      }
      await expectRotated(bench, secretArn, password)
    }

    expect(breakdowns.length).toBeGreaterThan(30)
    // What costs nothing: the trial's session not revoked, and the lost answer to the move of AWSCURRENT.
    expect(breakdowns.length - failures).toBe(3)
  }, 60_000)

  it('whose answers are lost, each one once, is repaired by the SDK’s own repeats, but for the one offer of a password', async () => {
    const bench = await startRotationBench()
    const clients = patientClients(bench)
    const nextSecret = await secretsFor(bench, kind)
    const breakdowns = await breakdownsOf(bench, await nextSecret())
    const failed: string[] = []

    for (const { nth, ...fault } of breakdowns.filter(({ when }) => when === 'after')) {
      const secretArn = await nextSecret()
      const { password } = await bench.stored('AWSCURRENT', secretArn)
      bench.aws.setFaults([{ ...fault, calls: { nth } }])

      await bench.rotate({ secretArn, clients }).catch(async () => {
        failed.push(fault.operation)
        await bench.rotate({ secretArn, clients })
      })

      bench.aws.setFaults([])
      await expectRotated(bench, secretArn, password)
    }

    expect(failed).toEqual(['InitiateAuth'])
  }, 60_000)

  it('leaves the current user able to sign in after each single call', async () => {
    const bench = await startRotationBench()
    const nextSecret = await secretsFor(bench, kind)
    const secretArn = await nextSecret()
    const clients = patientClients(bench)
    let checks = 0
    const check = async (): Promise<void> => {
      await expectServing(bench, secretArn)
      checks += 1
    }
    checkAfterEachCall(clients.cognito, check)
    checkAfterEachCall(clients.unrepeatedCognito, check)
    checkAfterEachCall(clients.secrets, check)

    await bench.rotate({ secretArn, clients })

    expect(checks).toBeGreaterThan(15)
  })
})

function checkAfterEachCall(client: object, check: () => Promise<void>): void {
  const send = Reflect.get(client, 'send') as (...args: unknown[]) => Promise<unknown>
  Reflect.set(client, 'send', async (...args: unknown[]) => {
    try {
      return await Reflect.apply(send, client, args)
    } finally {
      await check()
    }
  })
}

/** Clients with the patience of the deployed ones. */
function patientClients({ aws }: RotationBench): {
  cognito: CognitoIdentityProviderClient
  unrepeatedCognito: CognitoIdentityProviderClient
  secrets: SecretsManagerClient
} {
  const options = {
    endpoint: aws.url,
    region: aws.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
  const clients = {
    cognito: new CognitoIdentityProviderClient({ ...awsClientOptions, ...options }),
    unrepeatedCognito: new CognitoIdentityProviderClient({ ...unrepeatedCallOptions, ...options }),
    secrets: new SecretsManagerClient({ ...awsClientOptions, ...options }),
  }
  onTestFinished(() => {
    for (const client of Object.values(clients)) client.destroy()
  })
  return clients
}
