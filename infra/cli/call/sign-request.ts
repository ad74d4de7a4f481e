// Signs a request to an API behind IAM with the caller's own AWS credentials; it keeps and shows none of them.
import { SignatureV4 } from '@smithy/signature-v4'
import { signPost, type PostToSign } from '#shared/aws/sign-post.ts'
import { reasonOf, reasonText } from '../reason.ts'

/** As the configuration of an SDK client has them: its credentials are those of the default provider chain. */
export type Signing = Pick<ConstructorParameters<typeof SignatureV4>[0], 'credentials' | 'sha256'>

/** There are no AWS credentials to be had, so nothing was signed; the message is the reason, fit to be shown. */
export class NoCredentialsError extends Error {
  override readonly name = 'NoCredentialsError'
}

/** The headers of a POST, the signature among them; `host` is for the client to write. Throws NoCredentialsError. */
export async function signRequest(
  request: PostToSign,
  options: Signing & { readonly region: string; readonly now: () => number },
): Promise<Record<string, string>> {
  const { credentials, sha256, region, now } = options
  const resolved = await resolve(credentials)
  const signer = new SignatureV4({ service: 'execute-api', region, credentials: resolved, sha256 })
  return signPost(signer, request, now())
}

async function resolve(credentials: Signing['credentials']): Promise<Exclude<Signing['credentials'], () => unknown>> {
  if (typeof credentials !== 'function') return credentials
  try {
    return await credentials()
  } catch (cause) {
    throw new NoCredentialsError(reasonText(reasonOf(cause)), { cause })
  }
}
