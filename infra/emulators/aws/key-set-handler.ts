// Serves what a user pool publishes: its JSON Web Key Set; never a private key or a retired one.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallLog } from './call-log.ts'
import { keySetOf } from './cognito/signing-keys.ts'
import type { CognitoState } from './cognito/state.ts'
import type { CallPlan } from './faults.ts'
import { failPlainly, writeJson } from './http-answer.ts'
import { isLoopbackHost } from './json-protocol.ts'

/** What the fetching of a key set is called in the call log and in faults. */
export const keySetOperation = 'JWKS'

export type KeySetHandlerDeps = {
  readonly log: CallLog
  readonly latencyMs: number
  readonly planCall: (operation: string) => CallPlan
  readonly isStopped: () => boolean
  readonly state: CognitoState
}

/** A function that answers `GET /<poolId>/.well-known/jwks.json`, and 404 to every other GET. */
export function createKeySetHandler(
  deps: KeySetHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const [, poolId] = /^\/([\w-]+)\/\.well-known\/jwks\.json$/.exec(request.url ?? '') ?? []
    if (poolId === undefined || !isLoopbackHost(request.headers.host)) {
      writeJson(response, 404, { message: 'Not found.' })
      return
    }
    const end = deps.log.start(keySetOperation)
    const { before, after } = deps.planCall(keySetOperation)
    if (deps.latencyMs > 0) await sleep(deps.latencyMs)
    const kind = before ?? after
    end(kind === undefined ? await serve(deps, response, poolId) : await failPlainly(response, kind))
  }
}

async function serve(
  { isStopped, state }: KeySetHandlerDeps,
  response: ServerResponse,
  poolId: string,
): Promise<string | undefined> {
  if (isStopped()) return writeJson(response, 503, { message: 'Service unavailable.' })
  const pool = state.pools.get(poolId)
  if (pool === undefined) return writeJson(response, 400, { message: `User pool ${poolId} does not exist.` })
  return writeJson(response, 200, keySetOf(await pool.signingKeys()))
}
