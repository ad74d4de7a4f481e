// What the HTTP layer in front of an API turns away by itself (RFC 9110 and 9112); it knows no route and reads no body.
import { STATUS_CODES } from 'node:http'
import { headerValues, type GatewayReply, type Header } from './loopback-server.ts'
import { toReply } from './refusal.ts'

/** Host and port (RFC 9110, section 7.2). No user, path or space, and not empty: AWS finds the API by it. */
const hostForm = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:\d*)?$/i

/**
 * The status with which a request is refused before its body is read, or undefined for one that is well framed. What it
 * lets through has one valid `Host` (HTTP/1.0 may have none) and no transfer coding but `chunked`.
 */
export function framingRefusal(request: {
  readonly httpVersion: string
  readonly headers: readonly Header[]
}): 400 | 501 | 505 | undefined {
  const { httpVersion, headers } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 505
  const hosts = headerValues(headers, 'host')
  if (hosts.length > 1 || hosts.some((host) => !hostForm.test(host))) return 400
  if (hosts.length === 0 && httpVersion === '1.1') return 400
  const codings = headerValues(headers, 'transfer-encoding')
  // HTTP/1.0 has no transfer codings: its framing is faulty (RFC 9112, section 6.1).
  if (codings.length > 0 && httpVersion === '1.0') return 400
  if (codings.length > 1 || codings.some((coding) => coding.toLowerCase() !== 'chunked')) return 501
  return undefined
}

/**
 * The same request with a target in origin form: an absolute one's authority replaces `Host` (RFC 9112, section 3.2.2).
 * Undefined for an authority that is none. A target of another form comes back as it is.
 */
export function toOriginForm<R extends { readonly target: string; readonly headers: readonly Header[] }>(
  request: R,
): R | undefined {
  const [match, authority = '', rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(request.target) ?? []
  if (match === undefined) return request
  if (!hostForm.test(authority)) return undefined
  const headers = request.headers.map(([name, value]): Header => {
    return [name, name.toLowerCase() === 'host' ? authority : value]
  })
  return { ...request, target: rest.startsWith('/') ? rest : `/${rest}`, headers }
}

/** The status for what Node's parser could not read, by the `code` of its error and the bytes that it was given. */
export function parserRefusal({
  code,
  rawPacket,
}: {
  readonly code?: string
  readonly rawPacket?: Buffer
}): 400 | 408 | 431 | 505 {
  switch (code ?? '') {
    case 'HPE_HEADER_OVERFLOW':
      return 431
    case 'HPE_INVALID_VERSION':
      // A version that is served, with a lone line feed behind it.
      return rawPacket?.toString('latin1').includes(' HTTP/1.1\n') ? 400 : 505
    case 'HPE_PAUSED_H2_UPGRADE':
      return 505
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408
    default:
      return 400
  }
}

/**
 * Method and target of a request whose method Node's parser does not know, or undefined for anything else: to the
 * gateways it is a method like every other that no route has. `packet` begins with the request.
 */
export function unknownMethod(packet: Buffer): { readonly method: string; readonly target: string } | undefined {
  const line = /^([\w!#$%&'*+.^`|~-]+) ([\x21-\x7e]+) HTTP\/1\.[01]\r\n/.exec(packet.toString('latin1'))
  return line?.[1] !== undefined && line[2] !== undefined ? { method: line[1], target: line[2] } : undefined
}

/** `{"message": …}` with the status's own words, as the gateways' other answers. */
export function httpLayerReply(status: number): GatewayReply {
  return toReply({ status, message: STATUS_CODES[status] ?? 'Error', reason: 'refused by the HTTP layer' })
}

/** The answer as bytes, for a connection that ends with it. */
export function toLastBytes({ status, headers, body }: GatewayReply): Buffer {
  const bytes = Buffer.from(body)
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${bytes.length}`,
    'connection: close',
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}
