// Signs a request as a client of AWS would, and writes it as header lines; each part can be changed afterwards.
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import type { SignedRequest } from '../../gateway/sig-v4.ts'
import type { SigningCredential } from '../../gateway/signing-credential.ts'

export type RequestToSign = {
  readonly method?: string
  readonly path?: string
  readonly query?: Record<string, string | string[]>
  readonly headers?: Record<string, string>
  readonly body?: string
}

export type SigningOptions = {
  readonly credential: SigningCredential
  readonly now: number
  readonly region?: string
  readonly service?: string
  readonly applyChecksum?: boolean
}

/** All headers of the signed request, `authorization` among them. */
export async function signedHeaders(
  request: RequestToSign,
  options: SigningOptions,
): Promise<Readonly<Record<string, string>>> {
  const signer = new SignatureV4({
    service: options.service ?? 'execute-api',
    region: options.region ?? 'us-east-1',
    credentials: options.credential,
    sha256: Sha256,
    applyChecksum: options.applyChecksum ?? false,
  })
  const { headers } = await signer.sign(
    {
      method: request.method ?? 'POST',
      protocol: 'https:',
      hostname: 'local',
      path: request.path ?? '/sample',
      query: request.query ?? {},
      headers: { host: 'local', ...request.headers },
      body: request.body ?? '',
    },
    { signingDate: new Date(options.now) },
  )
  return headers
}

/** The request as the gateway sees it. `target` is what goes over the wire; it is made of the path alone unless told. */
export async function signedRequest(
  request: RequestToSign & { readonly target?: string },
  options: SigningOptions,
): Promise<SignedRequest> {
  return {
    method: request.method ?? 'POST',
    target: request.target ?? request.path ?? '/sample',
    headers: Object.entries(await signedHeaders(request, options)),
    body: Buffer.from(request.body ?? '', 'utf8'),
    sourceIp: '127.0.0.1',
  }
}
