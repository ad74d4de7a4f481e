// Tokens of humans as a user pool and as another issuer write them; each claim can be replaced.
import type { HumanIssuer } from '#shared/human/human-issuers.ts'
import { createSigner, type Changes, type Signer, type TokenParts } from './tokens.ts'

export const peoplePool = {
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_People001',
  userPoolId: 'eu-west-1_People001',
  claim: 'username',
  audiences: ['portalclient', 'cliclient'],
} as const satisfies HumanIssuer

export const peopleIdp = {
  issuer: 'https://idp.example.com',
  userPoolId: undefined,
  claim: 'email',
  audiences: ['latchkey', 'api://latchkey'],
} as const satisfies HumanIssuer

export const human = 'alice@example.com'

/** Of an access token of the pool; times in seconds. */
export function poolClaims(now = Date.now()): Changes {
  return {
    ...commonClaims(now),
    iss: peoplePool.issuer,
    token_use: 'access',
    client_id: 'portalclient',
    username: human,
    scope: 'aws.cognito.signin.user.admin',
  }
}

/** Of an access token of the other issuer (RFC 9068). */
export function idpClaims(now = Date.now()): Changes {
  return {
    ...commonClaims(now),
    iss: peopleIdp.issuer,
    aud: 'latchkey',
    client_id: 'portal',
    email: human,
    email_verified: true,
  }
}

function commonClaims(now: number): Changes {
  const issuedAt = Math.floor(now / 1_000)
  return { sub: 'human-1', jti: 'token-1', iat: issuedAt, exp: issuedAt + 300 }
}

let signer: Signer | undefined

/** One for a file: a key pair takes 100 ms. */
export const humanKey = (): Signer => (signer ??= createSigner('human-key-1'))

export function humanToken(
  claims: Changes,
  { header = {}, by = humanKey() }: Pick<TokenParts, 'header'> & { by?: Signer } = {},
): string {
  return by.signText(JSON.stringify({ kid: by.kid, alg: 'RS256', ...header }), JSON.stringify(claims))
}
