// What the events of REST and HTTP APIs have in common; it reads a request and changes nothing in it.
import { randomBytes } from 'node:crypto'
import type { GatewayRequest, Header } from './loopback-server.ts'

/** They belong to the client's connection with API Gateway, which ends there (RFC 9110, section 7.6.1). */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** The target's path and query as they were sent: nothing is decoded, and a `?` in the query belongs to the query. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf('?')
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) }
}

/** The client's headers without those of its connection, and with those that API Gateway adds. */
export function forwardedHeaders(request: GatewayRequest, receivedAt: number): Header[] {
  const kept = request.headers.filter(([name]) => !connectionHeaders.has(name.toLowerCase()))
  const earlierHops = kept.filter(([name]) => name.toLowerCase() === 'x-forwarded-for').map(([, value]) => value)
  const time = Math.floor(receivedAt / 1000).toString(16)
  return [
    ...kept.filter(([name]) => !/^x-(forwarded-(for|port|proto)|amzn-trace-id)$/i.test(name)),
    ['X-Amzn-Trace-Id', `Root=1-${time.padStart(8, '0')}-${randomBytes(12).toString('hex')}`],
    ['X-Forwarded-For', [...earlierHops, request.sourceIp].join(', ')],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ]
}

/** The values of each name, in order. Names that have the same `keyOf` are one, written as the first of them was. */
export function groupValues(
  pairs: Iterable<Header>,
  keyOf: (name: string) => string,
): [name: string, values: string[]][] {
  const groups = new Map<string, [string, string[]]>()
  for (const [name, value] of pairs) {
    const group = groups.get(keyOf(name))
    if (group === undefined) groups.set(keyOf(name), [name, [value]])
    else group[1].push(value)
  }
  return [...groups.values()]
}

/** As in an access log: `12/Mar/2020:19:03:58 +0000`. */
export function formatRequestTime(receivedAt: number): string {
  const time = new Date(receivedAt).toUTCString()
  return time.replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000')
}

/** An id of the form that API Gateway gives to requests beside UUIDs: `JKJaXmPLvHcESHA=`. */
export function newExtendedRequestId(): string {
  return randomBytes(11).toString('base64')
}

/** Ten characters, like the id of a deployed API. */
export function newApiId(): string {
  return randomBytes(5).toString('hex')
}
