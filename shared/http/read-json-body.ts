// Reads a JSON request body within its limits; it never says what it read.
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { MiddlewareHandler } from 'hono'
import { longestBodyBytes } from '../contract.ts'
import { ServiceError } from '../errors.ts'

/** Refuses a body over the limit with `payload_too_large` before anything parses it. */
export const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: longestBodyBytes,
  onError: () => {
    throw new ServiceError('payload_too_large')
  },
})

/**
 * The parsed body, of any JSON type. Throws `unsupported_media_type` unless it is sent as `application/json` (UTF-8,
 * the only encoding that RFC 8259 knows), and `invalid_request` for what is not JSON or not UTF-8.
 */
export async function readJsonBody(c: Context): Promise<unknown> {
  if (!isJson(c.req.header('content-type') ?? '')) throw new ServiceError('unsupported_media_type')
  const bytes = await c.req.arrayBuffer()
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own message quotes the body, so it goes no further.
    throw new ServiceError('invalid_request', { errors: [{ pointer: '', detail: 'must be JSON in UTF-8' }] })
  }
}

function isJson(contentType: string): boolean {
  return /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i.test(contentType)
}
