// Local AWS Secrets Manager: secrets, their versions and staging labels; it rotates nothing by itself.
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { integer, text } from '../input.ts'
import { operationsRefusing, type Service } from '../operation.ts'
import { createSecretInput, describeSecret, isGone, makeSecret, secretData, versionId, type Secret } from './secrets.ts'
import { addVersion, findVersion, moveStage, type SecretData } from './versions.ts'

type SecretsManagerOptions = { readonly region: string; readonly accountId: string; readonly now: () => number }

const secretId = text({ min: 1, max: 2048 })
const stage = text({ min: 1, max: 256 })
const oneSecret = z.object({ SecretId: secretId })

const operation = operationsRefusing('InvalidParameterException')

export function createSecretsManager({ region, accountId, now }: SecretsManagerOptions): Service {
  const secrets = new Map<string, Secret>()
  const arnPrefix = `arn:aws:secretsmanager:${region}:${accountId}:secret:`

  /** The secret that a name, an ARN or an ARN without its random end names, also one that is marked for deletion. */
  const findSecret = (reference: string): Secret => {
    const secret =
      secrets.get(reference) ??
      [...secrets.values()].find(({ arn }) => arn === reference || arn.slice(0, -7) === reference)
    if (secret === undefined || isGone(secret, now())) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    }
    return secret
  }

  const findLiveSecret = (reference: string): Secret => {
    const secret = findSecret(reference)
    if (secret.deletionDate !== undefined) {
      throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
    }
    return secret
  }

  return {
    targetPrefix: 'secretsmanager',
    errorNames: { throttled: 'ThrottlingException', internal: 'InternalServiceError' },
    operations: {
      CreateSecret: operation(createSecretInput, (input) => {
        const value = optionalData(input)
        const token = input.ClientRequestToken ?? randomUUID()
        const existing = secrets.get(input.Name)
        const secret =
          existing && !isGone(existing, now()) ? existing : makeSecret(input, { arnPrefix, createdAt: now() })
        if (secret.deletionDate !== undefined) {
          throw invalidRequest(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
          )
        }
        if (secret === existing && !secret.versions.has(token)) {
          throw new AwsError(
            'ResourceExistsException',
            `The operation failed because the secret ${input.Name} already exists.`,
          )
        }
        if (value !== undefined) addVersion(secret.versions, { token, value, stages: ['AWSCURRENT'], createdAt: now() })
        secrets.set(secret.name, secret)
        return { ARN: secret.arn, Name: secret.name, ...(value !== undefined && { VersionId: token }) }
      }),

      GetSecretValue: operation(
        z.extend(oneSecret, { VersionId: z.optional(versionId), VersionStage: z.optional(stage) }),
        ({ SecretId, VersionId, VersionStage }) => {
          const secret = findLiveSecret(SecretId)
          const version = findVersion(secret.versions, { versionId: VersionId, stage: VersionStage })
          return {
            ARN: secret.arn,
            Name: secret.name,
            VersionId: version.id,
            ...version.value,
            VersionStages: [...version.stages],
            CreatedDate: version.createdAt / 1000,
          }
        },
      ),

      PutSecretValue: operation(
        z.extend(oneSecret, {
          ...secretData,
          VersionStages: z.optional(z.array(stage).check(z.minLength(1), z.maxLength(20))),
        }),
        ({ SecretId, ClientRequestToken: token = randomUUID(), VersionStages: stages = ['AWSCURRENT'], ...input }) => {
          const value = optionalData(input)
          if (value === undefined) throw invalidParameter('You must provide either SecretString or SecretBinary.')
          const secret = findLiveSecret(SecretId)
          const version = addVersion(secret.versions, { token, value, stages, createdAt: now() })
          secret.changedAt = now()
          return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] }
        },
      ),

      DescribeSecret: operation(oneSecret, ({ SecretId }) => describeSecret(findSecret(SecretId))),

      UpdateSecretVersionStage: operation(
        z.extend(oneSecret, {
          VersionStage: stage,
          RemoveFromVersionId: z.optional(versionId),
          MoveToVersionId: z.optional(versionId),
        }),
        ({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }) => {
          const secret = findLiveSecret(SecretId)
          moveStage(secret.versions, { stage: VersionStage, from: RemoveFromVersionId, to: MoveToVersionId })
          secret.changedAt = now()
          return { ARN: secret.arn, Name: secret.name }
        },
      ),

      DeleteSecret: operation(
        z.extend(oneSecret, {
          RecoveryWindowInDays: z.optional(integer({ min: 7, max: 30 })),
          ForceDeleteWithoutRecovery: z.optional(z.boolean()),
        }),
        ({ SecretId, RecoveryWindowInDays, ForceDeleteWithoutRecovery: force = false }) => {
          if (force && RecoveryWindowInDays !== undefined) {
            throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
          }
          const secret = force ? findSecret(SecretId) : findLiveSecret(SecretId)
          secret.deletionDate = now() + (force ? 0 : (RecoveryWindowInDays ?? 30) * 86_400_000)
          return { ARN: secret.arn, Name: secret.name, DeletionDate: secret.deletionDate / 1000 }
        },
      ),
    },
  }
}

function optionalData(input: {
  SecretString?: string | undefined
  SecretBinary?: Buffer | undefined
}): SecretData | undefined {
  const { SecretString, SecretBinary } = input
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
  }
  if (SecretString !== undefined) return { SecretString }
  return SecretBinary && { SecretBinary: SecretBinary.toString('base64') }
}

function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message)
}

function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}
