// Cuts a list into pages behind opaque tokens; a page never repeats or skips an item because another was deleted.
import { createHash } from 'node:crypto'
import { AwsError } from './aws-error.ts'

export type Numbered = { readonly sequence: number }

type Page<T> = { readonly items: readonly T[]; readonly nextToken: string | undefined }

/**
 * The items after `token`, at most `limit` of them (0 asks for the most, as AWS has it). `items` are in the order of
 * their sequence. `list` says which list they are, with the filter that made it: throws `invalidTokenError` for a token
 * that another one, or none, gave out.
 */
export function paginate<T extends Numbered>(options: {
  readonly list: readonly string[]
  readonly items: readonly T[]
  readonly limit: number | undefined
  readonly token: string | undefined
  readonly invalidTokenError?: string
}): Page<T> {
  const { token, invalidTokenError = 'InvalidParameterException' } = options
  const list = createHash('sha256').update(JSON.stringify(options.list)).digest('hex')
  const after = token === undefined ? -1 : decode(token, list)
  if (after === undefined) throw new AwsError(invalidTokenError, 'Invalid pagination token.')
  const remaining = options.items.filter((item) => item.sequence > after)
  const items = remaining.slice(0, options.limit === undefined || options.limit === 0 ? mostPerPage : options.limit)
  const last = items.at(-1)
  return { items, nextToken: last === undefined || items.length === remaining.length ? undefined : encode(last, list) }
}

const mostPerPage = 60

function encode({ sequence }: Numbered, list: string): string {
  return Buffer.from(`after:${sequence}:${list}`).toString('base64url')
}

function decode(token: string, list: string): number | undefined {
  const sequence = Number(/^after:(\d+):/.exec(Buffer.from(token, 'base64url').toString())?.[1])
  return token === encode({ sequence }, list) ? sequence : undefined
}
