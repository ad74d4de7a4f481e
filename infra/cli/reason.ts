// Why AWS or its SDK refused, in their own words, for the operator alone; it passes on nothing that could be a secret.
import { errorName } from '#shared/aws/aws-errors.ts'

export type Reason = {
  readonly name: string
  /** One line of visible ASCII. Absent where nothing was said beyond the name. */
  readonly message?: string
}

const longestMessage = 500

/** A line of a log takes `name` alone: a message may repeat what was sent. */
export function reasonOf(error: unknown): Reason {
  const message = error instanceof Error ? safeMessage(error.message || codeOf(error)) : ''
  return { name: errorName(error), ...(message !== '' && { message }) }
}

export function reasonText({ name, message }: Reason): string {
  return message === undefined ? name : `${name}: ${message}`
}

/**
 * The first line, in which a terminal finds nothing to obey. The lines after it are where AWS repeats a request that was
 * signed wrongly, session token and all. Left out as well: the command line and the output of a `credential_process`, the
 * piece of its input that Node's JSON parser quotes, the user of an address, and whatever is as long as a token or is shaped
 * like a secret key.
 */
export function safeMessage(message: string): string {
  if (message.startsWith('Command failed:')) return credentialProcessFailed
  const [line = ''] = message.trim().split(/[\r\n\u2028\u2029]/, 1)
  return line
    .replace(/Unexpected token .* is not valid JSON/, 'Not valid JSON')
    .replace(/[^\x20-\x7e]/gu, '?')
    .replace(/\/\/[^\s/@]+@/g, '//[redacted]@')
    .replace(/[\w+/=.~-]{100,}/g, '[redacted]')
    .replace(/(?<![\w+/=-])[A-Za-z0-9+/]{40}(?![\w+/=-])/g, '[redacted]')
    .slice(0, longestMessage)
}

const credentialProcessFailed =
  'The credential_process of the profile failed. What it printed is not repeated here: run it by itself.'

/** Of an error without a message: Node's for a host whose addresses all refused, say. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
