// Calls to services whose SDK clients are not among our dependencies; signed for nobody, so that only moto takes them.
import { region } from './isolated-environment.ts'

export type ApiRequest = {
  /** As it stands in the scope of a signature: by it moto tells its services apart. */
  readonly service: string
  readonly method?: 'GET' | 'POST'
  readonly path?: string
  readonly target?: string
  readonly body?: string
}

/** The body of the answer. Rejects for any status but 200, with what the answer says. */
export type CallApi = (request: ApiRequest) => Promise<string>

const form = 'application/x-www-form-urlencoded'
const json = 'application/x-amz-json-1.1'

export function createApiCaller(endpoint: string): CallApi {
  return async ({ service, method = 'POST', path = '/', target, body }) => {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
        // None without a body: moto takes a GET with the form's type for another call.
        ...(body !== undefined && { 'content-type': target === undefined ? form : json }),
        ...(target !== undefined && { 'x-amz-target': target }),
      },
      ...(body !== undefined && { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    if (response.status === 200) return text
    throw new Error(`${service} ${target ?? body ?? path} answered ${response.status}: ${text.slice(0, 500)}`)
  }
}

/** A call of the query protocol, whose answer is XML. */
export function query(service: string, parameters: Readonly<Record<string, string>>): ApiRequest {
  return { service, body: new URLSearchParams(parameters).toString() }
}

/** What stands between each `<name>` and its end, of elements that do not hold themselves. Empty ones give ''. */
export function xmlElements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:/>|>(.*?)</${name}>)`, 'gs'))].map(([, content = '']) => content)
}
