// The issuers of IAM's outbound federation: one for each account, with an address and keys of its own.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
import { randomUUID } from 'node:crypto'
import { makeSigningKey, type SigningAlgorithm, type SigningKey } from '../json-web-token.ts'

export type TokenIssuer = {
  /** What `iss` says; AWS's own, on whatever port this runs. */
  readonly url: string
  readonly host: string
  /** Made when they are first wanted, and the same ever after. */
  readonly keys: () => Promise<Readonly<Record<SigningAlgorithm, SigningKey>>>
}

export type TokenIssuers = {
  /** The one of the account, enabled or not: a URL is made once, and keeps standing for its account. */
  issuerOf(accountId: string): TokenIssuer
  /** The one at that host, where any account has it. */
  atHost(host: string): TokenIssuer | undefined
  isEnabled(accountId: string): boolean
  enable(accountId: string): void
  disable(accountId: string): void
}

export function createTokenIssuers(enabled: Iterable<string>): TokenIssuers {
  const issuers = new Map<string, TokenIssuer>()
  const accounts = new Set(enabled)
  return {
    issuerOf: (accountId) => {
      const issuer = issuers.get(accountId) ?? makeIssuer()
      issuers.set(accountId, issuer)
      return issuer
    },
    atHost: (host) => [...issuers.values()].find((issuer) => issuer.host === host),
    isEnabled: (accountId) => accounts.has(accountId),
    enable: (accountId) => {
      accounts.add(accountId)
    },
    disable: (accountId) => {
      accounts.delete(accountId)
    },
  }
}

/** The key set as AWS publishes it: of the two keys the one for RSA does not name its algorithm. */
export async function keySetOf({ keys }: TokenIssuer): Promise<object> {
  const { RS256, ES384 } = await keys()
  return { keys: [RS256.jwk, { alg: ES384.algorithm, ...ES384.jwk }] }
}

/** `url` is where local AWS serves the issuer. */
export function discoveryDocument({ url: issuer }: TokenIssuer, url: string): object {
  return {
    issuer,
    jwks_uri: `${url}/.well-known/jwks.json`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'jti', stsNamespace],
    id_token_signing_alg_values_supported: ['RS256', 'ES384'],
    subject_types_supported: ['public'],
  }
}

/** Under which a token has what is AWS's own. */
export const stsNamespace = 'https://sts.amazonaws.com/'

function makeIssuer(): TokenIssuer {
  const host = `${randomUUID()}.tokens.sts.global.api.aws`
  let keys: Promise<Record<SigningAlgorithm, SigningKey>> | undefined
  return { url: `https://${host}`, host, keys: () => (keys ??= makeKeys()) }
}

/** Every account's keys have these names, so that only the issuer tells them apart. */
async function makeKeys(): Promise<Record<SigningAlgorithm, SigningKey>> {
  const [RS256, ES384] = await Promise.all([makeSigningKey('RS256', 'RSA_0'), makeSigningKey('ES384', 'EC384_0')])
  return { RS256, ES384 }
}
