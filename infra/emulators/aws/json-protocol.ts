// The AWS JSON 1.1 protocol on the wire: reads a call, writes an answer; it never logs or repeats what a call holds.
//
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from './aws-error.ts'
import type { MessageMember } from './operation.ts'

export type AwsCall = {
  /** `X-Amz-Target`, `Prefix.Operation`. */
  readonly target: string
  readonly isSigned: boolean
  /** Unverified, like the signature that it stands in. */
  readonly accessKeyId: string | undefined
  readonly input: unknown
}

const contentType = 'application/x-amz-json-1.1'
const largestBodyBytes = 1024 * 1024

/**
 * The call that a request makes. Throws AwsError for what is none. Signatures are not verified: there is no secret
 * key to verify them by, and whoever reaches the loopback address may do everything, in whoever's name. That there is a
 * signature counts, and whose key it names.
 */
export async function readCall(request: IncomingMessage): Promise<AwsCall> {
  requireLoopbackHost(request)
  if (request.method !== 'POST' || request.url !== '/') throw new AwsError('UnknownOperationException', '', 404)
  if (mediaType(request) !== contentType) {
    throw new AwsError('UnsupportedMediaTypeException', `The content type has to be ${contentType}.`, 415)
  }
  const target = request.headers['x-amz-target']
  return {
    target: typeof target === 'string' ? target : '',
    isSigned: isSigned(request),
    accessKeyId: accessKeyIdOf(request),
    input: parse(await readBody(request)),
  }
}

export function writeResult(response: ServerResponse, requestId: string, result: object): void {
  write(response, { status: 200, body: result, headers: { 'x-amzn-requestid': requestId } })
}

/** `messageMember` is what the service's model calls the sentence; one that says nothing is left out, as AWS does. */
export function writeError(
  response: ServerResponse,
  requestId: string,
  { name, message, status }: AwsError,
  messageMember: MessageMember = 'message',
): void {
  const headers = { 'x-amzn-requestid': requestId, 'x-amzn-errortype': name }
  write(response, { status, body: { __type: name, ...(message !== '' && { [messageMember]: message }) }, headers })
}

/** A page whose name was rebound to 127.0.0.1 would be of the same origin as this server: AwsError. */
export function requireLoopbackHost(request: IncomingMessage): void {
  if (!isLoopbackHost(request.headers.host)) {
    throw new AwsError('AccessDeniedException', 'Local AWS answers to loopback names only.', 403)
  }
}

export function isSigned(request: IncomingMessage): boolean {
  return request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false
}

/** The id in `Credential=<id>/<scope>`. */
export function accessKeyIdOf(request: IncomingMessage): string | undefined {
  return /^AWS4-HMAC-SHA256 (?:.*[ ,])?Credential=([^/,\s]+)/.exec(request.headers.authorization ?? '')?.[1]
}

export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)
}

/** The media type that a request says its body has, in lower case and without parameters. */
export function mediaType(request: IncomingMessage): string | undefined {
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
}

/** Without nulls: AWS takes a member that is null for one that is absent. */
function parse(body: string): unknown {
  if (body === '') return {}
  let input: unknown
  try {
    input = JSON.parse(body, (_key, value: unknown) => (value === null ? undefined : value))
  } catch {
    throw notSerialized()
  }
  if (typeof input !== 'object' || Array.isArray(input)) throw notSerialized()
  return input
}

/** The body as text. Throws AwsError for one that is too large or not UTF-8. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // The rest is read and dropped, so that the answer reaches a client that is still sending.
    if (bytes <= largestBodyBytes) chunks.push(chunk)
  }
  if (bytes > largestBodyBytes) {
    throw new AwsError('RequestEntityTooLargeException', `A request has at most ${largestBodyBytes} bytes.`, 413)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw notSerialized()
  }
}

function write(
  response: ServerResponse,
  { status, body, headers }: { status: number; body: object; headers: Record<string, string> },
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { ...headers, 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function notSerialized(): AwsError {
  return new AwsError('SerializationException', 'The request is not a JSON object.')
}
