// An operator's view of the secrets with generated passwords: whose they are, who may read them, and what they open.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  RestoreSecretCommand,
  type SecretListEntry,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import type { Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { createPasswordSecrets } from '#shared/aws/password-secrets.ts'
import { createSignInFacts } from '#shared/aws/sign-in-facts.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { readDelivered, signInWith, type DeliveredPassword } from '../../support/password-reader.ts'
import type { SignInAttempt, UserState } from './operator.ts'
import type { Wanted } from './scenario.ts'

export type SecretState = {
  readonly arn: string
  /** Of the user whose it is. */
  readonly sub: string
  readonly isScheduledForDeletion: boolean
  /** The id of the version that a reader gets. */
  readonly current: string
  /** The roles that its policy allows to read it. */
  readonly readers: readonly string[]
}

export type SecretKeeper = {
  /** Those that are scheduled for deletion included. */
  list(): Promise<SecretState[]>
  /** What whoever may read the secret comes to with it. */
  signIn(secret: SecretState | undefined): Promise<SignInAttempt>
  /** The roles that can read a password that lets somebody in as the user and was not delivered to them. */
  strangers(secret: SecretState, user: UserState, wanted: Wanted): Promise<string[]>
  /** As App2 does it; the password is the user's already. */
  deliver(user: UserState, delivery: { readonly password: string; readonly reader: string }): Promise<void>
  removeAll(): Promise<void>
}

type SecretKeeperDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly secrets: SecretsManagerClient
  readonly provisioned: Provisioned
  /** With the credentials of each role that may be a reader. */
  readonly secretsAs: ReadonlyMap<string, SecretsManagerClient>
  readonly now: () => number
}

export function createSecretKeeper({ cognito, secrets, provisioned, secretsAs, now }: SecretKeeperDeps): SecretKeeper {
  const { userPoolId, region, serviceClientId: clientId, passwordSecretsPrefix: prefix } = provisioned
  const signInFacts = createSignInFacts({ cognito, userPoolId, region, clientId, now })
  const { passwordSecretsKeyArn: keyArn = '' } = provisioned
  const passwordSecrets = createPasswordSecrets({ secretsManager: secrets, prefix, keyArn, signInFacts, now })

  /** Passwords that this delivered; whatever else is found, App2 made for the reader that was asked for. */
  const deliveredTo = new Map<string, string>()
  /** By user, its last change and password: too many wrong ones would lock it out. */
  const lively = new Map<string, Promise<SignInAttempt>>()

  function tryOut(delivered: DeliveredPassword, { sub, modifiedAt }: UserState): Promise<SignInAttempt> {
    const key = `${sub} ${modifiedAt} ${delivered.password}`
    const attempt = lively.get(key) ?? attemptSignIn(delivered)
    lively.set(key, attempt)
    return attempt
  }

  async function attemptSignIn(delivered: DeliveredPassword): Promise<SignInAttempt> {
    try {
      const accessToken = await signInWith(cognito, delivered)
      return accessToken === undefined ? { kind: 'challenge' } : { kind: 'tokens', accessToken }
    } catch (error) {
      // Not found: it was removed since it was looked at.
      if (['NotAuthorizedException', 'UserNotFoundException'].includes(errorName(error))) return { kind: 'refused' }
      throw error
    }
  }

  /** Of every version, those without a label too. */
  async function readable(role: SecretsManagerClient, SecretId: string): Promise<DeliveredPassword[]> {
    try {
      await readDelivered(role, SecretId)
    } catch (error) {
      if (errorName(error) !== 'AccessDeniedException') throw error
      return []
    }
    const versions = new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true })
    const { Versions = [] } = await secrets.send(versions)
    const passwords = await Promise.all(Versions.map(({ VersionId }) => readDelivered(role, SecretId, VersionId)))
    return passwords.filter((password) => password !== undefined)
  }

  async function listEntries(): Promise<SecretListEntry[]> {
    const Filters = [{ Key: 'name' as const, Values: [prefix] }]
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ Filters, IncludePlannedDeletion: true }))
    return SecretList
  }

  async function describe({ ARN: SecretId = '' }: SecretListEntry): Promise<SecretState> {
    const { Name = '', VersionIdsToStages, DeletedDate } = await secrets.send(new DescribeSecretCommand({ SecretId }))
    const [current = ''] =
      Object.entries(VersionIdsToStages ?? {}).find(([, stages]) => stages.includes('AWSCURRENT')) ?? []
    const isScheduledForDeletion = DeletedDate !== undefined
    const { ResourcePolicy } = isScheduledForDeletion
      ? {}
      : await secrets.send(new GetResourcePolicyCommand({ SecretId }))
    const sub = Name.slice(prefix.length)
    return { arn: SecretId, sub, isScheduledForDeletion, current, readers: readersIn(ResourcePolicy) }
  }

  return {
    list: async () => Promise.all((await listEntries()).map(describe)),

    async signIn(secret) {
      const [role = ''] = secret?.readers ?? []
      const asReader = secretsAs.get(role)
      if (secret === undefined || secret.isScheduledForDeletion || asReader === undefined) return { kind: 'refused' }
      const delivered = await readDelivered(asReader, secret.arn)
      return delivered === undefined ? { kind: 'refused' } : attemptSignIn(delivered)
    },

    async strangers(secret, user, wanted) {
      if (secret.isScheduledForDeletion) return []
      const strangers: string[] = []
      for (const [role, asRole] of secretsAs) {
        const others = (await readable(asRole, secret.arn)).filter(
          ({ password }) => (deliveredTo.get(password) ?? wanted.reader) !== role,
        )
        for (const delivered of others) {
          if ((await tryOut(delivered, user)).kind !== 'refused') strangers.push(role)
        }
      }
      return strangers
    },

    async deliver({ sub, username }, { password, reader }) {
      const signal = AbortSignal.timeout(10_000)
      deliveredTo.set(password, reader)
      const delivery = { sub, username, reader, password: new SecretValue(password), replaces: false }
      await passwordSecrets.deliver(delivery, { signal })
    },

    async removeAll() {
      for (const { ARN: SecretId, DeletedDate } of await listEntries()) {
        if (DeletedDate !== undefined) await secrets.send(new RestoreSecretCommand({ SecretId }))
        await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))
      }
    },
  }
}

/** Of every Allow, whatever it allows, unless a Deny is for everybody. */
function readersIn(policy: string | undefined): string[] {
  if (policy === undefined) return []
  const { Statement } = JSON.parse(policy) as {
    Statement: { Effect: string; Principal: { AWS: string }; Condition?: object }[]
  }
  if (Statement.some(({ Effect, Condition }) => Effect === 'Deny' && Condition === undefined)) return []
  return Statement.filter(({ Effect }) => Effect === 'Allow').map(({ Principal }) => Principal.AWS)
}
