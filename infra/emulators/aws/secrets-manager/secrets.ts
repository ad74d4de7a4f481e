// A secret of local Secrets Manager, how it is made and how AWS describes it; the description never holds a value.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { text } from '../input.ts'
import { alphanumerics, randomText } from '../../random-text.ts'
import type { ResourcePolicy } from './resource-policy.ts'
import type { Rotation } from './rotation.ts'
import { stagesByVersion, type SecretVersions } from './versions.ts'

export type Secret = {
  readonly sequence: number
  readonly arn: string
  readonly name: string
  readonly description: string | undefined
  readonly kmsKeyId: string | undefined
  readonly tags: readonly Tag[]
  readonly createdAt: number
  readonly versions: SecretVersions
  changedAt: number
  /** Undefined for one whose value nobody has read. */
  accessedAt: number | undefined
  deletionDate: number | undefined
  resourcePolicy: ResourcePolicy | undefined
  /** Undefined while rotation is not switched on. */
  rotation: Rotation | undefined
}

export type Tag = { readonly Key?: string | undefined; readonly Value?: string | undefined }

export const oneSecret = z.object({ SecretId: text({ min: 1, max: 2048 }) })
export const versionId = text({ min: 32, max: 64 })

const mostBytes = 65_536

// Counted in bytes of UTF-8: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const fitting = z.refine<string>((value) => Buffer.byteLength(value) <= mostBytes, {
  error: `Member must have length less than or equal to ${mostBytes}`,
})

export const secretData = {
  ClientRequestToken: z.optional(versionId),
  SecretString: z.optional(text({ min: 1 }).check(fitting)),
  SecretBinary: z.optional(z.string()),
}

export const createSecretInput = z.object({
  Name: text({ min: 1, max: 512 }),
  Description: z.optional(text({ max: 2048 })),
  KmsKeyId: z.optional(text({ max: 2048 })),
  Tags: z.optional(z.array(z.object({ Key: z.optional(z.string()), Value: z.optional(z.string()) }))),
  ...secretData,
})

/** Throws ValidationException for a name that no secret can have. */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) return
  throw new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  )
}

/** A secret without a version yet; six random characters tell its ARN from that of an earlier one of the same name. */
export function makeSecret(
  input: z.infer<typeof createSecretInput>,
  {
    arnPrefix,
    createdAt,
    sequence,
  }: { readonly arnPrefix: string; readonly createdAt: number; readonly sequence: number },
): Secret {
  return {
    sequence,
    arn: makeArn(arnPrefix, input.Name),
    name: input.Name,
    description: input.Description,
    kmsKeyId: input.KmsKeyId,
    tags: input.Tags ?? [],
    createdAt,
    versions: new Map(),
    changedAt: createdAt,
    accessedAt: undefined,
    deletionDate: undefined,
    resourcePolicy: undefined,
    rotation: undefined,
  }
}

/** As `checkName`, for what may be an ARN instead, which is for the look-up to find. */
export function checkReference(reference: string): void {
  if (!reference.startsWith('arn:')) checkName(reference)
}

export function makeArn(arnPrefix: string, name: string): string {
  return `${arnPrefix}${name}-${randomText({ length: 6, alphabet: alphanumerics })}`
}

/** Whether the recovery window, if the secret was ever deleted, is over. */
export function isGone({ deletionDate }: Secret, now: number): boolean {
  return deletionDate !== undefined && deletionDate <= now
}

/**
 * What DescribeSecretResponse and SecretListEntry of the service model share; what a secret does not have is left out.
 * `stagesMember` is what each of the two calls the labels.
 */
export function describeSecret(
  secret: Secret,
  stagesMember: 'VersionIdsToStages' | 'SecretVersionsToStages' = 'VersionIdsToStages',
): object {
  const stages = stagesByVersion(secret.versions)
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description !== undefined && secret.description !== '' && { Description: secret.description }),
    ...(secret.kmsKeyId !== undefined && secret.kmsKeyId !== '' && { KmsKeyId: secret.kmsKeyId }),
    ...(secret.tags.length > 0 && { Tags: secret.tags }),
    ...describeRotation(secret.rotation),
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: secret.changedAt / 1000,
    ...(secret.accessedAt !== undefined && { LastAccessedDate: startOfDay(secret.accessedAt) / 1000 }),
    ...(secret.deletionDate !== undefined && { DeletedDate: secret.deletionDate / 1000 }),
    ...(Object.keys(stages).length > 0 && { [stagesMember]: stages }),
  }
}

function describeRotation(rotation: Rotation | undefined): object {
  if (rotation === undefined) return {}
  const { arn, enabled, lastRotatedAt } = rotation
  return {
    RotationEnabled: enabled,
    RotationLambdaARN: arn,
    ...(lastRotatedAt !== undefined && { LastRotatedDate: lastRotatedAt / 1000 }),
  }
}

/** Secrets Manager tells the day of an access, in UTC, and not its time. */
function startOfDay(at: number): number {
  return at - (at % 86_400_000)
}
