// Local AWS with the pool and the secret of the templates, and the rotation function on real SDK clients, for one test.
import { sendOnce } from '#shared/aws/send-once.ts'
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { createHmac, randomUUID } from 'node:crypto'
import { localTokenEndpoint } from '../../../../infra/emulators/aws/token-endpoint-handler.ts'
import { applyTemplates, type Provisioned, type TemplateChoice } from '#infra/local/set-up/apply-templates.ts'
import { rotateSecret } from '#infra/local/set-up/rotate-secret.ts'
import { createAwsCredentials } from '#services/credential-rotation/aws-credentials.ts'
import type { RotationStep } from '#services/credential-rotation/rotation-event.ts'
import {
  createRotationHandler,
  type RotationDeps,
  type RotationHandler,
} from '#services/credential-rotation/rotation-handler.ts'
import type { StepContext } from '#services/credential-rotation/steps/rotation-step.ts'
import { createSecretStore } from '#services/credential-rotation/secret-store.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { startTestAws, type TestAws } from '../../../../infra/emulators/test/aws/test-aws.ts'

export type Stored = Readonly<
  Record<'username' | 'password' | 'client_id' | 'client_secret' | 'idempotency_secret', string>
>

type RotateOptions = {
  readonly secretArn?: string
  /** Runs between the steps, with the step that comes next. */
  readonly before?: Partial<Record<RotationStep, () => Promise<unknown>>>
  /** How often Secrets Manager calls each step. */
  readonly times?: number
  /** The clients that the function has; by default those of the bench. */
  readonly clients?: Clients
  readonly sleep?: RotationDeps['sleep']
}

type Clients = {
  readonly cognito: CognitoIdentityProviderClient
  /** By default `cognito`: the bench's own repeats no call. */
  readonly unrepeatedCognito?: CognitoIdentityProviderClient
  readonly secrets: SecretsManagerClient
}

export type RotationBench = TestAws & {
  readonly provisioned: Provisioned
  readonly logger: ReturnType<typeof recordingLogger>
  readonly deps: (clients?: Clients, secretArn?: string) => RotationDeps
  /** One rotation as Secrets Manager drives it; what was left pending is taken up again. */
  rotate(options?: RotateOptions): Promise<void>
  /** A secret as a first deployment leaves it. */
  newSecret(): Promise<string>
  stored(stage?: string, secretArn?: string): Promise<Stored>
  /** A version that somebody writes by hand, current and with no rotation under way unless `stages` says otherwise. */
  put(value: object, stages?: string[]): Promise<string>
  stages(secretArn?: string): Promise<Record<string, string[]>>
  versionWith(label: string): Promise<string>
  /** What an operator does to go back to the version before: AWSPREVIOUS becomes current. */
  moveBack(): Promise<unknown>
  /** Whether AWSPENDING is on another version than AWSCURRENT: Secrets Manager begins no other rotation then. */
  isRotating(secretArn?: string): Promise<boolean>
  /** The exception's name, or `signed_in`, or the challenge's name. */
  signIn(credentials: Pick<Stored, 'username' | 'password'>): Promise<string>
  /** The same, with the client that the secret names. */
  signInWith(secret: Stored): Promise<string>
  user(name: string): Promise<{ sub: string; enabled: boolean; status: string; groups: string[] }>
  disable(name: string): Promise<unknown>
  remove(name: string): Promise<unknown>
}

export async function startRotationBench(
  options: Parameters<typeof startTestAws>[0] = {},
  choice?: TemplateChoice,
): Promise<RotationBench> {
  const local = await startTestAws(options)
  const { cognito, secrets } = local
  const templatesFolder = new URL('../../../../infra/templates/', import.meta.url)
  const provisioned = await applyTemplates({
    ...local,
    region: local.aws.region,
    templatesFolder,
    tokenEndpointOf: (domain) => localTokenEndpoint(local.aws.url, domain),
    ...(choice && { choice }),
  })
  const { userPoolId, machineSecretArn, tokenEndpoint } = provisioned
  const logger = recordingLogger()
  const whose = (name: string) => ({ UserPoolId: userPoolId, Username: name })

  const deps: RotationBench['deps'] = (clients = local, secretArn = machineSecretArn) => ({
    secretArn,
    store: createSecretStore({ secretsManager: clients.secrets, secretArn }),
    ...createAwsCredentials({
      ...provisioned,
      tokenEndpoint: tokenEndpoint === undefined ? undefined : new URL(tokenEndpoint),
      cognito: clients.cognito,
      unrepeatedCognito: clients.unrepeatedCognito ?? clients.cognito,
      send: sendOnce,
      logger,
    }),
    sleep: () => Promise.resolve(),
    logger,
    now: Date.now,
  })

  const stored: RotationBench['stored'] = async (stage = 'AWSCURRENT', secretArn = machineSecretArn) => {
    const command = new GetSecretValueCommand({ SecretId: secretArn, VersionStage: stage })
    const { SecretString = '{}' } = await secrets.send(command)
    return JSON.parse(SecretString) as Stored
  }

  const stages: RotationBench['stages'] = async (secretArn = machineSecretArn) => {
    const { VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId: secretArn }))
    return VersionIdsToStages
  }

  const versionWith = async (label: string): Promise<string> =>
    Object.entries(await stages()).find(([, labels]) => labels.includes(label))?.[0] ?? ''

  const signInWith: RotationBench['signInWith'] = ({ username, password, client_id, client_secret }) => {
    const SECRET_HASH = createHmac('sha256', client_secret)
      .update(username + client_id)
      .digest('base64')
    const AuthParameters = { USERNAME: username, PASSWORD: password, SECRET_HASH }
    const command = new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: client_id, AuthParameters })
    return cognito.send(command).then(
      ({ ChallengeName }) => ChallengeName ?? 'signed_in',
      (error: unknown) => (error as Error).name,
    )
  }

  return {
    ...local,
    provisioned,
    logger,
    deps,
    stored,
    rotate: async ({ secretArn = machineSecretArn, before = {}, times = 1, clients, sleep }: RotateOptions = {}) => {
      const its = deps(clients, secretArn)
      const createFunction = (store: RotationDeps['store']): RotationHandler => {
        const rotate = createRotationHandler({ ...its, store, ...(sleep && { sleep }) })
        return async (event, context) => {
          await before[(event as { Step: RotationStep }).Step]?.()
          for (let call = 1; call <= times; call += 1) await rotate(event, context)
        }
      }
      await rotateSecret({ secretArn, store: its.store, createFunction })
    },
    newSecret: async () => {
      const SecretString = JSON.stringify({ idempotency_secret: 'i'.repeat(64) })
      const { ARN = '' } = await secrets.send(new CreateSecretCommand({ Name: randomUUID(), SecretString }))
      return ARN
    },
    put: async (value, VersionStages = ['AWSCURRENT', 'AWSPENDING']) => {
      const SecretString = JSON.stringify(value)
      const command = new PutSecretValueCommand({ SecretId: machineSecretArn, SecretString, VersionStages })
      return (await secrets.send(command)).VersionId ?? ''
    },
    stages,
    versionWith,
    moveBack: async () =>
      secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId: machineSecretArn,
          VersionStage: 'AWSCURRENT',
          RemoveFromVersionId: await versionWith('AWSCURRENT'),
          MoveToVersionId: await versionWith('AWSPREVIOUS'),
        }),
      ),
    isRotating: async (secretArn) =>
      Object.values(await stages(secretArn)).some(
        (labels) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'),
      ),
    signIn: async (credentials) => signInWith({ ...(await stored()), ...credentials }),
    signInWith,
    user: async (name) => {
      const user = await cognito.send(new AdminGetUserCommand(whose(name)))
      const { Groups = [] } = await cognito.send(new AdminListGroupsForUserCommand(whose(name)))
      return {
        sub: user.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value ?? '',
        enabled: user.Enabled ?? false,
        status: user.UserStatus ?? '',
        groups: Groups.map(({ GroupName = '' }) => GroupName),
      }
    },
    disable: (name) => cognito.send(new AdminDisableUserCommand(whose(name))),
    remove: (name) => cognito.send(new AdminDeleteUserCommand(whose(name))),
  }
}

/** What a step is handed when it works on a pending version, with ten seconds left. */
export function stepContext(version: string): StepContext {
  return {
    version,
    currentVersion: 'current',
    hasPrevious: false,
    isPending: true,
    isBegun: false,
    rejected: new Set(),
    remainingMs: () => 10_000,
    signal: new AbortController().signal,
  }
}

/** A bench after so many rotations, with an empty log. */
export async function rotated(times: number): Promise<RotationBench> {
  const bench = await startRotationBench()
  for (let rotation = 1; rotation <= times; rotation += 1) await bench.rotate()
  bench.logger.lines.length = 0
  return bench
}

export const usersOf = async ({ cognito, provisioned }: RotationBench): Promise<number> =>
  (await cognito.send(new ListUsersCommand({ UserPoolId: provisioned.userPoolId }))).Users?.length ?? 0

export const callsOf = ({ aws }: RotationBench, operation: string): number =>
  aws.calls.filter((call) => call.operation === operation).length

/** What a machine user is that App1 can sign in as. */
export const ready = { enabled: true, status: 'CONFIRMED', groups: ['api-client'] }
