// Signs one POST to an API behind IAM: AWS Signature Version 4 over method, path, body and every header that is sent, host
// included. "Create a signed AWS API request" in
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import type { SignatureV4 } from '@smithy/signature-v4'

export type PostToSign = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/**
 * The headers, the signature among them; `host` is for the client to write, from the same URL. `now` is in epoch
 * milliseconds. Throws what the signer's credentials throw.
 */
export async function signPost(
  signer: SignatureV4,
  { url, headers, body }: PostToSign,
  now: number,
): Promise<Record<string, string>> {
  const request = {
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { ...headers, host: url.host },
    body,
  }
  const signed = await signer.sign(request, { signingDate: new Date(now) })
  return Object.fromEntries(Object.entries(signed.headers).filter(([name]) => name !== 'host'))
}
