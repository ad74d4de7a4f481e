// Stands between the pair and AWS and remembers every secret that passes, so that a test can look for it elsewhere.
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { machineUserPrefix } from '#shared/contract.ts'
import { listen, type Listening } from './listen.ts'

export type RecordingProxy = Listening & {
  /** Every value of a secret field that was sent or received so far. */
  readonly secrets: ReadonlySet<string>
  /** Every call so far, with all that was sent and answered. */
  readonly calls: readonly RecordedCall[]
}

export type RecordedCall = {
  /** As AWS names it; empty for what is no call of an API. */
  readonly operation: string
  readonly head: string
  readonly sent: string
  readonly answered: string
}

/** The members of AWS's requests and answers that nobody else may see, wherever they stand. */
const secretMembers = new Set([
  ...['AccessToken', 'ClientSecret', 'ClientSecretValue', 'IdToken', 'PASSWORD', 'Password', 'Plaintext'],
  ...['RefreshToken', 'SECRET_HASH', 'Secret', 'SecretString', 'Session', 'TemporaryPassword', 'Token'],
  ...['access_token', 'client_secret', 'idempotency_secret', 'password', 'scope_client_secret', 'username'],
])

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const secrets = new Set<string>()
  const calls: RecordedCall[] = []
  const listening = await listen((request, response) => {
    // A caller that is gone takes no answer: AWS has to see it go, or a long poll would receive messages for nobody.
    const gone = new AbortController()
    response.on('close', () => {
      gone.abort()
    })
    forward(target, request, { secrets, calls }, gone.signal).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      // What AWS cut off is cut off here as well.
      () => response.destroy(),
    )
  })
  return { ...listening, secrets, calls }
}

/** Adds what the headers prove their sender by: a bearer's token, Basic credentials as they are sent, a signature. */
export function collectProofs(headers: Headers, secrets: Set<string>): void {
  const authorization = headers.get('authorization') ?? ''
  const proof = /^(?:Bearer|Basic) (\S+)$/.exec(authorization) ?? /Signature=([0-9a-f]{64})$/.exec(authorization)
  for (const secret of [proof?.[1], headers.get('x-amz-security-token'), headers.get('x-human-token')])
    if (secret) secrets.add(secret)
}

/** Adds every value of a secret field in the JSON text `body`, at any depth; what is no JSON holds none. */
export function collectSecrets(body: Buffer, secrets: Set<string>): void {
  collect(parse(body), secrets)
}

type Answer = { status: number; headers: Record<string, string>; body: Buffer }

async function forward(
  target: string,
  request: IncomingMessage,
  { secrets, calls }: { readonly secrets: Set<string>; readonly calls: RecordedCall[] },
  gone: AbortSignal,
): Promise<Answer> {
  const sent = await buffer(request)
  const headers = Object.entries(request.headers).filter(
    ([name]) => !['host', 'connection', 'content-length'].includes(name),
  )
  const sentHeaders = new Headers(headers.map(([name, value]): [string, string] => [name, String(value)]))
  collectProofs(sentHeaders, secrets)
  collectSecrets(sent, secrets)
  // What AWS cut off may have taken effect: it was sent all the same.
  const record = (answered: string): void => {
    calls.push({
      operation: String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '',
      head: `${request.url ?? ''} ${JSON.stringify(headers)}`,
      sent: sent.toString(),
      answered,
    })
  }
  const answer = await fetch(`${target}${request.url ?? '/'}`, {
    method: request.method ?? 'GET',
    headers: sentHeaders,
    ...(sent.length > 0 && { body: new Uint8Array(sent) }),
    signal: gone,
  }).catch((error: unknown) => {
    record('')
    throw error
  })
  const body = Buffer.from(await answer.arrayBuffer())
  record(`${JSON.stringify([...answer.headers])} ${body.toString()}`)
  collectSecrets(body, secrets)
  // STS alone answers in XML.
  for (const [, token = ''] of body.toString().matchAll(/<WebIdentityToken>([^<]+)/g)) secrets.add(token)
  const passed = [...answer.headers].filter(
    ([name]) => !['content-encoding', 'content-length', 'connection', 'keep-alive', 'transfer-encoding'].includes(name),
  )
  return { status: answer.status, headers: Object.fromEntries(passed), body }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** The name of a service user is no secret, and that of a machine user is. */
function isSecret(name: string, member: string): boolean {
  return secretMembers.has(name) && member !== '' && (name !== 'username' || member.startsWith(machineUserPrefix))
}

function collect(value: unknown, secrets: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string' && isSecret(name, member)) {
      secrets.add(member)
      // The machine's secret is JSON in a string: what it holds is secret as well.
      if (name === 'SecretString') collect(parse(Buffer.from(member)), secrets)
    }
    // As it stands in a sealed password, whatever is written around it.
    if (name === 'CiphertextBlob' && typeof member === 'string')
      secrets.add(Buffer.from(member, 'base64').toString('base64url'))
    collect(member, secrets)
  }
}
