// Reads a JSON request body within its limits; it never says what it read.
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { MiddlewareHandler } from 'hono'
import type * as z from 'zod/mini'
import { longestBodyOf, parseRequest } from '../contract.ts'
import { ServiceError } from '../errors.ts'
import type { AppEnvironment } from './app-environment.ts'
import type { BodyPath, BodySchema } from './routed-app.ts'

/** Refuses a body over the limit of its route with `payload_too_large` before anything parses it. */
export const limitBody: MiddlewareHandler = (c, next) =>
  bodyLimit({
    maxSize: longestBodyOf(c.req.method, c.req.path),
    onError: () => {
      throw new ServiceError('payload_too_large')
    },
  })(c, next)

/** The body as the schema of its route describes it. Throws as `readJsonBody` and `parseRequest` do. */
export async function readBody<P extends BodyPath, Schema extends z.ZodMiniType>(
  c: Context<AppEnvironment, P>,
  schema: Schema & BodySchema<P>,
): Promise<z.output<Schema>> {
  return parseRequest<Schema>(schema, await readJsonBody(c))
}

/**
 * The parsed body, of any JSON type. Throws `unsupported_media_type` unless it is sent as `application/json` and without
 * a content coding, and `invalid_request` for what is not JSON in UTF-8, the only encoding that RFC 8259 knows.
 */
export async function readJsonBody(c: Context): Promise<unknown> {
  if (!isJson(c.req.header('content-type') ?? '')) throw new ServiceError('unsupported_media_type')
  const coding = c.req.header('content-encoding') ?? 'identity'
  if (coding.toLowerCase() !== 'identity') {
    const errors = [{ header: 'content-encoding', detail: 'must be identity, or absent' }]
    throw new ServiceError('unsupported_media_type', { errors })
  }
  const value = parseUtf8Json(await c.req.arrayBuffer())
  // The parser's own message quotes the body, so it goes no further.
  if (value === undefined)
    throw new ServiceError('invalid_request', { errors: [{ pointer: '', detail: 'must be JSON in UTF-8' }] })
  return value
}

/**
 * The value, or undefined for what is none. An API Gateway that takes a body for text hands over U+FFFD in place of bytes
 * that are not UTF-8. Who means that character, which stands for a lost one, can write it as an escape.
 */
function parseUtf8Json(bytes: ArrayBuffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\uFFFD') ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const token = "[!#$%&'*+.^_`|~\\w-]+"
const quotedString = '"(?:[^"\\\\]|\\\\.)*"'
const parameter = `${token}=(?:${token}|${quotedString})`

/** Every white space has one place in it, so that no text, however long, is gone through twice. */
const jsonMediaType = new RegExp(`^application/json(?:[ \\t]*;(?:[ \\t]*${parameter})?)*[ \\t]*$`, 'i')

/** With any parameters (RFC 9110, section 5.6.6), of which none means anything here (RFC 8259, section 11). */
function isJson(contentType: string): boolean {
  return jsonMediaType.test(contentType)
}
