// The authorizer's composition root. The only file here with effects at import: it fetches the pool's public keys.
import { sendOnce } from '#shared/aws/send-once.ts'
import { createJsonLogger } from '#shared/logger.ts'
import { createTokenAuthorizer, type TokenAuthorizer } from './authorize.ts'
import { readConfig } from './config.ts'
import { createJwksFetcher } from '#shared/jwt/fetch-jwks.ts'
import { createTokenVerifier } from './token-verifier.ts'

const { sts, ...pool } = readConfig(process.env)
const now = Date.now
const logger = createJsonLogger({
  service: 'app2-authorizer',
  now,
  write: (line) => {
    process.stdout.write(`${line}\n`)
  },
})

const fetching = (jwksUri: string) => ({ fetchJwks: createJwksFetcher({ send: sendOnce, jwksUri }) })

const verifier = createTokenVerifier({
  ...pool,
  ...fetching(pool.jwksUri),
  ...(sts && { sts: { ...sts, ...fetching(sts.jwksUri) } }),
  now,
  logger,
})

export const handler: TokenAuthorizer = createTokenAuthorizer({ verifier, logger })

// Lambda gives the init phase a whole processor, and a request its memory's share of one. Awaited, so that no environment is
// frozen in the middle of it.
await verifier.warmUp()
