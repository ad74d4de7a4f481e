// Everything around the pair's functions for one case after another: local AWS, proxies, gateways, a clock, an operator.
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { gatewayResponses } from '#infra/deploy/gateway-responses.ts'
import { startLocalAws } from '../../../infra/emulators/aws/server.ts'
import { startHttpApi } from '../../../infra/emulators/gateway/http-api.ts'
import { inProcess } from '../../../infra/emulators/gateway/lambda-function.ts'
import { startRestApi } from '../../../infra/emulators/gateway/rest-api.ts'
import { createAwsClients } from '#infra/local/aws-clients.ts'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import { applyTemplates, type Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { parseRoleArn, type RoleArn } from '#shared/aws/role-arn.ts'
import { makeProvisioningId } from '#services/app1-provisioner/provisioning-id.ts'
import { identityValidationExpression } from '#services/app2-accounts/authorizer/bearer-token.ts'
import { createApp as createSampleApp } from '#services/app2-accounts/sample/app.ts'
import { permissions } from '#shared/access-rules.ts'
import { routes } from '#shared/routes.ts'
import { createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { recordingLogger } from '../../support/logger.ts'
import { startApp2Proxy, type App2Proxy } from './app2-proxy.ts'
import { startAwsProxy, type AwsProxy } from './aws-proxy.ts'
import { createFunctions, type FunctionsOptions, type PairFunctions } from './functions.ts'
import { createOperator, type Operator } from './operator.ts'
import { createSecretKeeper, type SecretKeeper } from './secret-keeper.ts'

export type FaultEnvironment = {
  readonly app1Url: string
  readonly app2Url: string
  readonly awsProxy: AwsProxy
  readonly app2Proxy: App2Proxy
  readonly operator: Operator
  readonly secretKeeper: SecretKeeper
  /** Somebody who has nothing to do with any case. */
  readonly bystander: { readonly username: string; readonly password: string }
  /** Moves the one clock of pair and AWS forward. */
  readonly advance: (ms: number) => void
  /** New functions, which have seen nothing yet; the gateways call these from now on. */
  install(options: Pick<FunctionsOptions, 'logger' | 'timeoutMs'>): PairFunctions
  /** The id that App1 makes for this request. */
  provisioningId(request: {
    readonly requestedBy: string
    readonly idempotencyKey: string
    readonly username: string
    readonly humanUserId: string
    readonly password: string
    readonly reader?: string
  }): string
  /** Another machine user, and its credentials in the secret; the one before stays as it is. */
  rotateMachineUser(): Promise<void>
  /** Puts a password into the secret that is not the machine user's. */
  spoilMachineSecret(): Promise<void>
  close(): Promise<void>
}

/** Who calls App1, and somebody else who may call it as well. */
export const caller = 'arn:aws:iam::123456789012:role/orders'
export const otherCaller = 'arn:aws:iam::123456789012:role/billing'
/** The roles that generated passwords are delivered to. */
export const reader = 'arn:aws:iam::123456789012:role/readers/orders-worker'
export const otherReader = 'arn:aws:iam::123456789012:role/orders-batch'
const readers = [reader, otherReader]
const callerArn = 'arn:aws:sts::123456789012:assumed-role/orders/session'

const region = 'us-east-1'

export async function startFaultEnvironment(): Promise<FaultEnvironment> {
  let aheadMs = 0
  const now = (): number => Date.now() + aheadMs
  const aws = await startLocalAws({
    region,
    now,
    principals: new Map(readers.map((role) => [accessKeyOf(role), role])),
  })
  const clientsOf = (accessKeyId: string): Clients =>
    createAwsClients({
      endpoint: aws.url,
      region,
      environment: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: accessKeyId },
    })
  const clients = clientsOf('operator')
  const clientsOfReaders = new Map(readers.map((role) => [role, clientsOf(accessKeyOf(role))]))
  const provisioned = await applyTemplates({
    ...clients,
    region,
    templatesFolder: new URL('../../../infra/templates/', import.meta.url),
    choice: { accepted: ['password'], app2Authorizer: 'lambda', passwordReaders: readers },
  })
  const rotateMachineUser = (): Promise<void> => makeMachineCredentials({ ...clients, provisioned })
  await rotateMachineUser()
  const idempotencySecret = await readIdempotencySecret(clients.secrets, provisioned)
  const operator = await createOperator(clients.cognito, provisioned)
  const secretKeeper = createSecretKeeper({
    ...clients,
    provisioned,
    secretsAs: new Map([...clientsOfReaders].map(([role, ofReader]) => [role, ofReader.secrets])),
    now,
  })

  let functions: PairFunctions | undefined
  const closeFunctions = (): void => {
    for (const each of Object.values(functions ?? {})) each.close()
  }
  const call = (name: keyof PairFunctions) => async (event: unknown) => functions?.[name].invoke(event)
  const sample = createLambdaHandler(
    createSampleApp({ now, logger: recordingLogger(), readCaller: createAuthorizerReader([]) }),
    recordingLogger(),
  )
  const app2 = await startRestApi({
    gatewayResponses: gatewayResponses(),
    now,
    authorizer: { function: call('authorizer'), identityValidationExpression, ttlSeconds: 60 },
    routes: routes.app2.flatMap(({ method, path, access, function: name }) =>
      // It writes nothing: there is nothing to leave behind.
      name === 'check-users'
        ? []
        : [
            {
              method,
              path,
              authorization: { kind: access === 'public' ? ('none' as const) : ('token' as const) },
              function: name === 'sample' ? inProcess(sample, { name, timeoutMs: 10_000 }) : call(name),
            },
          ],
    ),
  })
  const awsProxy = await startAwsProxy({
    awsUrl: aws.url,
    setFaults: (faults) => {
      aws.setFaults(faults)
    },
  })
  const app2Proxy = await startApp2Proxy({ target: app2.url })
  const app1 = await startHttpApi({
    now,
    callerArn,
    routes: routes.app1.map(({ method, path }) => ({ method, path, function: call('app1-provisioner') })),
  })

  const bystander = { username: 'bystander', password: randomPassword().expose() }
  const provisioningId: FaultEnvironment['provisioningId'] = ({ password, reader: deliverTo, ...request }) =>
    makeProvisioningId(idempotencySecret, {
      ...request,
      password: deliverTo === undefined ? new SecretValue(password) : { deliverTo },
    })
  await operator.make({
    ...bystander,
    humanUserId: 'bob@example.com',
    group: 'service-user',
    provisioningId: provisioningId({
      ...bystander,
      requestedBy: otherCaller,
      idempotencyKey: 'bystander',
      humanUserId: 'bob@example.com',
    }),
  })
  // A pool makes its keys at the first sign-in, which takes longer than some cases have.
  await operator.signIn(bystander.username, bystander.password)

  return {
    app1Url: app1.url,
    app2Url: app2.url,
    awsProxy,
    app2Proxy,
    operator,
    secretKeeper,
    bystander,
    advance: (ms) => {
      aheadMs += ms
    },
    install: (options) => {
      closeFunctions()
      functions = createFunctions({
        ...options,
        awsUrl: awsProxy.url,
        app2Url: app2Proxy.url,
        sendToApp2: app2Proxy.send,
        provisioned,
        readers,
        allowedCallers: [caller, otherCaller].map((arn) => ({ role: toRoleArn(arn), permissions })),
        now,
      })
      return functions
    },
    provisioningId,
    rotateMachineUser,
    spoilMachineSecret: () => spoilMachineSecret(clients.secrets, provisioned),
    close: async () => {
      closeFunctions()
      for (const each of [clients, ...clientsOfReaders.values()]) {
        for (const client of Object.values(each)) client.destroy()
      }
      for (const part of [app1, app2Proxy, app2, awsProxy, aws]) await part.close()
    },
  }
}

/** The name of a role, which no other has. */
function accessKeyOf(role: string): string {
  return role.split('/').at(-1) ?? ''
}

async function readIdempotencySecret(
  secrets: SecretsManagerClient,
  { machineSecretArn }: Provisioned,
): Promise<SecretValue> {
  const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: machineSecretArn }))
  const { idempotency_secret } = JSON.parse(SecretString) as { idempotency_secret: string }
  return new SecretValue(idempotency_secret)
}

async function spoilMachineSecret(secrets: SecretsManagerClient, { machineSecretArn }: Provisioned): Promise<void> {
  const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: machineSecretArn }))
  const spoilt = { ...(JSON.parse(SecretString) as object), password: randomPassword().expose() }
  await secrets.send(new PutSecretValueCommand({ SecretId: machineSecretArn, SecretString: JSON.stringify(spoilt) }))
}

function toRoleArn(arn: string): RoleArn {
  const role = parseRoleArn(arn)
  if (role === undefined) throw new RangeError('not the ARN of a role')
  return role
}
