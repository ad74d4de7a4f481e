// Serves the JSON Web Key Set of each user pool, where AWS has it; it never serves a private key or a retired one.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { withholdAnswer } from './call-handler.ts'
import type { CallLog } from './call-log.ts'
import { keySetOf } from './cognito/signing-keys.ts'
import type { UserPool } from './cognito/state.ts'
import type { CallPlan, FaultKind } from './faults.ts'
import { isLoopbackHost } from './json-protocol.ts'

/** What the fetching of a key set is called in the call log and in faults. */
export const keySetOperation = 'JWKS'

export type KeySetHandlerDeps = {
  readonly log: CallLog
  readonly latencyMs: number
  readonly planCall: (operation: string) => CallPlan
  readonly isStopped: () => boolean
  readonly findPool: (id: string) => Pick<UserPool, 'signingKeys'> | undefined
}

/** A plain file behind a web server, so its faults are plain HTTP statuses. */
const faultStatus = { throttled: 429, internal_error: 500, access_denied: 403 } as const

/** A function that answers `GET /<poolId>/.well-known/jwks.json`, and 404 to every other GET. */
export function createKeySetHandler(
  deps: KeySetHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const poolId = /^\/([\w-]+)\/\.well-known\/jwks\.json$/.exec(request.url ?? '')?.[1]
    if (poolId === undefined || !isLoopbackHost(request.headers.host)) {
      write(response, 404, { message: 'Not found.' })
      return
    }
    const end = deps.log.start(keySetOperation)
    const { before, after } = deps.planCall(keySetOperation)
    if (deps.latencyMs > 0) await sleep(deps.latencyMs)
    const kind = before ?? after
    const failure = kind === undefined ? await serve(deps, response, poolId) : await fail(response, kind)
    end(failure)
  }
}

async function serve(deps: KeySetHandlerDeps, response: ServerResponse, poolId: string): Promise<string | undefined> {
  if (deps.isStopped()) return write(response, 503, { message: 'Service unavailable.' })
  const pool = deps.findPool(poolId)
  if (pool === undefined) return write(response, 400, { message: `User pool ${poolId} does not exist.` })
  return write(response, 200, keySetOf(await pool.signingKeys()))
}

async function fail(response: ServerResponse, kind: FaultKind): Promise<string> {
  if (kind === 'timeout' || kind === 'connection_reset') await withholdAnswer(response, kind)
  else write(response, faultStatus[kind], { message: 'This failure was asked for.' })
  return kind
}

/** Writes the answer and says what the call log should keep of it. */
function write(response: ServerResponse, status: number, body: object): string | undefined {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
  return status === 200 ? undefined : String(status)
}
