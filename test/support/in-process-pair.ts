// The whole pair in this process: real handlers, real events, real SDK clients over loopback to local AWS.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { vi } from 'vitest'
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../../infra/emulators/aws/server.ts'
import { inProcess, type WorkerFunction } from '../../infra/emulators/gateway/lambda-function.ts'
import type { LambdaHandler } from '../../infra/emulators/gateway/lambda-runtime.ts'
import { app1AccountId, otherAccountId } from '#infra/local/local-signers.ts'
import { app1StsToken, machineToken } from '#infra/local/machine-token.ts'
import { awsCredentials, newApp2Signers, stsPrincipals } from '#infra/local/pair-credentials.ts'
import type { PairModeOptions } from '#infra/local/pair-modes.ts'
import { region, startPair, type FunctionDefinition, type FunctionName, type Pair } from '#infra/local/pair.ts'
import { signIn } from '#infra/local/sign-in.ts'
import { signRequest } from '#shared/client/sign-request.ts'
import { errorTable } from '#shared/errors.ts'
import { routes, type App1Route, type App2Route } from '#shared/routes.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
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

export type InProcessOptions = PairModeOptions & {
  readonly localAws?: LocalAwsOptions
  /** What the gateways go by. */
  readonly now?: () => number
}

const handlers = {
  'app1-provisioner': () => import('#services/app1-provisioner/handler.ts'),
  jobs: () => import('#services/app1-provisioner/jobs/handler.ts'),
  'job-worker': () => import('#services/app1-provisioner/job-worker/handler.ts'),
  'check-users': () => import('#services/app2-accounts/check-users/handler.ts'),
  'create-user': () => import('#services/app2-accounts/create-user/handler.ts'),
  'manage-users': () => import('#services/app2-accounts/manage-users/handler.ts'),
  sample: () => import('#services/app2-accounts/sample/handler.ts'),
  authorizer: () => import('#services/app2-accounts/authorizer/handler.ts'),
  'machine-credential-rotation': () => import('#services/credential-rotation/handler.ts'),
} as const satisfies Record<FunctionName, unknown>

/** One at a time: its functions share this process' environment. Each pair has handlers that have seen nothing yet. */
export async function startInProcessPair(options: InProcessOptions = {}): Promise<InProcessPair> {
  const { localAws = {}, ...pairOptions } = options
  const output = captureOutput()
  const signers = newApp2Signers(awsCredentials(undefined))
  const aws = await startLocalAws({
    ...(options.jobs && { tables: true, queues: true }),
    webIdentityAccounts: [app1AccountId, otherAccountId],
    ...localAws,
    principals: new Map([...stsPrincipals(signers), ...(localAws.principals ?? [])]),
  })
  const sts = { issuer: aws.enableWebIdentity(app1AccountId), signers }
  const proxy = await startRecordingProxy(aws.url)
  const functions = createInProcessFunctions()
  const pair = await startPair({ ...pairOptions, awsEndpoint: proxy.url, sts, startFunction: functions.start })
  return {
    pair,
    aws,
    proxy,
    output: output.text,
    close: async () => {
      output.release()
      await pair.close()
      functions.forget()
      await proxy.close()
      await aws.close()
    },
  }
}

export type InProcessFunctions = {
  readonly start: (definition: FunctionDefinition) => WorkerFunction
  /** Takes what the functions found in their environment out of this process' own. */
  readonly forget: () => void
}

/**
 * A handler is composed when its module is first imported, from the environment of that moment: so they are imported one
 * after another, each with its own variables in place. What another one set and this one does not stays, as what is read
 * later than at import (the SDK's credentials) has to be found.
 */
export function createInProcessFunctions(): InProcessFunctions {
  const names = new Set<string>()
  let loading: Promise<unknown> = Promise.resolve()

  const load = async ({ name, environment }: FunctionDefinition): Promise<LambdaHandler> => {
    vi.resetModules()
    // Tests create and change users faster than Cognito's quota for an account lets anybody.
    const variables = { CREATIONS_PER_SECOND: '1000', ...environment, CHANGES_PER_SECOND: '1000' }
    for (const variable of Object.keys(variables)) names.add(variable)
    Object.assign(process.env, variables)
    const { handler } = await handlers[name]()
    return handler
  }

  return {
    start: (definition) => {
      const { name, timeoutMs } = definition
      const loaded = loading.then(() => load(definition)).then((handler) => inProcess(handler, { name, timeoutMs }))
      // One that fails to load is told of when it is called, as Lambda does.
      loading = loaded.catch(() => undefined)
      return { invoke: async (event) => (await loaded)(event), close: () => Promise.resolve() }
    },
    forget: () => {
      for (const name of names) Reflect.deleteProperty(process.env, name)
    },
  }
}

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: unknown
}

/** Posts JSON, or a text as it is. Rejects for an answer that the table of routes, and so the documents, do not have. */
export const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  call('POST', url, { body, headers })

/** As `post`, by any method. */
export async function call(
  method: string,
  url: string,
  { body, headers = {} }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  })
  const text = await response.text()
  const answer = { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown }
  requireDocumented(method, new URL(url).pathname, answer)
  return answer
}

function requireDocumented(method: string, pathname: string, { status, body }: Pick<Answer, 'status' | 'body'>): void {
  const rows: readonly (App1Route | App2Route)[] = [...routes.app1, ...routes.app2]
  const row = rows.find(
    (route) => route.method === method && new RegExp(`${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  )
  if (row === undefined) return
  const { success, codes, dryRun } = row
  const { code } = body as { readonly code?: string }
  const isDocumented =
    code === undefined || status < 400
      ? status >= 400 ||
        [success, dryRun].some((answer) => answer?.status === status && answer.schema.safeParse(body).success)
      : codes.some((other) => other === code && errorTable[other].status === status)
  if (!isDocumented) throw new Error(`${pathname} answered ${status} ${code ?? ''}, which docs/openapi/ has not`)
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

/**
 * The headers by which App1 opens App2's admin route in the mode of the pair, for a request with this very body; on
 * another `path` they prove the same and open nothing.
 */
export async function machineHeaders(
  pair: Pair,
  { path = '/admin/create-user', body }: { readonly path?: string; readonly body: unknown },
): Promise<Record<string, string>> {
  const { machineAuth } = pair.modes
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  if (machineAuth === 'sts-token') return bearer(await app1StsToken(pair, { path, body: text }))
  if (machineAuth !== 'sigv4') return bearer(await machineToken(pair, machineAuth))
  if (pair.app2Signers === undefined) throw new Error('the pair was started without signers')
  return signRequest(
    {
      method: 'POST',
      url: new URL(`${pair.app2Url}${path}`),
      headers: { 'content-type': 'application/json' },
      body: text,
    },
    { credentials: pair.app2Signers.provisioner, region, now: Date.now },
  )
}
