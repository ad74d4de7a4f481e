// Signs a request to an API behind IAM with the caller's own AWS credentials; it keeps and shows none of them.
import { signRequest as sign, type RequestToSign, type Signing as AnySigning } from '#shared/client/sign-request.ts'
import { reasonOf, reasonText } from '../reason.ts'

/** As the configuration of an SDK client has them: its credentials are those of the default provider chain. */
export type Signing = Pick<AnySigning, 'credentials'>

/** There are no AWS credentials to be had, so nothing was signed; the message is the reason, fit to be shown. */
export class NoCredentialsError extends Error {
  override readonly name = 'NoCredentialsError'
}

/** The headers of a POST, the signature among them; `host` is for the client to write. Throws NoCredentialsError. */
export async function signRequest(
  request: RequestToSign,
  options: Signing & { readonly region: string; readonly now: () => number },
): Promise<Record<string, string>> {
  const { credentials, region, now } = options
  return sign(request, { credentials: await resolve(credentials), region, now })
}

async function resolve(credentials: Signing['credentials']): Promise<Exclude<Signing['credentials'], () => unknown>> {
  if (typeof credentials !== 'function') return credentials
  try {
    return await credentials()
  } catch (cause) {
    throw new NoCredentialsError(reasonText(reasonOf(cause)), { cause })
  }
}
