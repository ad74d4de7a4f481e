// Verifies tokens against the keys that the pool publishes, as App2's authorizer does.
import { CognitoJwtVerifier } from 'aws-jwt-verify'
import type { CognitoAccessTokenPayload } from 'aws-jwt-verify/jwt-model'
import * as z from 'zod/mini'
import type { AppClient, Pool } from './pool.ts'

const jsonWebKey = z.object({
  kty: z.literal('RSA'),
  use: z.literal('sig'),
  alg: z.literal('RS256'),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
})

export async function fetchKeys({ endpoint, userPoolId }: Pool): Promise<z.infer<typeof jsonWebKey>[]> {
  const response = await fetch(`${endpoint}/${userPoolId}/.well-known/jwks.json`)
  return z.object({ keys: z.array(jsonWebKey) }).parse(await response.json()).keys
}

/** The claims of an access token of `client`, the service client if none is named. Rejects as aws-jwt-verify does. */
export async function verify(
  pool: Pool,
  accessToken: string,
  client: AppClient = pool.clients.service,
): Promise<CognitoAccessTokenPayload> {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool.userPoolId, tokenUse: 'access', clientId: client.id })
  verifier.cacheJwks({ keys: await fetchKeys(pool) })
  return verifier.verify(accessToken)
}
