// The AWS Query protocol on the wire, which STS alone speaks here: a form goes in, XML comes out.
//
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from './aws-error.ts'
import { accessKeyIdOf, isSigned, mediaType, readBody, requireLoopbackHost, type AwsCall } from './json-protocol.ts'
import { stsVersion } from './sts/sts.ts'

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
  const form = new URLSearchParams(await readBody(request))
  const [action, version] = [form.get('Action') ?? '', form.get('Version')]
  if (version !== stsVersion) throw new AwsError('UnknownOperationException', '')
  const input = nest(form)
  return { target: `${stsVersion}.${action}`, isSigned: isSigned(request), accessKeyId: accessKeyIdOf(request), input }
}

type Branch = { readonly members: Map<string, Branch | string> }

/**
 * The members of a form as the service model has them: `Tags.member.1.Key` is the `Key` of the first of `Tags`. Every value is
 * a text, and a list that was sent without members is an empty one.
 */
function nest(form: URLSearchParams): unknown {
  const root: Branch = { members: new Map() }
  for (const [name, value] of form) {
    const path = name.split('.')
    const last = path.pop() ?? ''
    path.reduce(descend, root).members.set(last, value)
  }
  return unfold(root)
}

function descend({ members }: Branch, name: string): Branch {
  const known = members.get(name)
  const branch = typeof known === 'object' ? known : { members: new Map<string, Branch | string>() }
  members.set(name, branch)
  return branch
}

function unfold(branch: Branch | string): unknown {
  if (typeof branch === 'string') return branch
  const list = branch.members.get('member')
  if (typeof list === 'object') {
    const inOrder = [...list.members].sort(([one], [other]) => Number(one) - Number(other))
    return inOrder.map(([, each]) => unfold(each))
  }
  return Object.fromEntries([...branch.members].map(([name, value]) => [name, unfold(value)]))
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
  AccessDeniedException: { code: 'AccessDenied', status: 403 },
  SerializationException: { code: 'MalformedInput', status: 400 },
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
