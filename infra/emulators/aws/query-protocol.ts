// The AWS Query protocol on the wire, which STS alone speaks here: a form goes in, XML comes out.
//
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from './aws-error.ts'
import { accessKeyIdOf, isSigned, mediaType, readBody, requireLoopbackHost, type AwsCall } from './json-protocol.ts'
import { stsVersion } from './sts.ts'

const namespace = `https://sts.amazonaws.com/doc/${stsVersion}/`

/** Whether the request is one of this protocol, be it a good one or not. */
export function isQuery(request: IncomingMessage): boolean {
  return request.method === 'POST' && request.url === '/' && mediaType(request) === 'application/x-www-form-urlencoded'
}

/**
 * The call that a form makes, of STS and nobody else: a page of the web can send a form, and must not reach the
 * operations that need no signature. Throws AwsError for what is none.
 */
export async function readQueryCall(request: IncomingMessage): Promise<AwsCall> {
  requireLoopbackHost(request)
  const {
    Action: action = '',
    Version: version = '',
    ...input
  } = Object.fromEntries(new URLSearchParams(await readBody(request)))
  if (version !== stsVersion) throw new AwsError('UnknownOperationException', '')
  return { target: `${stsVersion}.${action}`, isSigned: isSigned(request), accessKeyId: accessKeyIdOf(request), input }
}

/** `result` has no members but texts. */
export function writeQueryResult(
  response: ServerResponse,
  { requestId, operation, result }: { requestId: string; operation: string; result: object },
): void {
  const metadata = element('ResponseMetadata', element('RequestId', requestId))
  const members = Object.entries(result).map(([name, value]) => element(name, escape(String(value))))
  const body = element(`${operation}Response`, element(`${operation}Result`, members.join('')) + metadata)
  write(response, { status: 200, requestId, body })
}

export function writeQueryError(response: ServerResponse, requestId: string, error: AwsError): void {
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const parts = { Type: type, Code: codeOf(error), Message: escape(error.message) }
  const inner = Object.entries(parts).map(([name, value]) => element(name, value))
  const body = element('ErrorResponse', element('Error', inner.join('')) + element('RequestId', requestId))
  write(response, { status: codes[error.name]?.status ?? error.status, requestId, body })
}

/** This protocol's own names and statuses for what both refuse. */
const codes: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  UnknownOperationException: { code: 'InvalidAction', status: 400 },
  MissingAuthenticationTokenException: { code: 'MissingAuthenticationToken', status: 403 },
}

function codeOf({ name }: AwsError): string {
  return codes[name]?.code ?? name
}

function write(response: ServerResponse, answer: { status: number; requestId: string; body: string }): void {
  const body = answer.body.replace('>', ` xmlns="${namespace}">`)
  response.writeHead(answer.status, {
    'x-amzn-requestid': answer.requestId,
    'content-type': 'text/xml',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
