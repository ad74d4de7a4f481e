// Starts an API of the gateway's emulator for one test; what its function was given and what was refused can be read.
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda'
import { onTestFinished, vi, type Mock } from 'vitest'
import { startHttpApi, type HttpApiOptions, type HttpRefusal } from '../../gateway/http-api.ts'
import type { LambdaFunction } from '../../gateway/lambda-function.ts'
import { gatewayResponses } from './fixtures/gateway-responses.ts'
import type { LoopbackServer } from '../../gateway/loopback-server.ts'
import {
  startRestApi,
  type RestApiOptions,
  type RestRefusal,
  type RestRoute,
  type RunningRestApi,
} from '../../gateway/rest-api.ts'

/** Ends with the test. */
export function keep<T extends { close(): Promise<void> }>(server: T): T {
  onTestFinished(() => server.close())
  return server
}

type Running<Api, Event, Refusal> = {
  readonly api: Api
  readonly events: readonly Event[]
  readonly lambda: Mock<LambdaFunction>
  readonly refusals: readonly Refusal[]
}

/** A function that notes its events and answers `statusCode`. */
function record<Event>(statusCode: number): Pick<Running<unknown, Event, unknown>, 'events' | 'lambda'> {
  const events: Event[] = []
  const lambda = vi.fn<LambdaFunction>((event) => {
    events.push(JSON.parse(JSON.stringify(event)) as Event)
    return Promise.resolve({ statusCode, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' })
  })
  return { events, lambda }
}

export function policyFor(resource: string, Effect = 'Allow'): object {
  const Statement = [{ Effect, Action: 'execute-api:Invoke', Resource: resource }]
  return {
    principalId: 'sub-1',
    policyDocument: { Version: '2012-10-17', Statement },
    context: { groups: 'service-user' },
  }
}

/** A REST API with two routes behind `authorization`, by default a token authorizer that lets all in, and one in front of it. */
export async function startRest(
  overrides: Partial<RestApiOptions> = {},
  authorization: RestRoute['authorization'] = { kind: 'token' },
): Promise<
  Running<RunningRestApi, APIGatewayProxyEvent, RestRefusal> & {
    readonly authorizer: Mock<LambdaFunction>
    readonly post: (path?: string, init?: RequestInit) => Promise<Response>
  }
> {
  const { events, lambda } = record<APIGatewayProxyEvent>(200)
  const refusals: RestRefusal[] = []
  const authorizer = vi.fn<LambdaFunction>(() => Promise.resolve(policyFor('*')))
  const api = keep(
    await startRestApi({
      gatewayResponses,
      routes: [
        { method: 'POST', path: '/sample', function: lambda, authorization },
        { method: 'POST', path: '/admin/create-user', function: lambda, authorization },
        { method: 'GET', path: '/health', function: lambda, authorization: { kind: 'none' } },
      ],
      authorizer: { function: authorizer, identityValidationExpression: 'Bearer [\\w.-]+' },
      onRefusal: (refusal) => refusals.push(refusal),
      ...overrides,
    }),
  )
  const post = (path = '/sample', init: RequestInit = {}): Promise<Response> =>
    fetch(`${api.url}${path}`, { method: 'POST', headers: { authorization: 'Bearer a' }, body: '{}', ...init })
  return { api, authorizer, events, lambda, post, refusals }
}

export const callerArn = 'arn:aws:sts::123456789012:assumed-role/operator/alice'

/** An HTTP API that takes `callerArn` for the caller. */
export async function startHttp(overrides: Partial<HttpApiOptions> = {}): Promise<
  Running<LoopbackServer, APIGatewayProxyEventV2WithIAMAuthorizer, HttpRefusal> & {
    readonly post: (init?: RequestInit) => Promise<Response>
  }
> {
  const { events, lambda } = record<APIGatewayProxyEventV2WithIAMAuthorizer>(201)
  const refusals: HttpRefusal[] = []
  const api = keep(
    await startHttpApi({
      routes: [
        { method: 'POST', path: '/create-service-user', function: lambda },
        { method: 'GET', path: '/health', function: lambda },
      ],
      callerArn,
      onRefusal: (refusal) => refusals.push(refusal),
      ...overrides,
    }),
  )
  const post = (init: RequestInit = {}): Promise<Response> =>
    fetch(`${api.url}/create-service-user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      ...init,
    })
  return { api, events, lambda, post, refusals }
}
