// Sends creations to App1 over HTTP, as its callers do; it never repeats one by itself.
import * as z from 'zod/mini'
import { createdUser, problemDocument } from '../../../../shared/contract.ts'
import type { Answer, CreationDeps } from './creation.ts'

/** API Gateway gives up after 30 s and says so: a caller who waits longer than that always gets an answer. */
const longestWaitMs = 40_000

/** Rejects only with what is no trouble of the network. */
export function createApp1Caller(app1Url: string): CreationDeps['send'] {
  return async ({ username, password, humanUserId, idempotencyKey }, { hangUpAfterMs }) => {
    try {
      const response = await fetch(`${app1Url}/create-service-user`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify({ username, password, human_user_id: humanUserId }),
        signal: AbortSignal.timeout(hangUpAfterMs ?? longestWaitMs),
      })
      return readAnswer(response.status, response.headers, await response.text())
    } catch (error) {
      if (error instanceof DOMException && error.name === 'TimeoutError' && hangUpAfterMs !== undefined) {
        return { kind: 'unanswered', reason: 'hung_up' }
      }
      return { kind: 'unanswered', reason: 'no_connection' }
    }
  }
}

/** The gateway's own answers are no problem documents: they have a status and nothing more. */
export function readAnswer(status: number, headers: Pick<Headers, 'get'>, text: string): Answer {
  const body = parseJson(text)
  const problem = z.safeParse(problemDocument, body)
  const user = z.safeParse(createdUser, body)
  const retryAfter = headers.get('retry-after')
  return {
    kind: 'answered',
    status,
    code: problem.success ? problem.data.code : undefined,
    retryAfterSeconds: retryAfter === null ? undefined : Number(retryAfter),
    user: user.success ? { createdAt: user.data.created_at, provisioningId: user.data.provisioning_id } : undefined,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
