// The token of the human in whose name an operator asks, from the environment: an argument could be read by others on the machine.
import { SecretValue } from '#shared/text/secret-value.ts'
import { UsageError } from './command-line.ts'

export const humanTokenVariable = 'LATCHKEY_HUMAN_TOKEN'

/** What a repeat needs beside its words: without it, it would be another request, or none. */
export const sameHuman = `with a good token of the same human in ${humanTokenVariable}`

/**
 * Undefined where the variable is not set. Throws UsageError, without the value, for what is no token, and for nothing: a command that
 * should have got the token failed, and whoever it was for would be claimed by whoever asks.
 */
export function readHumanToken(environment: Readonly<Record<string, string | undefined>>): SecretValue | undefined {
  const text = environment[humanTokenVariable]
  if (text === undefined) return undefined
  if (text === '') {
    throw new UsageError(`${humanTokenVariable} is set and empty: give it a token, or unset it. Nothing was sent.`)
  }
  if (text.length <= 4_096 && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return new SecretValue(text)
  throw new UsageError(`${humanTokenVariable} is no access token: three parts in base64url, 4,096 characters at most.`)
}

/** Beside the headers of a creation. */
export function humanHeaders(token: SecretValue | undefined): { readonly 'X-Human-Token'?: string } {
  return token === undefined ? {} : { 'X-Human-Token': token.expose() }
}
