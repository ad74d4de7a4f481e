// One local AWS for the tests of a file, and for each test a secret, a scope client and a log of its own.
import { sendOnce } from '#shared/aws/send-once.ts'
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  GetClientTokenCommand,
  InitiateAuthCommand,
  ListUserPoolClientSecretsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { applyTemplates, type TemplateChoice } from '#infra/local/set-up/apply-templates.ts'
import { machineGroups, type Group } from '#shared/access-rules.ts'
import { rotateSecret } from '#infra/local/set-up/rotate-secret.ts'
import { createAwsCredentials } from '#services/credential-rotation/aws-credentials.ts'
import {
  createRotationHandler,
  type RotationDeps,
  type RotationStep,
} from '#services/credential-rotation/rotation-handler.ts'
import { createSecretStore, type SecretStore } from '#services/credential-rotation/secret-store.ts'
import type { StepContext } from '#services/credential-rotation/steps/rotation-step.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { startLocalAws } from '../../../../infra/emulators/aws/server.ts'
import { localTokenEndpoint } from '../../../../infra/emulators/aws/token-endpoint-handler.ts'

export const password: TemplateChoice = { accepted: ['password'], app2Authorizer: 'lambda' }
export const clientToken: TemplateChoice = { accepted: ['client-token'], app2Authorizer: 'lambda' }
export const both: TemplateChoice = { accepted: ['password', 'client-token'], app2Authorizer: 'lambda' }

/** What a machine user is that App1 can sign in as. */
export const ready = { enabled: true, status: 'CONFIRMED', groups: ['api-client', 'api-admin'] }

type Field = 'username' | 'password' | 'client_id' | 'client_secret' | `scope_client_${'id' | 'secret' | 'secret_id'}`

/** The fields of a mode that is not accepted are absent all the same. */
export type Stored = Readonly<Record<Field | 'idempotency_secret', string>>

type Clients = {
  readonly cognito: CognitoIdentityProviderClient
  /** By default `cognito`: the bench's own repeats no call. */
  readonly unrepeatedCognito?: CognitoIdentityProviderClient
  readonly secrets: SecretsManagerClient
}

type RotateOptions = {
  /** Runs between the steps, with the step that comes next. */
  readonly before?: Partial<Record<RotationStep, () => Promise<unknown>>>
  /** How often Secrets Manager calls each step. */
  readonly times?: number
  /** What the function has for a step in place of the bench's; `store` is what it would have. */
  readonly deps?: (step: RotationStep, store: SecretStore) => Partial<RotationDeps>
}

export type RotationBench = Awaited<ReturnType<typeof startBench>>

/** Gives a bench after so many rotations, with an empty log. Its AWS starts before the tests of the file, and ends after. */
export function rotationBenches(choice: TemplateChoice = password): (rotations?: number) => Promise<RotationBench> {
  let local: Awaited<ReturnType<typeof startLocal>>
  beforeAll(async () => {
    local = await startLocal(choice)
  })
  afterAll(() => local.close())
  return async (rotations = 0) => {
    const bench = await startBench(local)
    for (let rotation = 1; rotation <= rotations; rotation += 1) await bench.rotate()
    bench.logger.lines.length = 0
    return bench
  }
}

async function startLocal(choice: TemplateChoice) {
  const clock = { now: Date.UTC(2026, 0, 1) }
  const aws = await startLocalAws({ now: () => clock.now })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  // One attempt per call: what is tested is the function, not the SDK's patience.
  const options = { endpoint: aws.url, region: aws.region, credentials, maxAttempts: 1 }
  const cognito = new CognitoIdentityProviderClient(options)
  const secrets = new SecretsManagerClient(options)
  const kms = new KMSClient(options)
  const provisioned = await applyTemplates({
    cognito,
    secrets,
    kms,
    region: aws.region,
    templatesFolder: new URL('../../../../infra/templates/', import.meta.url),
    tokenEndpointOf: (domain) => localTokenEndpoint(aws.url, domain),
    choice,
  })
  const close = async (): Promise<void> => {
    for (const client of [cognito, secrets, kms]) client.destroy()
    await aws.close()
  }
  return { aws, clock, cognito, secrets, provisioned, close }
}

async function startBench({
  aws,
  clock,
  cognito,
  secrets,
  provisioned: shared,
}: Awaited<ReturnType<typeof startLocal>>) {
  aws.setFaults([])
  const { userPoolId: UserPoolId, tokenEndpoint } = shared
  const whose = (name: string) => ({ UserPoolId, Username: name })

  /** Another client with the settings of that one. */
  const copyClient = async (ClientId: string | undefined): Promise<string> => {
    const { UserPoolClient: old } = await cognito.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
    const { UserPoolClient: made } = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId,
        ClientName: 'copy',
        GenerateSecret: true,
        ExplicitAuthFlows: old?.ExplicitAuthFlows,
        AllowedOAuthFlowsUserPoolClient: old?.AllowedOAuthFlowsUserPoolClient,
        AllowedOAuthFlows: old?.AllowedOAuthFlows,
        AllowedOAuthScopes: old?.AllowedOAuthScopes,
      }),
    )
    return made?.ClientId ?? ''
  }

  /** A secret as a first deployment leaves it. */
  const newSecret = async (text = JSON.stringify({ idempotency_secret: 'i'.repeat(64) })): Promise<string> => {
    const { ARN = '' } = await secrets.send(new CreateSecretCommand({ Name: randomUUID(), SecretString: text }))
    return ARN
  }

  const provisioned = {
    ...shared,
    machineSecretArn: await newSecret(),
    ...(shared.machineScopeClientId && { machineScopeClientId: await copyClient(shared.machineScopeClientId) }),
  }
  const scopeClient = { UserPoolId, ClientId: provisioned.machineScopeClientId ?? '' }
  const logger = recordingLogger()
  const since = aws.calls.length

  const deps = (
    clients: Clients = { cognito, secrets },
    changes: Partial<typeof provisioned> & { readonly machineGroups?: readonly Group[] } = {},
  ): RotationDeps => {
    const { machineSecretArn: secretArn, ...where } = { ...provisioned, machineGroups, ...changes }
    return {
      secretArn,
      store: createSecretStore({ secretsManager: clients.secrets, secretArn }),
      ...createAwsCredentials({
        ...where,
        tokenEndpoint: tokenEndpoint === undefined ? undefined : new URL(tokenEndpoint),
        cognito: clients.cognito,
        unrepeatedCognito: clients.unrepeatedCognito ?? clients.cognito,
        send: sendOnce,
        logger,
      }),
      sleep: () => Promise.resolve(),
      logger,
      now: Date.now,
    }
  }

  /** One rotation as Secrets Manager drives it; what was left pending is taken up again. */
  const rotate = async (options: RotateOptions = {}, its: RotationDeps = deps()): Promise<void> => {
    const { before = {}, times = 1, deps: depsAt } = options
    await rotateSecret({
      secretArn: its.secretArn,
      store: its.store,
      createFunction: (store) => {
        const rotateAlike = createRotationHandler({ ...its, store })
        return async (event, context) => {
          const { Step } = event as { Step: RotationStep }
          const changed = depsAt && createRotationHandler({ ...its, store, ...depsAt(Step, store) })
          await before[Step]?.()
          for (let call = 1; call <= times; call += 1) await (changed ?? rotateAlike)(event, context)
        }
      },
    })
  }

  const stored = async (stage = 'AWSCURRENT', SecretId = provisioned.machineSecretArn): Promise<Stored> => {
    const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: stage }))
    return JSON.parse(SecretString) as Stored
  }

  const stages = async (SecretId = provisioned.machineSecretArn): Promise<Record<string, string[]>> =>
    (await secrets.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {}

  const versionWith = async (label: string): Promise<string> =>
    Object.entries(await stages()).find(([, labels]) => labels.includes(label))?.[0] ?? ''

  /** What Cognito answers to a sign-in with the client that the secret names. */
  const initiate = ({ username, password: PASSWORD, client_id, client_secret }: Stored) => {
    const hash = createHmac('sha256', client_secret).update(username + client_id)
    const AuthParameters = { USERNAME: username, PASSWORD, SECRET_HASH: hash.digest('base64') }
    return cognito.send(
      new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: client_id, AuthParameters }),
    )
  }

  /** The exception's name, or `signed_in`, or the challenge's name. */
  const signInWith = (secret: Stored): Promise<string> =>
    initiate(secret).then(
      ({ ChallengeName }) => ChallengeName ?? 'signed_in',
      (error: unknown) => (error as Error).name,
    )

  /** `issued`, or what Cognito refuses with, by the way that the bench's client is made for. */
  const tokenBy = async ({ scope_client_id: ClientId, scope_client_secret: Secret }: Stored): Promise<string> => {
    const scope = 'app2/users.create'
    if (tokenEndpoint === undefined) {
      return cognito.send(new GetClientTokenCommand({ ClientId, Secret, Scopes: [scope] })).then(
        () => 'issued',
        (error: unknown) => (error as Error).name,
      )
    }
    const response = await fetch(tokenEndpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${ClientId}:${Secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    })
    return ((await response.json()) as { readonly error?: string }).error ?? 'issued'
  }

  return {
    ...{ aws, clock, cognito, secrets, provisioned, logger, scopeClient },
    ...{ copyClient, newSecret, deps, rotate, stored, stages, versionWith, initiate, signInWith, tokenBy },
    signIn: async (changes: Partial<Stored>) => signInWith({ ...(await stored()), ...changes }),
    /** How often the operation was called since the bench is there. */
    calls: (operation: string) => aws.calls.slice(since).filter((call) => call.operation === operation).length,
    /** Every step with its outcome, in order. */
    outcomes: () => logger.lines.map(({ operation, outcome }) => `${String(operation)} ${String(outcome)}`),
    /** A version that somebody writes by hand, current and with no rotation under way unless `stages` says otherwise. */
    put: async (value: object, VersionStages = ['AWSCURRENT', 'AWSPENDING']) => {
      const SecretString = JSON.stringify(value)
      const command = new PutSecretValueCommand({ SecretId: provisioned.machineSecretArn, SecretString, VersionStages })
      return (await secrets.send(command)).VersionId ?? ''
    },
    /** What an operator does to go back to the version before: AWSPREVIOUS becomes current. */
    moveBack: async () =>
      secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId: provisioned.machineSecretArn,
          VersionStage: 'AWSCURRENT',
          RemoveFromVersionId: await versionWith('AWSCURRENT'),
          MoveToVersionId: await versionWith('AWSPREVIOUS'),
        }),
      ),
    /** Whether AWSPENDING is on another version than AWSCURRENT: Secrets Manager begins no other rotation then. */
    isRotating: async (secretArn?: string) =>
      Object.values(await stages(secretArn)).some(
        (labels) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'),
      ),
    user: async (name: string) => {
      const user = await cognito.send(new AdminGetUserCommand(whose(name)))
      const { Groups = [] } = await cognito.send(new AdminListGroupsForUserCommand(whose(name)))
      return {
        sub: user.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value ?? '',
        enabled: user.Enabled ?? false,
        status: user.UserStatus ?? '',
        groups: Groups.map(({ GroupName = '' }) => GroupName),
      }
    },
    disable: (name: string) => cognito.send(new AdminDisableUserCommand(whose(name))),
    remove: (name: string) => cognito.send(new AdminDeleteUserCommand(whose(name))),
    secretIds: async () => {
      const { ClientSecrets = [] } = await cognito.send(new ListUserPoolClientSecretsCommand(scopeClient))
      return ClientSecrets.map(({ ClientSecretId = '' }) => ClientSecretId)
    },
  }
}

type Instance = {
  readonly version: string
  readonly handle: (event: unknown, remainingMs?: number) => Promise<void>
  readonly run: (step: string, changes?: object, remainingMs?: number) => Promise<void>
}

/** One instance of the function, called for a version that Secrets Manager shows as pending until it is something else. */
export function startInstance(
  bench: RotationBench,
  options: {
    readonly version?: string
    /** The version's labels until it has others. */
    readonly labels?: readonly string[] | undefined
    readonly deps?: RotationDeps
    readonly store?: (real: SecretStore) => Partial<SecretStore>
  } = {},
): Instance {
  const { version = randomUUID(), labels = ['AWSPENDING'], deps = bench.deps(), store = () => ({}) } = options
  const real: SecretStore = {
    ...deps.store,
    describe: async (call) => {
      const { stages } = await deps.store.describe(call)
      return { rotationEnabled: true, stages: { ...(labels.length > 0 && { [version]: labels }), ...stages } }
    },
  }
  const rotate = createRotationHandler({ ...deps, store: { ...real, ...store(real) } })
  const handle = (event: unknown, remainingMs = 60_000): Promise<void> =>
    rotate(event, { awsRequestId: 'request-1', getRemainingTimeInMillis: () => remainingMs })
  return {
    version,
    handle,
    run: (Step: string, changes: object = {}, remainingMs?: number): Promise<void> =>
      handle(
        { Step, SecretId: bench.provisioned.machineSecretArn, ClientRequestToken: version, ...changes },
        remainingMs,
      ),
  }
}

/** A store that does not find the version by its id, while `isHidden` says so. */
export const hiding =
  (version: string, isHidden = () => true) =>
  (real: SecretStore): Partial<SecretStore> => ({
    read: async (wanted, options) =>
      'id' in wanted && wanted.id === version && isHidden() ? undefined : real.read(wanted, options),
  })

/** What a step is handed when it works on a pending version, with ten seconds left. */
export function stepContext(version: string): StepContext {
  return {
    version,
    currentVersion: 'current',
    previousVersion: undefined,
    isPending: true,
    isBegun: false,
    rejected: new Set(),
    remainingMs: () => 10_000,
    signal: new AbortController().signal,
  }
}

/** A store none of whose calls is expected, but for those that are given. */
export function storeWith(calls: Partial<SecretStore>): SecretStore {
  const unexpected = () => Promise.reject(new Error('unexpected'))
  return {
    describe: unexpected,
    read: unexpected,
    putPending: unexpected,
    makeCurrent: unexpected,
    withdraw: unexpected,
    ...calls,
  }
}
