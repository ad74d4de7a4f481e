// The authorizer's configuration, read once from the environment; the issuer is never a setting of its own.
import { knownGroups, knownScopes } from '#shared/access-rules.ts'
import { userPoolId } from '#shared/aws/aws-variables.ts'
import { readEnvironment, readTogether, type Environment, type Variable } from '#shared/env.ts'
import { issuerOf } from '#shared/aws/issuer.ts'
import { endpointVariables, jwksUriOf } from '#shared/aws/pool-keys.ts'
import { clientVariables, readAcceptedClients } from './accepted-clients.ts'
import { readAcceptedRoles, roleVariables, type AcceptedRoles } from './accepted-roles.ts'
import type { ClaimsRules, CutOffs } from './access-claims.ts'

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
    const entries = text.split(',').map(parseCutOff)
    const known = entries.filter((entry) => entry !== undefined)
    const cutOffs = new Map(known)
    return cutOffs.size === entries.length ? cutOffs : undefined
  },
  fallback: new Map(),
}

export const variables = {
  USER_POOL_ID: userPoolId,
  ...clientVariables,
  ...roleVariables,
  REFUSE_ISSUED_BEFORE: refuseIssuedBefore,
  ...endpointVariables,
}

export type Config = {
  readonly issuer: string
  readonly jwksUri: string
  readonly rules: ClaimsRules
  /** Where tokens of App1's roles are accepted. */
  readonly sts: AcceptedRoles | undefined
}

/**
 * Throws ConfigurationError naming every variable that is missing, refused or out of place. An endpoint moves only the
 * place where the keys are fetched, never the issuer.
 */
export function readConfig(environment: Environment): Config {
  const [values, clients, sts] = readTogether(
    () => readEnvironment(environment, variables),
    () => readAcceptedClients(environment),
    () => readAcceptedRoles(environment),
  )
  return {
    issuer: issuerOf(values.USER_POOL_ID),
    jwksUri: jwksUriOf(values.USER_POOL_ID, values),
    rules: { clients, refuseIssuedBefore: values.REFUSE_ISSUED_BEFORE },
    sts,
  }
}

const cutOffNames: readonly string[] = [...knownGroups, ...knownScopes]

function parseCutOff(entry: string): readonly [name: string, instant: number] | undefined {
  const name = cutOffNames.find((known) => entry.startsWith(`${known}=`))
  if (name === undefined) return undefined
  const text = entry.slice(name.length + 1)
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime())) return undefined
  // To the letter: JavaScript takes other forms too, and makes the 2nd of March of the 30th of February.
  return instant.toISOString() === text.replace('Z', '.000Z') ? [name, instant.getTime() + 1_000] : undefined
}
