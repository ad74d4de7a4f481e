// Verifies AWS Signature Version 4 of a request as it came over the wire; it never says what its signer may do.
import { createHash, timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { splitTarget } from './event-parts.ts'
import { headerValues, type GatewayRequest, type Header } from './loopback-server.ts'
import { parseAmzDate, parseSigV4Header, type SigV4Header } from './sig-v4-header.ts'
import type { SigningCredential } from './signing-credential.ts'

/** What AWS calls the refusal, in `x-amzn-errortype`. */
export type SignatureErrorType =
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'UnrecognizedClientException'

export type SignatureVerification =
  | { readonly ok: true; readonly credential: SigningCredential }
  /** `reason` is a fixed sentence, with nothing of the request in it. */
  | { readonly ok: false; readonly errorType: SignatureErrorType; readonly reason: string }

export type SigV4Options = {
  readonly credentials: readonly SigningCredential[]
  readonly region: string
  readonly service: string
  readonly now: () => number
}

export type SignedRequest = GatewayRequest & { readonly body: Buffer }

/** How far a signer's clock may be off, either way. */
const longestSkewMs = 5 * 60_000

/** The signer that does the sums leaves these out of what it signs, whatever it is told. */
const neverSigned = ['authorization', 'date']

/** And these parameters of the query, so that anybody could add or change them. */
const neverSignedParameters = ['x-amz-signature', '__proto__']

/**
 * Whether one of `credentials` signed this method, path, query, these headers and this body, not over 5 minutes ago.
 * `host`, `x-amz-date` and all other `x-amz-*` headers have to be signed; the hash is always that of the real body. Only
 * the header form is known here: a presigned URL counts as not signed. In the query `+` is a plus sign and no blank, as
 * signers write them. Dot segments and doubled slashes fall out of the canonical path, as AWS has it for all services
 * but S3: whoever finds routes by the path must not let them stand for another one.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function verifySigV4(request: SignedRequest, options: SigV4Options): Promise<SignatureVerification> {
  const [text, ...others] = headerValues(request.headers, 'authorization')
  if (text === undefined) return refuse('MissingAuthenticationTokenException', 'request is not signed')
  const header = others.length === 0 ? parseSigV4Header(text) : undefined
  if (header === undefined) return refuse('IncompleteSignatureException', 'authorization header is not of SigV4')

  const [amzDate = '', ...otherDates] = headerValues(request.headers, 'x-amz-date')
  const signedAt = otherDates.length === 0 ? parseAmzDate(amzDate) : undefined
  if (signedAt === undefined) return refuse('IncompleteSignatureException', 'x-amz-date is missing or malformed')

  const query = parseQuery(splitTarget(request.target).query)
  if (query === undefined) return refuse('InvalidSignatureException', 'query cannot be decoded')

  const problem = scopeProblem(header, { ...options, amzDate, signedAt }) ?? coverageProblem(header, request, query)
  if (problem !== undefined) return refuse('InvalidSignatureException', problem)

  const credential = findCredential(options.credentials, header.accessKeyId, request)
  if (credential === undefined) return refuse('UnrecognizedClientException', 'credentials are not known')

  const expected = await expectedSignature(request, query, { header, credential, signedAt })
  if (!isSame(expected, header.signature)) return refuse('InvalidSignatureException', 'signature does not match')
  return { ok: true, credential }
}

function scopeProblem(
  { day, region, service }: SigV4Header,
  wanted: Omit<SigV4Options, 'credentials'> & { readonly amzDate: string; readonly signedAt: number },
): string | undefined {
  if (day !== wanted.amzDate.slice(0, 8)) return 'credential is of another day than x-amz-date'
  if (region !== wanted.region) return 'credential is scoped to another Region'
  if (service !== wanted.service) return 'credential is scoped to another service'
  const ageMs = wanted.now() - wanted.signedAt
  if (ageMs > longestSkewMs) return 'signature expired'
  return ageMs < -longestSkewMs ? 'signature is not yet current' : undefined
}

/** What the signature leaves out, or claims to cover without there being such a thing. */
function coverageProblem({ signedHeaders }: SigV4Header, request: SignedRequest, query: Query): string | undefined {
  const names = new Set(request.headers.map(([name]) => name.toLowerCase()))
  if (signedHeaders.some((name) => neverSigned.includes(name))) return 'a header is signed that never is'
  if (!signedHeaders.every((name) => names.has(name))) return 'a signed header is missing'
  const required = ['host', ...[...names].filter((name) => name.startsWith('x-amz-'))]
  if (!required.every((name) => signedHeaders.includes(name))) return 'host or an x-amz- header is not signed'
  const parameters = Object.keys(query).map((name) => name.toLowerCase())
  if (parameters.some((name) => neverSignedParameters.includes(name)))
    return 'a parameter is there that is never signed'
  const statedHashes = headerValues(request.headers, 'x-amz-content-sha256')
  const hash = createHash('sha256').update(request.body).digest('hex')
  return statedHashes.every((stated) => stated === hash)
    ? undefined
    : 'x-amz-content-sha256 is not the hash of the body'
}

function findCredential(
  credentials: readonly SigningCredential[],
  accessKeyId: string,
  request: SignedRequest,
): SigningCredential | undefined {
  const found = credentials.find((credential) => credential.accessKeyId === accessKeyId)
  const tokens = headerValues(request.headers, 'x-amz-security-token')
  if (found?.sessionToken === undefined) return tokens.length === 0 ? found : undefined
  const [token = ''] = tokens
  return tokens.length === 1 && isSame(token, found.sessionToken) ? found : undefined
}

/** What the credential's owner would have signed with. */
async function expectedSignature(
  request: SignedRequest,
  query: Query,
  { header, credential, signedAt }: { header: SigV4Header; credential: SigningCredential; signedAt: number },
): Promise<string> {
  const { path } = splitTarget(request.target)
  const signer = new SignatureV4({
    service: header.service,
    region: header.region,
    credentials: credential,
    sha256: Sha256,
    applyChecksum: false,
  })
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: '',
      path,
      query,
      headers: signedHeaderBag(request.headers, header.signedHeaders),
      body: request.body,
    },
    { signingDate: new Date(signedAt), signableHeaders: new Set(header.signedHeaders) },
  )
  return parseSigV4Header(signed.headers['authorization'] ?? '')?.signature ?? ''
}

function signedHeaderBag(headers: readonly Header[], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      headerValues(headers, name)
        .map((value) => value.trim())
        .join(','),
    ]),
  )
}

type Query = Record<string, string[]>

/** Every value of every name, decoded as RFC 3986 has it; undefined when an escape is broken. */
function parseQuery(text: string): Query | undefined {
  const values = new Map<string, string[]>()
  try {
    for (const pair of text.split('&').filter((part) => part !== '')) {
      const at = pair.indexOf('=')
      const name = decodeURIComponent(at < 0 ? pair : pair.slice(0, at))
      values.set(name, [...(values.get(name) ?? []), at < 0 ? '' : decodeURIComponent(pair.slice(at + 1))])
    }
  } catch {
    return undefined
  }
  return Object.fromEntries(values)
}

/** Compares in a time that says nothing about where the two differ. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return left !== undefined && right !== undefined && timingSafeEqual(left, right)
}

function refuse(errorType: SignatureErrorType, reason: string): SignatureVerification {
  return { ok: false, errorType, reason }
}
