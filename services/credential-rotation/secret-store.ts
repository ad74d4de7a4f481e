// The machine secret in Secrets Manager: its versions, their labels and the text that a version holds, which is never printed.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { parseJson } from '#shared/text/parse-json.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'

export type CallOptions = { readonly signal: AbortSignal }

export type SecretState = {
  readonly rotationEnabled: boolean
  /** Labels by version id, of the versions that have any. */
  readonly stages: Readonly<Record<string, readonly string[]>>
}

/**
 * By `stage` the answer may be a version that had the label a moment ago: what must not be a stale one is read by the id
 * that `describe` named.
 */
export type WantedVersion = { readonly stage: 'AWSCURRENT' } | { readonly id: string }

/** Everything may throw AwsCallError. */
export type SecretStore = {
  describe(options: CallOptions): Promise<SecretState>
  /** Undefined when there is no such version, or none with a value yet. */
  read(wanted: WantedVersion, options: CallOptions): Promise<SecretValue | undefined>
  /** Stores the value of a version that has AWSPENDING. A value that is there already stays, and wins. */
  putPending(version: string, value: SecretValue, options: CallOptions): Promise<void>
  /** Moves AWSCURRENT in one step, so that there is always exactly one current version. */
  makeCurrent(move: { readonly from: string; readonly to: string }, options: CallOptions): Promise<void>
  /** The version has AWSPENDING no more, which ends the rotation that made it. */
  withdraw(version: string, options: CallOptions): Promise<void>
}

export function createSecretStore(deps: {
  readonly secretsManager: SecretsManagerClient
  readonly secretArn: string
}): SecretStore {
  const { secretsManager, secretArn: SecretId } = deps
  return {
    async describe({ signal: abortSignal }) {
      const command = new DescribeSecretCommand({ SecretId })
      const answer = await awsCall('DescribeSecret', () => secretsManager.send(command, { abortSignal }))
      return { rotationEnabled: answer.RotationEnabled === true, stages: answer.VersionIdsToStages ?? {} }
    },

    async read(wanted, { signal: abortSignal }) {
      const which = 'id' in wanted ? { VersionId: wanted.id } : { VersionStage: wanted.stage }
      const command = new GetSecretValueCommand({ SecretId, ...which })
      try {
        const answer = await awsCall('GetSecretValue', () => secretsManager.send(command, { abortSignal }))
        if (answer.SecretString === undefined) throw new RotationError('secret_malformed')
        return new SecretValue(answer.SecretString)
      } catch (error) {
        if (failedWith(error, 'ResourceNotFoundException')) return undefined
        throw error
      }
    },

    async putPending(version, value, { signal: abortSignal }) {
      const command = new PutSecretValueCommand({
        SecretId,
        ClientRequestToken: version,
        SecretString: value.expose(),
        VersionStages: ['AWSPENDING'],
      })
      try {
        await awsCall('PutSecretValue', () => secretsManager.send(command, { abortSignal }))
      } catch (error) {
        // Another invocation of the same step was faster. Its value is as good, and later steps read what is stored.
        if (!failedWith(error, 'ResourceExistsException')) throw error
      }
    },

    async makeCurrent({ from, to }, { signal: abortSignal }) {
      const command = new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: from,
        MoveToVersionId: to,
      })
      await awsCall('UpdateSecretVersionStage', () => secretsManager.send(command, { abortSignal }))
    },

    async withdraw(version, { signal: abortSignal }) {
      const command = new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: version,
      })
      try {
        await awsCall('UpdateSecretVersionStage', () => secretsManager.send(command, { abortSignal }))
      } catch (error) {
        // The version has no such label, or no longer: an attempt of the SDK's took effect and its answer was lost.
        if (!failedWith(error, 'InvalidParameterException')) throw error
      }
    },
  }
}

/** Of a machine user, for `password`. */
export type UserCredentials = {
  /** Secret as well: who knows the name can lock the machine user out. */
  readonly username: SecretValue
  readonly password: SecretValue
  readonly clientId: string
  readonly clientSecret: SecretValue
}

/** Of the app client that gets tokens of its own, for the scope modes. */
export type ClientCredentials = {
  readonly clientId: string
  readonly clientSecret: SecretValue
  /** Cognito's name for this one of the client's two secrets. */
  readonly clientSecretId: string
}

/** Which credentials are there is a matter of the modes: none before the first rotation, both while a team moves over. */
export type StoredSecret = {
  /** The key of the provisioning ids. It never changes: with another one no repeated request would be recognised. */
  readonly idempotencySecret: SecretValue
  readonly user: UserCredentials | undefined
  readonly client: ClientCredentials | undefined
}

const nonEmpty = z.string().check(z.minLength(1))

const initial = { idempotency_secret: z.string().check(z.minLength(32)) }
const ofUser = { username: nonEmpty, password: nonEmpty, client_id: nonEmpty, client_secret: nonEmpty }
const ofClient = { scope_client_id: nonEmpty, scope_client_secret: nonEmpty, scope_client_secret_id: nonEmpty }

const stored = z.union([
  z.strictObject(initial),
  z.strictObject({ ...ofUser, ...initial }),
  z.strictObject({ ...ofClient, ...initial }),
  z.strictObject({ ...ofUser, ...ofClient, ...initial }),
])

/**
 * Undefined for anything but a secret as the stack made it or as a rotation left it: what somebody has put beside the known
 * members would be lost with the next version.
 */
export function parseStoredSecret(text: SecretValue): StoredSecret | undefined {
  const parsed = z.safeParse(stored, parseJson(text.expose()))
  if (!parsed.success) return undefined
  const secret = parsed.data
  return {
    idempotencySecret: new SecretValue(secret.idempotency_secret),
    user:
      'username' in secret
        ? {
            username: new SecretValue(secret.username),
            password: new SecretValue(secret.password),
            clientId: secret.client_id,
            clientSecret: new SecretValue(secret.client_secret),
          }
        : undefined,
    client:
      'scope_client_id' in secret
        ? {
            clientId: secret.scope_client_id,
            clientSecret: new SecretValue(secret.scope_client_secret),
            clientSecretId: secret.scope_client_secret_id,
          }
        : undefined,
  }
}

export function serializeStoredSecret({ idempotencySecret, user, client }: StoredSecret): SecretValue {
  const secret: z.infer<typeof stored> = {
    ...(user && {
      username: user.username.expose(),
      password: user.password.expose(),
      client_id: user.clientId,
      client_secret: user.clientSecret.expose(),
    }),
    ...(client && {
      scope_client_id: client.clientId,
      scope_client_secret: client.clientSecret.expose(),
      scope_client_secret_id: client.clientSecretId,
    }),
    idempotency_secret: idempotencySecret.expose(),
  }
  return new SecretValue(JSON.stringify(secret))
}
