// Signs a request to an API behind IAM: AWS Signature Version 4 over method, path, query, body and every header that is
// sent, host included. "Create a signed AWS API request" in
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'

export type RequestToSign = {
  readonly method: string
  /** As it is sent: a `+` in its query is a plus sign. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

/** Credentials and Region, or what has them when they are asked for, as the configuration of an SDK client has both. */
export type Signing = Pick<ConstructorParameters<typeof SignatureV4>[0], 'credentials' | 'region'>

/**
 * The headers, the signature among them; `host` is for the client to write, from the same URL. `now` is in epoch
 * milliseconds. Rejects with what the credentials reject with.
 */
export async function signRequest(
  { method, url, headers, body }: RequestToSign,
  { credentials, region, now }: Signing & { readonly now: () => number },
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service: 'execute-api', credentials, region, sha256: Sha256 })
  const query = new URLSearchParams(url.search.replaceAll('+', '%2B'))
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)])),
    headers: { ...headers, host: url.host },
    body,
  }
  const signed = await signer.sign(request, { signingDate: new Date(now()) })
  return Object.fromEntries(Object.entries(signed.headers).filter(([name]) => name !== 'host'))
}
