// The token endpoint of a pool's domain, for the client_credentials grant alone; it never logs or repeats a credential.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallLog } from './call-log.ts'
import { grantClientCredentials } from './cognito/machine-tokens.ts'
import type { CognitoState } from './cognito/state.ts'
import type { CallPlan } from './faults.ts'
import { failPlainly, writeJson } from './http-answer.ts'
import { isLoopbackHost, mediaType, readBody } from './json-protocol.ts'
import { readTokenRequest } from './token-request.ts'

/** What a request to a token endpoint is called in the call log, in faults and in quotas. */
export const tokenEndpointOperation = 'TokenEndpoint'

/**
 * Where local AWS has the token endpoint of a domain. On AWS a domain is a host of its own,
 * `https://<domain>.auth.<region>.amazoncognito.com/oauth2/token`; here it is the first part of the path.
 */
export function localTokenEndpoint(localAwsUrl: string, domain: string): string {
  return `${localAwsUrl}/${domain}/oauth2/token`
}

export function isTokenEndpoint(request: IncomingMessage): boolean {
  return domainOf(request) !== undefined
}

export type TokenEndpointHandlerDeps = {
  readonly log: CallLog
  readonly latencyMs: number
  /** Whether a request quota admits the call. */
  readonly admits: (operation: string) => boolean
  readonly planCall: (operation: string) => CallPlan
  readonly state: CognitoState
}

/**
 * A function that answers `POST /<domain>/oauth2/token`. Every refusal is a 400 with an `error` of RFC 6749, but for
 * another method or media type (405, empty) and a domain that no pool has (404).
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 */
export function createTokenEndpointHandler(
  deps: TokenEndpointHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    if (!isLoopbackHost(request.headers.host)) {
      writeJson(response, 404, { message: 'Not found.' })
      return
    }
    const body = await readBody(request).catch(() => undefined)
    const end = deps.log.start(tokenEndpointOperation)
    const { before, after } = deps.planCall(tokenEndpointOperation)
    if (deps.latencyMs > 0) await sleep(deps.latencyMs)
    if (before !== undefined) {
      end(await failPlainly(response, before))
      return
    }
    const answer = await perform(deps, request, body)
    end(after === undefined ? write(response, answer) : await failPlainly(response, after))
  }
}

type Answer = { readonly status: number; readonly body: object | undefined; readonly error: string | undefined }

async function perform(
  deps: TokenEndpointHandlerDeps,
  request: IncomingMessage,
  body: string | undefined,
): Promise<Answer> {
  if (!deps.admits(tokenEndpointOperation)) return failed(429, { message: 'Too many requests.' })
  const poolId = deps.state.domains.get(domainOf(request) ?? '')
  if (poolId === undefined) return failed(404, { message: 'Not found.' })
  if (request.method !== 'POST' || mediaType(request) !== 'application/x-www-form-urlencoded') return failed(405)
  if (body === undefined) return refused('invalid_request')
  const read = readTokenRequest({ authorization: request.headers.authorization, body })
  if (read.kind === 'refused') return refused(read.error)
  const grant = await grantClientCredentials(deps.state, { poolId, ...read.request })
  if (grant.kind === 'refused') return refused(grant.error)
  const { accessToken, expiresInSeconds } = grant
  const granted = { access_token: accessToken, expires_in: expiresInSeconds, token_type: 'Bearer' }
  return { status: 200, body: granted, error: undefined }
}

function domainOf({ url }: IncomingMessage): string | undefined {
  return /^\/([a-z0-9-]{1,63})\/oauth2\/token(?:\?|$)/.exec(url ?? '')?.[1]
}

function refused(error: string): Answer {
  return { status: 400, body: { error }, error }
}

function failed(status: number, body?: object): Answer {
  return { status, body, error: String(status) }
}

/** Writes the answer and says what the call log should keep of it. */
function write(response: ServerResponse, { status, body, error }: Answer): string | undefined {
  // RFC 6749, section 5.1: what holds a token is stored nowhere.
  if (body !== undefined) writeJson(response, status, body, { 'cache-control': 'no-store', pragma: 'no-cache' })
  else response.writeHead(status, { 'content-length': 0 }).end()
  return error
}
