// The authorizer's composition root. The only file here with effects at import, and none of them leaves the process.
import { sendOnce } from '#shared/aws/send-once.ts'
import { createJsonLogger } from '#shared/logger.ts'
import { createTokenAuthorizer, type TokenAuthorizer } from './authorize.ts'
import { readConfig } from './config.ts'
import { createJwksFetcher } from './fetch-jwks.ts'
import { createTokenVerifier } from './token-verifier.ts'

const { issuer, jwksUri, rules } = readConfig(process.env)
const now = Date.now
const logger = createJsonLogger({
  service: 'app2-authorizer',
  now,
  write: (line) => {
    process.stdout.write(`${line}\n`)
  },
})

// The first request fetches the keys. A fetch begun here would gain next to nothing, since Lambda hands over the first
// request as soon as this module is loaded, and would pay for it with the load of Node's fetch on every cold start; in
// an environment that is frozen before its first request it would wake up with its deadline already over.
const verifier = createTokenVerifier({
  issuer,
  rules,
  fetchJwks: createJwksFetcher({ send: sendOnce, jwksUri }),
  now,
  logger,
})

export const handler: TokenAuthorizer = createTokenAuthorizer({ verifier, logger })
