// Reads from which instant on tokens count, by group or scope; it never takes a name that opens nothing.
import { knownGroups, knownScopes } from '#shared/access-rules.ts'
import type { Variable } from '#shared/env.ts'
import type { CutOffs } from './access-claims.ts'

/**
 * `<group or scope>=<instant>`, separated by commas; the instant in UTC and to the second, as `iat` is. It stands for its
 * whole second, since "now" is written without its fraction: a token issued earlier in that second is cut off too, and
 * the values are the instants at which the seconds end. A misspelt name or an impossible date is refused: whoever sets
 * this after a leak must not believe in a cut-off that never happens.
 */
export const refuseIssuedBefore: Variable<CutOffs> = {
  description:
    'Tokens to refuse for their age, as `<group or scope>=<UTC instant>`, separated by commas, for example ' +
    '`api-client=2026-01-31T12:00:00Z`: with that group or scope, one issued by then is refused with 401. Optional.',
  parse: (text) => {
    const entries = text.split(',').map(parseEntry)
    const known = entries.filter((entry) => entry !== undefined)
    const cutOffs = new Map(known)
    return cutOffs.size === entries.length ? cutOffs : undefined
  },
  fallback: new Map(),
}

const names: readonly string[] = [...knownGroups, ...knownScopes]

function parseEntry(entry: string): readonly [name: string, instant: number] | undefined {
  const name = names.find((known) => entry.startsWith(`${known}=`))
  if (name === undefined) return undefined
  const text = entry.slice(name.length + 1)
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime())) return undefined
  // To the letter: JavaScript takes other forms too, and makes the 2nd of March of the 30th of February.
  return instant.toISOString() === text.replace('Z', '.000Z') ? [name, instant.getTime() + 1_000] : undefined
}
