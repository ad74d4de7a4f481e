import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TemplateChoice } from '#infra/local/set-up/apply-templates.ts'
import { awsClientOptions, unrepeatedCallOptions } from '#shared/aws/aws-client-options.ts'
import type { FaultKind } from '../../../infra/emulators/aws/faults.ts'
import {
  clientToken,
  password,
  ready,
  rotationBenches,
  type RotationBench,
  type Stored,
} from '../../unit/services/credential-rotation/rotation-bench.ts'

/**
 * After `rotations`. What costs nothing: in `password` the trial's session not revoked, and each time the lost answer to
 * the move of AWSCURRENT, and a token endpoint that fails as one does before its domain is served.
 */
type Kind = {
  readonly kind: string
  readonly choice: TemplateChoice
  readonly rotations: number
  readonly costsNothing: number
}

const userKinds: readonly Kind[] = [
  { kind: 'that makes the first user', choice: password, rotations: 0, costsNothing: 3 },
  { kind: 'that makes the other user', choice: password, rotations: 1, costsNothing: 3 },
  { kind: 'that takes the other user again', choice: password, rotations: 2, costsNothing: 3 },
]

const clientKinds: readonly Kind[] = [
  { kind: 'for client-token', choice: clientToken, rotations: 2, costsNothing: 1 },
  {
    kind: 'for password and client-credentials',
    choice: { accepted: ['password', 'client-credentials'], app2Authorizer: 'lambda' },
    rotations: 2,
    costsNothing: 4,
  },
]

type Breakdown = {
  readonly operation: string
  readonly nth: number
  readonly kind: FaultKind
  readonly when: 'before' | 'after'
}

/** Every call that a rotation makes, failing before its effect, and after it. */
async function breakdownsOf(bench: RotationBench): Promise<Breakdown[]> {
  const earlier = bench.aws.calls.length
  await bench.rotate()
  const counts = new Map<string, number>()
  return bench.aws.calls.slice(earlier).flatMap(({ operation }): Breakdown[] => {
    const nth = (counts.get(operation) ?? 0) + 1
    counts.set(operation, nth)
    return [
      { operation, nth, kind: 'internal_error', when: 'before' },
      { operation, nth, kind: 'connection_reset', when: 'after' },
    ]
  })
}

/** Gives secrets whose next rotation is of that kind. One that takes users or secrets in turn does so ever after. */
function benchesOf({ choice, rotations }: Kind): () => Promise<RotationBench> {
  const rotated = rotationBenches(choice)
  let alternating: Promise<RotationBench> | undefined
  return () => (rotations < 2 ? rotated(rotations) : (alternating ??= rotated(rotations)))
}

/** What has to hold at every moment: one current version, the key as it was, and credentials that Cognito takes. */
async function expectServing(bench: RotationBench): Promise<void> {
  const labels = Object.values(await bench.stages()).flat()
  expect(labels.filter((label) => label === 'AWSCURRENT')).toHaveLength(1)
  const current = await bench.stored()
  expect(current.idempotency_secret).toBe('i'.repeat(64))
  if ('username' in current) expect(await bench.signInWith(current)).toBe('signed_in')
  if ('scope_client_id' in current) expect(await bench.tokenBy(current)).toBe('issued')
}

/** What has to hold after a rotation: beside that, its version is the current one, and what it made is whole and new. */
async function expectRotated(bench: RotationBench, before: Stored): Promise<void> {
  await expectServing(bench)
  expect(await bench.isRotating()).toBe(false)
  const current = await bench.stored()
  if (bench.provisioned.machineClientId !== undefined) {
    expect(current.password).not.toBe(before.password)
    expect(await bench.user(current.username)).toMatchObject({ status: 'CONFIRMED', groups: ready.groups })
  }
  if (bench.provisioned.machineScopeClientId !== undefined) {
    expect(current.scope_client_secret_id).not.toBe(before.scope_client_secret_id)
    expect(await bench.secretIds()).toContain(current.scope_client_secret_id)
  }
}

describe.each([...userKinds, ...clientKinds])('a rotation $kind', (kind) => {
  const nextBench = benchesOf(kind)

  it('broken off at any call and repeated as a whole ends well, and what is current serves all the while', async () => {
    const breakdowns = await breakdownsOf(await nextBench())
    let failures = 0

    for (const { nth, ...fault } of breakdowns) {
      const bench = await nextBench()
      // Cognito names a secret by the moment at which it was drawn.
      bench.clock.now += 1_000
      const before = await bench.stored()
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
    expect(breakdowns.length - failures).toBe(kind.costsNothing)
  }, 60_000)
})

describe.each(userKinds)('a rotation $kind', (kind) => {
  const nextBench = benchesOf(kind)

  it('whose answers are lost, each one once, is repaired by the SDK’s own repeats, but for the one offer of a password', async () => {
    const breakdowns = await breakdownsOf(await nextBench())
    const failed: string[] = []

    for (const { nth, ...fault } of breakdowns.filter(({ when }) => when === 'after')) {
      const bench = await nextBench()
      const deps = bench.deps(patientClients(bench))
      const before = await bench.stored()
      bench.aws.setFaults([{ ...fault, calls: { nth } }])

      await bench.rotate({}, deps).catch(async () => {
        failed.push(fault.operation)
        await bench.rotate({}, deps)
      })

      bench.aws.setFaults([])
      await expectRotated(bench, before)
    }

    expect(failed).toEqual(['InitiateAuth'])
  }, 60_000)

  it('leaves the current user able to sign in after each single call', async () => {
    const bench = await nextBench()
    const clients = patientClients(bench)
    let checks = 0
    for (const client of Object.values(clients)) {
      checkAfterEachCall(client, async () => {
        await expectServing(bench)
        checks += 1
      })
    }

    await bench.rotate({}, bench.deps(clients))

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
function patientClients({ aws }: RotationBench) {
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
