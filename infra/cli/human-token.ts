// The token of the human in whose name an operator asks, from the environment: an argument could be read by others on the machine.
import { SecretValue } from '#shared/text/secret-value.ts'
import { UsageError } from './command-line.ts'

export const humanTokenVariable = 'LATCHKEY_HUMAN_TOKEN'

/** Undefined where there is none. Throws UsageError, without the value, for what is no token. */
export function readHumanToken(environment: Readonly<Record<string, string | undefined>>): SecretValue | undefined {
  const text = environment[humanTokenVariable] ?? ''
  if (text === '') return undefined
  if (text.length <= 4_096 && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return new SecretValue(text)
  throw new UsageError(`${humanTokenVariable} is no access token: three parts in base64url, 4,096 characters at most.`)
}

/** Beside the headers of a creation. */
export function humanHeaders(token: SecretValue | undefined): { readonly 'X-Human-Token'?: string } {
  return token === undefined ? {} : { 'X-Human-Token': token.expose() }
}
