// Serves what user pools and the issuers of STS publish: JSON Web Key Sets and OpenID configurations; never a private key.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallLog } from './call-log.ts'
import { keySetOf } from './cognito/signing-keys.ts'
import type { CognitoState, UserPool } from './cognito/state.ts'
import { issuerOf } from './cognito/tokens.ts'
import type { CallPlan } from './faults.ts'
import { failPlainly, writeJson } from './http-answer.ts'
import { isLoopbackHost } from './json-protocol.ts'
import { discoveryDocument, keySetOf as keySetOfIssuer, type TokenIssuers } from './sts/token-issuers.ts'
import { localTokenEndpoint } from './token-endpoint-handler.ts'

/** What the fetching of a key set is called in the call log and in faults. */
export const keySetOperation = 'JWKS'

/** And the fetching of an OpenID configuration. */
export const discoveryOperation = 'OpenIdConfiguration'

export type KeySetHandlerDeps = {
  readonly log: CallLog
  readonly latencyMs: number
  readonly planCall: (operation: string) => CallPlan
  readonly isStopped: () => boolean
  readonly state: CognitoState
  readonly issuers: TokenIssuers
}

/**
 * A function that answers `GET /<poolId>/.well-known/jwks.json` and `…/openid-configuration`, the same under the host of an
 * issuer of STS in place of the pool's id, and 404 to every other GET.
 */
export function createKeySetHandler(
  deps: KeySetHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { host } = request.headers
    const [, publisher, document] =
      /^\/([\w.-]+)\/\.well-known\/(jwks\.json|openid-configuration)$/.exec(request.url ?? '') ?? []
    if (publisher === undefined || !isLoopbackHost(host)) {
      writeJson(response, 404, { message: 'Not found.' })
      return
    }
    const operation = document === 'jwks.json' ? keySetOperation : discoveryOperation
    const end = deps.log.start(operation)
    const { before, after } = deps.planCall(operation)
    if (deps.latencyMs > 0) await sleep(deps.latencyMs)
    const kind = before ?? after
    const url = `http://${host}`
    const failure =
      kind === undefined
        ? await serve(deps, response, { publisher, operation, url })
        : await failPlainly(response, kind)
    end(failure)
  }
}

async function serve(
  { isStopped, state, issuers }: KeySetHandlerDeps,
  response: ServerResponse,
  { publisher, operation, url }: { readonly publisher: string; readonly operation: string; readonly url: string },
): Promise<string | undefined> {
  if (isStopped()) return writeJson(response, 503, { message: 'Service unavailable.' })
  const isDiscovery = operation === discoveryOperation
  const issuer = issuers.atHost(publisher)
  if (issuer !== undefined) {
    const answer = isDiscovery ? discoveryDocument(issuer, `${url}/${publisher}`) : await keySetOfIssuer(issuer)
    return writeJson(response, 200, answer)
  }
  const pool = state.pools.get(publisher)
  if (pool === undefined) return writeJson(response, 400, { message: `User pool ${publisher} does not exist.` })
  if (isDiscovery) return writeJson(response, 200, openIdConfiguration(state, pool, url))
  return writeJson(response, 200, keySetOf(await pool.signingKeys()))
}

/**
 * The issuer is the one that the tokens name, AWS's own; addresses are of this server, and only of what it serves: local
 * AWS has no pages for people and no userInfo.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
 */
function openIdConfiguration(state: CognitoState, pool: UserPool, url: string): object {
  const domain = [...state.domains].find(([, poolId]) => poolId === pool.id)?.[0]
  return {
    issuer: issuerOf(state, pool),
    jwks_uri: `${url}/${pool.id}/.well-known/jwks.json`,
    ...(domain !== undefined && {
      token_endpoint: localTokenEndpoint(url, domain),
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    }),
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
  }
}
