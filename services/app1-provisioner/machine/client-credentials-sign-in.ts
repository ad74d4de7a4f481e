// Has the pool's token endpoint issue a token to the machine's app client (RFC 6749, section 4.4); it never tries twice.
import * as z from 'zod/mini'
import type { Scope } from '#shared/access-rules.ts'
import type { Answer, SendOnce } from '#shared/aws/send-once.ts'
import { ServiceError } from '#shared/errors.ts'
import { requestEndpointToken } from '#shared/machine/machine-token-requests.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { ClientCredentials } from './machine-secret.ts'
import { signedInWithScope, type SignIn, type SignInResult } from './sign-in.ts'
import { toTransportError } from '../app2-transport.ts'

type ClientCredentialsSignInDeps = { readonly send: SendOnce; readonly tokenEndpoint: URL; readonly scope: Scope }

const issued = z.object({
  access_token: z.string().check(z.minLength(1)),
  token_type: z.string().check(z.regex(/^bearer$/i)),
  expires_in: z.number().check(z.positive()),
  scope: z.optional(z.string()),
})

/** RFC 6749, section 5.2. */
const refusal = z.object({ error: z.string() })

/** What of them is about the request or the client's settings, not about the secret. */
const settingsErrors: readonly string[] = [
  'invalid_request',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]

/**
 * Throws `throttled`, `upstream_unavailable`, `upstream_timeout`, or `upstream_error` for an answer that makes no sense.
 */
export function createClientCredentialsSignIn(deps: ClientCredentialsSignInDeps): SignIn<ClientCredentials> {
  return async (credentials, signal) => {
    const answer = await requestEndpointToken(deps, credentials, signal).catch((error: unknown) => {
      throw toTransportError(error, 'token_endpoint')
    })
    return answer.status === 200 ? readIssued(answer, deps.scope) : explainRefusal(answer)
  }
}

function readIssued({ body }: Answer, scope: Scope): SignInResult {
  const { data } = z.safeParse(issued, parseJson(body))
  if (data === undefined) throw new ServiceError('upstream_error', { reason: 'token_endpoint_malformed_answer' })
  return signedInWithScope(scope, {
    accessToken: new SecretValue(data.access_token),
    expiresInSeconds: data.expires_in,
    scope: data.scope,
  })
}

/**
 * An error that is not known to mean something else is about the secret, the careful reading. What is no error of a
 * token endpoint comes from something before it, which did not look at the secret: that stops sign-ins for a minute, not
 * until the next version of the secret.
 */
function explainRefusal({ status, body }: Answer): SignInResult {
  const reason = `token_endpoint_${status}`
  if (status === 429) throw new ServiceError('throttled', { reason, retryAfterSeconds: 1 })
  if (status >= 500) throw new ServiceError('upstream_unavailable', { reason })
  const { data } = z.safeParse(refusal, parseJson(body))
  if (data === undefined || (status !== 400 && status !== 401)) return { kind: 'misconfigured', reason }
  return settingsErrors.includes(data.error) ? { kind: 'misconfigured', reason: data.error } : { kind: 'rejected' }
}
