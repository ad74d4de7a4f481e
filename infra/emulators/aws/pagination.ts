// Cuts a list into pages behind opaque tokens; a page never repeats or skips an item because another was deleted.
import { AwsError } from './aws-error.ts'

export type Numbered = { readonly sequence: number }

type Page<T> = { readonly items: readonly T[]; readonly nextToken: string | undefined }

/**
 * The items after `token`, at most `limit` of them (0 asks for the most, as AWS has it). `items` are in the order of
 * their sequence. Throws `invalidTokenError` for a token that this list did not give out.
 */
export function paginate<T extends Numbered>(options: {
  readonly items: readonly T[]
  readonly limit: number | undefined
  readonly token: string | undefined
  readonly invalidTokenError?: string
}): Page<T> {
  const { invalidTokenError = 'InvalidParameterException' } = options
  const after = options.token === undefined ? -1 : decode(options.token, invalidTokenError)
  const remaining = options.items.filter((item) => item.sequence > after)
  const items = remaining.slice(0, options.limit === undefined || options.limit === 0 ? mostPerPage : options.limit)
  const last = items.at(-1)
  return { items, nextToken: last === undefined || items.length === remaining.length ? undefined : encode(last) }
}

const mostPerPage = 60

function encode({ sequence }: Numbered): string {
  return Buffer.from(`after:${sequence}`).toString('base64url')
}

function decode(token: string, invalidTokenError: string): number {
  const sequence = /^after:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  if (sequence === undefined) throw new AwsError(invalidTokenError, 'Invalid pagination token.')
  return Number(sequence)
}
