// How a secret is rotated: the function's four steps, one after another, while the caller has its answer already.
//
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
import { randomUUID } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import { addVersion, holderOf, moveStage, type SecretVersions } from './versions.ts'

export type RotationEvent = {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'
  readonly SecretId: string
  readonly ClientRequestToken: string
}

/** A secret's rotation function, in whatever way it is called here. */
export type RotationFunction = {
  readonly arn: string
  readonly invoke: (event: RotationEvent) => Promise<unknown>
}

/** What a secret has whose rotation is switched on. */
export type Rotation = RotationFunction & {
  enabled: boolean
  lastRotatedAt: number | undefined
  /** The steps under way, one rotation after another; settles without saying how they ended. */
  running: Promise<void>
}

type Rotated = { readonly arn: string; readonly versions: SecretVersions; rotation: Rotation | undefined }

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const

/**
 * Begins a rotation, or with `immediately: false` only the test of one, and returns the id of its version. A step that
 * fails ends the attempt and leaves its version pending. Secrets Manager repeats it by itself, some time later; here the
 * next call of RotateSecret does. Throws InvalidRequestException for a secret without a rotation function, and while a
 * version is pending that is not current, which is then attempted again.
 */
export function beginRotation(
  secret: Rotated,
  options: { readonly token: string | undefined; readonly immediately: boolean; readonly now: () => number },
): string {
  const { versions, rotation } = secret
  if (rotation === undefined) {
    throw invalidRequest(
      "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.",
    )
  }
  rotation.enabled = true
  const pending = holderOf(versions, 'AWSPENDING')
  if (pending !== undefined && !pending.stages.has('AWSCURRENT')) {
    run(secret, rotation, pending.id, options.now)
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.")
  }
  const { token = randomUUID(), immediately, now } = options
  addVersion(versions, { token, value: undefined, stages: ['AWSPENDING'], createdAt: now() })
  if (immediately) run(secret, rotation, token, now)
  else test(secret, rotation, token)
  return token
}

function run(secret: Rotated, rotation: Rotation, version: string, now: () => number): void {
  later(rotation, async () => {
    for (const Step of steps) await rotation.invoke({ Step, SecretId: secret.arn, ClientRequestToken: version })
    rotation.lastRotatedAt = now()
  })
}

/** The version that it is tested with has no value, and is gone afterwards. */
function test({ arn, versions }: Rotated, rotation: Rotation, version: string): void {
  later(rotation, async () => {
    try {
      await rotation.invoke({ Step: 'testSecret', SecretId: arn, ClientRequestToken: version })
    } finally {
      moveStage(versions, { stage: 'AWSPENDING', from: version, to: undefined })
    }
  })
}

/** A failure is told by the function's own log, as at AWS. */
function later(rotation: Rotation, attempt: () => Promise<void>): void {
  rotation.running = rotation.running.then(attempt).catch(() => undefined)
}

function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message)
}
