// The secrets with generated passwords through Secrets Manager's API, within its quotas; it never reads a value.
import {
  DeleteSecretCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  UpdateSecretVersionStageCommand,
  type SecretListEntry,
  type SecretsManagerClient,
  type SecretVersionsListEntry,
} from '@aws-sdk/client-secrets-manager'
import { errorName } from '#shared/aws/aws-errors.ts'
import { isPlaceholderVersion } from '#shared/aws/password-secrets.ts'
import { AwsCallError, createPacer, rethrowFrom, type PacerDeps } from './aws-call.ts'

/** Times are Secrets Manager's own, in epoch milliseconds. */
export type UserSecret = {
  readonly name: string
  /** What its name ends with. */
  readonly sub: string
  readonly createdAt: number
  readonly changedAt: number
}

export type PasswordVersion = { readonly id: string; readonly createdAt: number }

/** The versions with AWSCURRENT and AWSPREVIOUS; undefined where there is none, or none but the placeholder. */
export type PasswordVersions = {
  readonly current: PasswordVersion | undefined
  readonly previous: PasswordVersion | undefined
}

export type UserSecrets = {
  /** Every secret whose name is the prefix and a sub, a page at a time, without those that are scheduled for deletion. */
  pages(): AsyncGenerator<readonly UserSecret[], void, undefined>
  /** Undefined when the secret is gone. */
  versions(sub: string): Promise<PasswordVersions | undefined>
  /** Fails, and changes nothing, unless `from` is AWSCURRENT still. */
  moveBack(sub: string, move: { readonly from: PasswordVersion; readonly to: PasswordVersion }): Promise<void>
  /** In 30 days, until which an operator can restore it. False when it is scheduled already, or gone. */
  scheduleDeletion(sub: string): Promise<boolean>
  /** At once. None is there on return, also when there was none. */
  discard(sub: string): Promise<void>
}

export type UserSecretsDeps = PacerDeps & {
  readonly secretsManager: SecretsManagerClient
  /** `<stack>/service-users/` */
  readonly prefix: string
}

/** Every method throws AwsCallError. */
export function createUserSecrets({ secretsManager, prefix, ...pacing }: UserSecretsDeps): UserSecrets {
  // Requests per second, of Secrets Manager's 100 for lists and 50 each for versions, labels and deletions.
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
  const beforeList = createPacer({ perSecond: 20 }, pacing)
  const beforeVersions = createPacer({ perSecond: 20 }, pacing)
  const beforeWrite = createPacer({ perSecond: 10 }, pacing)
  const nameOf = (sub: string): string => `${prefix}${sub}`

  return {
    async *pages() {
      let token: string | undefined
      do {
        await beforeList()
        const command = new ListSecretsCommand({
          Filters: [{ Key: 'name', Values: [prefix] }],
          MaxResults: 100,
          NextToken: token,
        })
        const answer = await secretsManager.send(command).catch(rethrowFrom('ListSecrets'))
        yield (answer.SecretList ?? []).flatMap((entry) => readSecret(entry, prefix))
        token = answer.NextToken
      } while (token !== undefined)
    },

    async versions(sub) {
      const entries: SecretVersionsListEntry[] = []
      let token: string | undefined
      do {
        await beforeVersions()
        const command = new ListSecretVersionIdsCommand({ SecretId: nameOf(sub), NextToken: token })
        const answer = await unless('ResourceNotFoundException', 'ListSecretVersionIds', secretsManager.send(command))
        if (answer === undefined) return undefined
        entries.push(...(answer.Versions ?? []))
        token = answer.NextToken
      } while (token !== undefined)
      return {
        current: readVersion(entries, 'AWSCURRENT'),
        previous: readVersion(entries, 'AWSPREVIOUS'),
      }
    },

    async moveBack(sub, { from, to }) {
      await beforeWrite()
      const command = new UpdateSecretVersionStageCommand({
        SecretId: nameOf(sub),
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: from.id,
        MoveToVersionId: to.id,
      })
      await secretsManager.send(command).catch(rethrowFrom('UpdateSecretVersionStage'))
    },

    async scheduleDeletion(sub) {
      await beforeWrite()
      const command = new DeleteSecretCommand({ SecretId: nameOf(sub), RecoveryWindowInDays: 30 })
      // InvalidRequestException: it is scheduled already.
      const settled = /^(ResourceNotFoundException|InvalidRequestException)$/
      return (await unless(settled, 'DeleteSecret', secretsManager.send(command))) !== undefined
    },

    async discard(sub) {
      await beforeWrite()
      const command = new DeleteSecretCommand({ SecretId: nameOf(sub), ForceDeleteWithoutRecovery: true })
      await unless('ResourceNotFoundException', 'DeleteSecret', secretsManager.send(command))
    },
  }
}

/** Cognito's subs are UUIDs. Another name under the prefix is none of ours, whatever it holds. */
const subPattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

function readSecret({ Name, CreatedDate, LastChangedDate }: SecretListEntry, prefix: string): UserSecret[] {
  if (Name === undefined || CreatedDate === undefined) throw new AwsCallError('ListSecrets', 'IncompleteSecret')
  const sub = Name.slice(prefix.length)
  if (!Name.startsWith(prefix) || !subPattern.test(sub)) return []
  const createdAt = CreatedDate.getTime()
  return [{ name: Name, sub, createdAt, changedAt: LastChangedDate?.getTime() ?? createdAt }]
}

function readVersion(entries: readonly SecretVersionsListEntry[], stage: string): PasswordVersion | undefined {
  const entry = entries.find(({ VersionStages: stages }) => stages?.includes(stage))
  if (entry === undefined) return undefined
  const { VersionId: id, CreatedDate: createdAt } = entry
  if (id === undefined || createdAt === undefined) throw new AwsCallError('ListSecretVersionIds', 'IncompleteVersion')
  return isPlaceholderVersion(id) ? undefined : { id, createdAt: createdAt.getTime() }
}

/** Undefined for an exception of this name, which is an answer. */
function unless<Answer>(name: string | RegExp, operation: string, call: Promise<Answer>): Promise<Answer | undefined> {
  return call.catch((error: unknown) => {
    return errorName(error).match(name) ? undefined : rethrowFrom(operation)(error)
  })
}
