// The whole pair in this process: real handlers, real events, real SDK clients over loopback to local AWS.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../../infra/local/aws/server.ts'
import { inProcess, type WorkerFunction } from '../../infra/local/gateway/lambda-function.ts'
import { startPair, type FunctionDefinition, type FunctionName, type Pair } from '../../infra/local/pair.ts'
import { signIn } from '../../infra/local/sign-in.ts'
import { SecretValue } from '../../shared/secret-value.ts'
import { captureOutput } from './capture-output.ts'
import { startRecordingProxy, type RecordingProxy } from './recording-proxy.ts'

export type InProcessPair = {
  readonly pair: Pair
  readonly aws: LocalAws
  /** Sees all that passes between pair and AWS, set-up included. */
  readonly proxy: RecordingProxy
  /** What the pair has printed so far. */
  readonly output: () => string
  close(): Promise<void>
}

const handlers = {
  'app1-provisioner': () => import('../../services/app1-provisioner/handler.ts'),
  'create-user': () => import('../../services/app2-accounts/create-user/handler.ts'),
  sample: () => import('../../services/app2-accounts/sample/handler.ts'),
  authorizer: () => import('../../services/app2-accounts/authorizer/handler.ts'),
} as const satisfies Record<FunctionName, unknown>

/** Once per test file: a handler is composed when its module is first imported, from the environment of that moment. */
export async function startInProcessPair(localAws: LocalAwsOptions = {}): Promise<InProcessPair> {
  const output = captureOutput()
  const aws = await startLocalAws(localAws)
  const proxy = await startRecordingProxy(aws.url)
  const pair = await startPair({ awsEndpoint: proxy.url, startFunction: startInProcess })
  return {
    pair,
    aws,
    proxy,
    output: output.text,
    close: async () => {
      output.release()
      await pair.close()
      await proxy.close()
      await aws.close()
    },
  }
}

function startInProcess({ name, environment, timeoutMs }: FunctionDefinition): WorkerFunction {
  Object.assign(process.env, environment)
  const loaded = handlers[name]().then(({ handler }) => inProcess(handler, { name, timeoutMs }))
  return { invoke: async (event) => (await loaded)(event), close: () => Promise.resolve() }
}

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: unknown
}

/** Posts JSON, or a text as it is. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown }
}

export const bearer = (token: SecretValue): Record<string, string> => ({ authorization: `Bearer ${token.expose()}` })

export const serviceToken = (
  { clients, provisioned }: Pair,
  username: string,
  password: string,
): Promise<SecretValue> =>
  signIn(clients.cognito, {
    userPoolId: provisioned.userPoolId,
    clientId: provisioned.serviceClientId,
    username,
    password: new SecretValue(password),
  })

export type MachineUser = { readonly username: string; readonly password: string }

export async function machineUser({ clients, provisioned }: Pair): Promise<MachineUser> {
  const command = new GetSecretValueCommand({ SecretId: provisioned.machineSecretArn })
  const { SecretString = '{}' } = await clients.secrets.send(command)
  return JSON.parse(SecretString) as MachineUser
}

export async function machineToken(pair: Pair): Promise<SecretValue> {
  const { username, password } = await machineUser(pair)
  return signIn(pair.clients.cognito, {
    userPoolId: pair.provisioned.userPoolId,
    clientId: pair.provisioned.machineClientId,
    username,
    password: new SecretValue(password),
  })
}
