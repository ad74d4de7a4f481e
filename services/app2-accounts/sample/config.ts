// sample's configuration, read once from the environment: from where it takes who calls, and nothing else.
import type { Environment } from '#shared/env.ts'
import { accessVariables, readAccessSource, type AccessSource } from '#shared/http/access-source.ts'

export const variables = accessVariables

export type Config = { readonly access: AccessSource }

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  return { access: readAccessSource(environment) }
}
