// Proves who App1 is by signing each request with the credentials of its role; it holds no token and no secret of its own.
import { SignatureV4 } from '@smithy/signature-v4'
import { mapAwsError } from '#shared/aws/aws-errors.ts'
import { ServiceError } from '#shared/errors.ts'
import type { MachineIdentity, Proof } from './machine-identity.ts'

/** As the configuration of an SDK client has them: what App1 signs its calls of AWS with serves for App2 as well. */
type Signing = Pick<ConstructorParameters<typeof SignatureV4>[0], 'credentials' | 'region' | 'sha256'>

/**
 * AWS Signature Version 4 over method, path, body and every header that is sent, host included. "Create a signed AWS
 * API request" in https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * A signature is good for five minutes around its date, so a clock that is further off has every request refused. It is
 * not corrected by App2's clock: in Lambda, AWS keeps it. There is no other signature to be had after a refusal, since
 * each request has its own already.
 */
export function createSignatureIdentity(deps: {
  readonly signing: Signing
  readonly now: () => number
}): MachineIdentity {
  const { credentials, region, sha256 } = deps.signing
  const signer = new SignatureV4({ service: 'execute-api', credentials, region, sha256 })
  const signature: Proof = {
    refusedWith: 403,
    addTo: async ({ method, url, headers, body }) => {
      const request = {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        headers: { ...headers, host: url.host },
        body,
      }
      try {
        const signed = await signer.sign(request, { signingDate: new Date(deps.now()) })
        return withoutHost(signed.headers)
      } catch (error) {
        throw mapAwsError(error).withOutcome('none')
      }
    },
    renew: () => Promise.reject(new ServiceError('upstream_error', { reason: 'app2_refuses_our_signature' })),
  }
  return { prove: () => Promise.resolve(signature) }
}

/** `fetch` writes the header itself, from the same URL. */
function withoutHost(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host'))
}
