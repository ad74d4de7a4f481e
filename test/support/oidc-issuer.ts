// A tiny OpenID Connect issuer on this machine: its discovery document, its keys, and tokens of its humans.
import { listen } from './listen.ts'
import { human, humanToken, idpClaims } from './human-tokens.ts'
import { createSigner, jwksOf, type Changes, type Signer } from './tokens.ts'

export type OidcIssuer = {
  readonly issuer: string
  readonly signer: Signer
  /** An access token of a human for `latchkey`, valid for five minutes. */
  readonly token: (claims?: Changes, header?: Changes) => string
  readonly close: () => Promise<void>
}

export async function startOidcIssuer(kid = 'idp-key-1'): Promise<OidcIssuer> {
  const signer = createSigner(kid)
  let issuer = ''
  const server = await listen((request, response) => {
    const document = request.url === '/keys' ? jwksOf(signer) : { issuer, jwks_uri: `${issuer}/keys` }
    response.end(JSON.stringify(document))
  })
  issuer = server.url.replace(/\/$/, '')
  return {
    issuer,
    signer,
    token: (claims = {}, header = {}) =>
      humanToken({ ...idpClaims(), iss: issuer, email: human, ...claims }, { header, by: signer }),
    close: () => server.close(),
  }
}
