// A secret of local Secrets Manager, how it is made and how AWS describes it; the description never holds a value.
import * as z from 'zod/mini'
import { blob, text } from '../input.ts'
import { alphanumerics, randomText } from '../../../../shared/random-text.ts'
import { stagesByVersion, type SecretVersions } from './versions.ts'

export type Secret = {
  readonly arn: string
  readonly name: string
  readonly description: string | undefined
  readonly kmsKeyId: string | undefined
  readonly tags: unknown
  readonly createdAt: number
  readonly versions: SecretVersions
  changedAt: number
  deletionDate: number | undefined
}

export const versionId = text({ min: 32, max: 64 })

export const secretData = {
  ClientRequestToken: z.optional(versionId),
  SecretString: z.optional(text({ min: 1, max: 65_536 })),
  SecretBinary: z.optional(blob({ min: 1, max: 65_536 })),
}

export const createSecretInput = z.object({
  Name: text({ min: 1, max: 512, pattern: '[A-Za-z0-9/_+=.@-]+' }),
  Description: z.optional(text({ max: 2048 })),
  KmsKeyId: z.optional(text({ max: 2048 })),
  Tags: z.optional(z.array(z.object({ Key: z.string(), Value: z.optional(z.string()) }))),
  ...secretData,
})

/** A secret without a version yet; six random characters tell its ARN from that of an earlier one of the same name. */
export function makeSecret(
  input: z.infer<typeof createSecretInput>,
  { arnPrefix, createdAt }: { readonly arnPrefix: string; readonly createdAt: number },
): Secret {
  return {
    arn: `${arnPrefix}${input.Name}-${randomText({ length: 6, alphabet: alphanumerics })}`,
    name: input.Name,
    description: input.Description,
    kmsKeyId: input.KmsKeyId,
    tags: input.Tags,
    createdAt,
    versions: new Map(),
    changedAt: createdAt,
    deletionDate: undefined,
  }
}

/** Whether the recovery window, if the secret was ever deleted, is over. */
export function isGone({ deletionDate }: Secret, now: number): boolean {
  return deletionDate !== undefined && deletionDate <= now
}

/** DescribeSecretResponse of the service model. */
export function describeSecret(secret: Secret): object {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    Tags: secret.tags,
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: secret.changedAt / 1000,
    ...(secret.deletionDate !== undefined && { DeletedDate: secret.deletionDate / 1000 }),
    VersionIdsToStages: stagesByVersion(secret.versions),
  }
}
