// Reads what a client asks of a token endpoint, and by which credentials; it decides nothing about either.

export type TokenRequest = {
  readonly clientId: string
  readonly clientSecret: string
  /** Undefined where none are named: the client wants all that it may have. */
  readonly scopes: readonly string[] | undefined
}

export type ReadTokenRequest =
  | { readonly kind: 'read'; readonly request: TokenRequest }
  | {
      readonly kind: 'refused'
      readonly error: 'invalid_request' | 'invalid_client' | 'unauthorized_client' | 'unsupported_grant_type'
    }

/** Flows of users, which AWS's endpoint has and local AWS opens to no client. */
const userGrantTypes = ['authorization_code', 'refresh_token']

/**
 * The request, with the credentials of client_secret_basic (not percent-encoded, as AWS takes them) or of
 * client_secret_post. RFC 6749, sections 2.3.1, 3.2 and 4.4.2.
 */
export function readTokenRequest(input: {
  readonly authorization: string | undefined
  readonly body: string
}): ReadTokenRequest {
  const form = new URLSearchParams(input.body)
  if (new Set(form.keys()).size !== form.size) return refused('invalid_request')
  const grantType = form.get('grant_type')
  if (grantType === null) return refused('invalid_request')
  if (userGrantTypes.includes(grantType)) return refused('unauthorized_client')
  if (grantType !== 'client_credentials') return refused('unsupported_grant_type')
  const credentials = readCredentials(input.authorization, form)
  if (typeof credentials === 'string') return refused(credentials)
  const scope = form.get('scope')?.trim() ?? ''
  return { kind: 'read', request: { ...credentials, scopes: scope === '' ? undefined : scope.split(/ +/) } }
}

function readCredentials(
  authorization: string | undefined,
  form: URLSearchParams,
): Pick<TokenRequest, 'clientId' | 'clientSecret'> | 'invalid_request' | 'invalid_client' {
  const [formId, formSecret] = [form.get('client_id'), form.get('client_secret')]
  if (authorization === undefined) {
    if (formId === null) return 'invalid_request'
    return formSecret === null ? 'invalid_client' : { clientId: formId, clientSecret: formSecret }
  }
  // One way to prove it per request.
  if (formSecret !== null) return 'invalid_request'
  const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1] ?? ''
  const [, clientId, clientSecret] = /^([^:]+):(.+)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  if (clientId === undefined || clientSecret === undefined) return 'invalid_client'
  return formId === null || formId === clientId ? { clientId, clientSecret } : 'invalid_client'
}

function refused(error: Extract<ReadTokenRequest, { kind: 'refused' }>['error']): ReadTokenRequest {
  return { kind: 'refused', error }
}
