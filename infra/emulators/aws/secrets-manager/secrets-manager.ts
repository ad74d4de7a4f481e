// Secrets Manager: secrets, their versions, staging labels and resource policies, and rotation when it is asked for.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { integer, text } from '../input.ts'
import { operationsRefusing, type Service } from '../operation.ts'
import type { Principal } from '../principal.ts'
import { beginRotation, type RotationFunction } from './rotation.ts'
import { listSecrets, listSecretsInput } from './list-secrets.ts'
import { listVersions, listVersionsInput } from './list-versions.ts'
import { accountOf } from './resource-policy.ts'
import { heldToPolicies, resourcePolicyOperations } from './resource-policy-operations.ts'
import {
  checkName,
  checkReference,
  createSecretInput,
  describeSecret,
  isGone,
  makeArn,
  makeSecret,
  oneSecret,
  secretData,
  versionId,
  type Secret,
} from './secrets.ts'
import { addVersion, findFilledVersion, moveStage } from './versions.ts'

/** Whose names and new secrets are meant. */
type Account = Pick<Principal, 'accountId'>

type SecretsManagerOptions = { readonly region: string; readonly accountId: string; readonly now: () => number }

const stage = text({ min: 1, max: 256 })

// What the service model itself excludes is refused before the service sees it, by this name.
const operation = operationsRefusing('ValidationException')

export type SecretsManager = Service & {
  /** Switches a secret's rotation on. Throws as DescribeSecret does. */
  setRotation(secretId: string, rotationFunction: RotationFunction): void
}

export function createSecretsManager({ region, accountId, now }: SecretsManagerOptions): SecretsManager {
  /** By the ARN without its random end. */
  const secrets = new Map<string, Secret>()
  let sequence = 0
  const arnPrefixOf = (caller: Account): string => `arn:aws:secretsmanager:${region}:${caller.accountId}:secret:`

  /**
   * The secret that a name of the caller's account, an ARN or an ARN without its random end names, also one that is marked for
   * deletion.
   */
  const lookUpSecret = (reference: string, caller: Account): Secret | undefined => {
    checkReference(reference)
    const secret =
      secrets.get(`${arnPrefixOf(caller)}${reference}`) ??
      secrets.get(reference) ??
      [...secrets.values()].find(({ arn }) => arn === reference)
    return secret === undefined || isGone(secret, now()) ? undefined : secret
  }

  const findSecret = (reference: string, caller: Account): Secret => {
    const secret = lookUpSecret(reference, caller)
    if (secret === undefined) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    }
    return secret
  }

  const findLiveSecret = (reference: string, caller: Account): Secret => {
    const secret = findSecret(reference, caller)
    if (secret.deletionDate !== undefined) {
      throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
    }
    return secret
  }

  return {
    setRotation: (secretId, rotationFunction) => {
      findLiveSecret(secretId, { accountId }).rotation = {
        ...rotationFunction,
        enabled: true,
        lastRotatedAt: undefined,
        running: Promise.resolve(),
      }
    },
    targetPrefix: 'secretsmanager',
    messageMember: 'Message',
    errorNames: { throttled: 'ThrottlingException', internal: 'InternalServiceError' },
    operations: heldToPolicies(lookUpSecret, {
      ...resourcePolicyOperations({ findLiveSecret, now }),

      CreateSecret: operation(createSecretInput, (input, caller) => {
        checkName(input.Name)
        const token = requireToken(input)
        const value = optionalData(input)
        const arnPrefix = arnPrefixOf(caller)
        const existing = secrets.get(`${arnPrefix}${input.Name}`)
        const secret =
          existing && !isGone(existing, now())
            ? existing
            : makeSecret(input, { arnPrefix, createdAt: now(), sequence: (sequence += 1) })
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
        secrets.set(`${arnPrefix}${secret.name}`, secret)
        return { ARN: secret.arn, Name: secret.name, ...(value !== undefined && { VersionId: token }) }
      }),

      GetSecretValue: operation(
        z.extend(oneSecret, { VersionId: z.optional(versionId), VersionStage: z.optional(stage) }),
        ({ SecretId, VersionId, VersionStage }, caller) => {
          const secret = findLiveSecret(SecretId, caller)
          const version = findFilledVersion(secret.versions, { versionId: VersionId, stage: VersionStage })
          secret.accessedAt = now()
          return {
            ARN: secret.arn,
            Name: secret.name,
            VersionId: version.id,
            SecretString: version.value,
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
        ({ SecretId, VersionStages: stages = ['AWSCURRENT'], ...input }, caller) => {
          checkReference(SecretId)
          const token = requireToken(input)
          const value = optionalData(input)
          if (value === undefined) throw invalidParameter('You must provide either SecretString or SecretBinary.')
          const secret = findLiveSecret(SecretId, caller)
          const version = addVersion(secret.versions, { token, value, stages, createdAt: now() })
          secret.changedAt = now()
          return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] }
        },
      ),

      DescribeSecret: operation(oneSecret, ({ SecretId }, caller) => describeSecret(findSecret(SecretId, caller))),

      ListSecretVersionIds: operation(listVersionsInput, (input, caller) =>
        listVersions(findSecret(input.SecretId, caller), input),
      ),

      ListSecrets: operation(listSecretsInput, (input, { accountId }) => {
        const there = [...secrets.values()].filter(
          (secret) => accountOf(secret.arn) === accountId && !isGone(secret, now()),
        )
        return listSecrets(there, input)
      }),

      UpdateSecretVersionStage: operation(
        z.extend(oneSecret, {
          VersionStage: stage,
          RemoveFromVersionId: z.optional(versionId),
          MoveToVersionId: z.optional(versionId),
        }),
        ({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }, caller) => {
          const secret = findLiveSecret(SecretId, caller)
          moveStage(secret.versions, { stage: VersionStage, from: RemoveFromVersionId, to: MoveToVersionId })
          secret.changedAt = now()
          return { ARN: secret.arn, Name: secret.name }
        },
      ),

      RotateSecret: operation(
        z.extend(oneSecret, {
          ClientRequestToken: z.optional(versionId),
          RotateImmediately: z.optional(z.boolean()),
          RotationLambdaARN: z.optional(text({ max: 2048 })),
        }),
        ({ SecretId, ClientRequestToken: token, RotateImmediately: immediately = true, RotationLambdaARN }, caller) => {
          const secret = findLiveSecret(SecretId, caller)
          if (RotationLambdaARN !== undefined && RotationLambdaARN !== secret.rotation?.arn) {
            throw new AwsError('AccessDeniedException', 'Secrets Manager cannot invoke the specified Lambda function.')
          }
          const VersionId = beginRotation(secret, { token, immediately, now })
          return { ARN: secret.arn, Name: secret.name, VersionId }
        },
      ),

      CancelRotateSecret: operation(oneSecret, ({ SecretId }, caller) => {
        const secret = findLiveSecret(SecretId, caller)
        if (secret.rotation !== undefined) secret.rotation.enabled = false
        return { ARN: secret.arn, Name: secret.name }
      }),

      DeleteSecret: operation(
        z.extend(oneSecret, {
          RecoveryWindowInDays: z.optional(integer({})),
          ForceDeleteWithoutRecovery: z.optional(z.boolean()),
        }),
        ({ SecretId, RecoveryWindowInDays, ForceDeleteWithoutRecovery: force = false }, caller) => {
          if (force && RecoveryWindowInDays !== undefined) {
            throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
          }
          if (RecoveryWindowInDays !== undefined && (RecoveryWindowInDays < 7 || RecoveryWindowInDays > 30)) {
            throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
          }
          const secret = force ? lookUpSecret(SecretId, caller) : findLiveSecret(SecretId, caller)
          // By force what is not there is deleted, too: AWS answers as if it had been.
          if (secret === undefined)
            return { ...describeAbsent(SecretId, arnPrefixOf(caller)), DeletionDate: now() / 1000 }
          secret.deletionDate = now() + (force ? 0 : (RecoveryWindowInDays ?? 30) * 86_400_000)
          return { ARN: secret.arn, Name: secret.name, DeletionDate: secret.deletionDate / 1000 }
        },
      ),

      // Of a secret that does not wait to be deleted, it changes nothing.
      RestoreSecret: operation(oneSecret, ({ SecretId }, caller) => {
        const secret = findSecret(SecretId, caller)
        secret.deletionDate = undefined
        return { ARN: secret.arn, Name: secret.name }
      }),
    }),
  }
}

/** The SDKs and the AWS command line make one of their own; a caller without them has to. */
function requireToken({ ClientRequestToken: token }: { ClientRequestToken?: string | undefined }): string {
  if (token !== undefined) return token
  throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.')
}

function describeAbsent(reference: string, arnPrefix: string): { ARN: string; Name: string } {
  if (!reference.startsWith('arn:')) return { ARN: makeArn(arnPrefix, reference), Name: reference }
  const named = reference.split(':').slice(6).join(':')
  return { ARN: reference, Name: named.replace(/-[A-Za-z0-9]{6}$/, '') }
}

function optionalData(input: { SecretString?: string | undefined; SecretBinary?: string | undefined }) {
  if (input.SecretBinary !== undefined) throw invalidParameter('SecretBinary is not implemented by local AWS.')
  return input.SecretString
}

function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message)
}

function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}
