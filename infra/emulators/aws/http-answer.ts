// Answers of what AWS serves over plain HTTP, outside of its JSON protocol; it never repeats what a request holds.
import type { ServerResponse } from 'node:http'
import { withholdAnswer } from './call-handler.ts'
import type { FaultKind } from './faults.ts'

/** A plain HTTP server, so its faults are plain HTTP statuses. */
const faultStatus = { throttled: 429, internal_error: 500, access_denied: 403 } as const

/** Answers with a failure on purpose, or not at all, and says what the call log should keep of it. */
export async function failPlainly(response: ServerResponse, kind: FaultKind): Promise<string> {
  if (kind === 'timeout' || kind === 'connection_reset') await withholdAnswer(response, kind)
  else writeJson(response, faultStatus[kind], { message: 'This failure was asked for.' })
  return kind
}

/** Writes the answer and says what the call log should keep of it: the status, where it is not 200. */
export function writeJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): string | undefined {
  const text = JSON.stringify(body)
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': length })
  response.end(text)
  return status === 200 ? undefined : String(status)
}
