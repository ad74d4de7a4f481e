// Turns what a function returned into an HTTP answer, by the rules of each kind of API; it repairs nothing.
import { validateHeaderName, validateHeaderValue } from 'node:http'
import * as z from 'zod/mini'
import type { GatewayReply, Header } from './loopback-server.ts'

/** The function returned something that API Gateway could not send. */
export class MalformedProxyResultError extends Error {
  override readonly name = 'MalformedProxyResultError'
}

const headerValue = z.union([z.string(), z.number(), z.boolean()])
const statusCode = z.int().check(z.gte(200), z.lte(599))

const restResult = z.strictObject({
  statusCode,
  headers: z.nullish(z.record(z.string(), headerValue)),
  multiValueHeaders: z.nullish(z.record(z.string(), z.array(headerValue))),
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
})

const httpResult = z.object({
  statusCode,
  headers: z.nullish(z.record(z.string(), headerValue)),
  cookies: z.nullish(z.array(z.string())),
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
})

/** The connection, the length and the date are the gateway's own business. */
const droppedHeaders = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'upgrade'])

/** Of a function behind a REST API these leave as `x-amzn-Remapped-<name>`, under the names that AWS writes. */
const remappedHeaders = new Map(
  [
    'Authorization',
    'Connection',
    'Content-Length',
    'Content-MD5',
    'Date',
    'Expect',
    'Host',
    'Max-Forwards',
    'Proxy-Authenticate',
    'Server',
    'Trailer',
    'Upgrade',
    'User-Agent',
    'WWW-Authenticate',
  ].map((name) => [name.toLowerCase(), `x-amzn-Remapped-${name}`]),
)

/**
 * The answer of a REST API. Throws MalformedProxyResultError for an unknown field too, as API Gateway does. A body
 * goes out as it is, with `isBase64Encoded` or without: the deployed API declares no binary media types. A
 * `WWW-Authenticate` of a function, and what else belongs to the gateway, is renamed on the way, so that only the
 * gateway's own reaches a client. AWS lists what "may be" renamed or dropped; this is what was seen by
 * https://github.com/architect/sandbox.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function toRestReply(result: unknown): GatewayReply {
  const parsed = z.safeParse(restResult, result)
  if (!parsed.success) throw new MalformedProxyResultError('the result is not that of a REST API proxy integration')
  const { statusCode: status, headers, multiValueHeaders, body } = parsed.data
  const several = Object.entries(multiValueHeaders ?? {}).flatMap(([name, values]) =>
    values.map((value): Header => [name, String(value)]),
  )
  const severalNames = new Set(several.map(([name]) => name.toLowerCase()))
  const single = toHeaders(headers).filter(([name]) => !severalNames.has(name.toLowerCase()))
  const all = checkHeaders([...single, ...several])
  const remapped = all.map(([name, value]): Header => [remappedHeaders.get(name.toLowerCase()) ?? name, value])
  return { status, headers: withContentType(withoutDropped(remapped), 'application/json'), body: body ?? '' }
}

/**
 * The answer of an HTTP API in payload format 2.0. A result without `statusCode` is itself the body of a 200. Throws
 * MalformedProxyResultError for one with a `statusCode` and something else that cannot be sent.
 */
export function toHttpReply(result: unknown): GatewayReply {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : JSON.stringify(result)
    return { status: 200, headers: [['content-type', 'application/json']], body }
  }
  const parsed = z.safeParse(httpResult, result)
  if (!parsed.success) throw new MalformedProxyResultError('the result is not one of payload format 2.0')
  const { statusCode: status, headers, cookies, body, isBase64Encoded } = parsed.data
  const setCookies = (cookies ?? []).map((cookie): Header => ['set-cookie', cookie])
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8')
  return {
    status,
    headers: withContentType(
      withoutDropped(checkHeaders([...toHeaders(headers), ...setCookies])),
      'text/plain;charset=utf-8',
    ),
    body: bytes,
  }
}

function toHeaders(headers: Readonly<Record<string, string | number | boolean>> | null | undefined): Header[] {
  return Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])
}

function checkHeaders(headers: readonly Header[]): readonly Header[] {
  try {
    for (const [name, value] of headers) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
  } catch {
    throw new MalformedProxyResultError('a header of the result cannot be sent')
  }
  return headers
}

function withoutDropped(headers: readonly Header[]): Header[] {
  return headers.filter(([name]) => !droppedHeaders.has(name.toLowerCase()))
}

function withContentType(headers: readonly Header[], fallback: string): readonly Header[] {
  const hasContentType = headers.some(([name]) => name.toLowerCase() === 'content-type')
  return hasContentType ? headers : [...headers, ['content-type', fallback]]
}
