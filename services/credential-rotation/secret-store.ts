// The machine secret's versions and staging labels in Secrets Manager; it never moves a label that it was not told to.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { SecretValue } from '#shared/text/secret-value.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'

export type CallOptions = { readonly signal: AbortSignal }

export type SecretState = {
  readonly rotationEnabled: boolean
  /** Labels by version id, of the versions that have any. */
  readonly stages: Readonly<Record<string, readonly string[]>>
}

export type WantedVersion = { readonly stage: 'AWSCURRENT' | 'AWSPREVIOUS' } | { readonly id: string }

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
