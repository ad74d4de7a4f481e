// The rotation function's configuration, read once from the environment; it never rotates for a mode that is not named.
import { machineGroups, type Group } from '#shared/access-rules.ts'
import {
  awsRegion,
  machineAuthAccepted,
  machineClientId,
  machineScopeClientId,
  machineSecretArn,
  userPoolId,
} from '#shared/aws/aws-variables.ts'
import { ConfigurationError, readEnvironment, type Environment, type Variable } from '#shared/env.ts'
import { type MachineAuth, parseTokenEndpoint, scopeModes, tokenEndpointProblem } from '#shared/machine/machine-auth.ts'

export const variables = {
  AWS_REGION: awsRegion,
  USER_POOL_ID: userPoolId,
  MACHINE_AUTH_ACCEPTED: machineAuthAccepted,
  MACHINE_CLIENT_ID: machineClientId,
  MACHINE_GROUPS: {
    description:
      'The groups that a machine user is put into, separated by commas: `api-client`, and `api-admin` where App1 manages ' +
      'users as well. Needed for `password`.',
    parse: parseGroups,
    fallback: undefined,
  } satisfies Variable<readonly Group[] | undefined>,
  MACHINE_SCOPE_CLIENT_ID: machineScopeClientId,
  TOKEN_ENDPOINT: {
    description:
      'Full URL of the pool domain’s `/oauth2/token`. https; http only for a loopback address outside Lambda. Needed for ' +
      '`client-credentials`, and for that alone.',
    parse: parseTokenEndpoint,
    fallback: undefined,
  } satisfies Variable<URL | undefined>,
  MACHINE_SECRET_ARN: machineSecretArn,
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly machineSecretArn: string
  /** There where `password` is accepted. */
  readonly machineClientId: string | undefined
  readonly machineGroups: readonly Group[] | undefined
  /** There where a scope mode is accepted. */
  readonly machineScopeClientId: string | undefined
  /** There where `client-credentials` is accepted. */
  readonly tokenEndpoint: URL | undefined
}

type ModeVariable = 'MACHINE_CLIENT_ID' | 'MACHINE_GROUPS' | 'MACHINE_SCOPE_CLIENT_ID' | 'TOKEN_ENDPOINT'

const usedBy: Readonly<Record<ModeVariable, readonly MachineAuth[]>> = {
  MACHINE_CLIENT_ID: ['password'],
  MACHINE_GROUPS: ['password'],
  MACHINE_SCOPE_CLIENT_ID: scopeModes,
  TOKEN_ENDPOINT: ['client-credentials'],
}

/**
 * Throws ConfigurationError naming every variable that is missing or refused, or that no accepted mode uses: its
 * credentials would be renewed for ever, for a mode that is thought to be off.
 */
export function readConfig(environment: Environment): Config {
  const values = readEnvironment(environment, variables)
  const { MACHINE_AUTH_ACCEPTED: accepted, TOKEN_ENDPOINT: tokenEndpoint } = values
  const problems = modeProblems(accepted, values)
  const endpointProblem = tokenEndpointProblem(tokenEndpoint, environment)
  if (endpointProblem !== undefined) problems.push(endpointProblem)
  if (problems.length > 0) throw new ConfigurationError(problems)
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    machineSecretArn: values.MACHINE_SECRET_ARN,
    machineClientId: values.MACHINE_CLIENT_ID,
    machineGroups: values.MACHINE_GROUPS,
    machineScopeClientId: values.MACHINE_SCOPE_CLIENT_ID,
    tokenEndpoint,
  }
}

function parseGroups(text: string): readonly Group[] | undefined {
  const named = text.split(',')
  const known = machineGroups.filter((group) => named.includes(group))
  return known.length === named.length ? known : undefined
}

function modeProblems(accepted: readonly MachineAuth[], values: Readonly<Record<ModeVariable, unknown>>): string[] {
  if (accepted.every((mode) => mode === 'sigv4'))
    return ['MACHINE_AUTH_ACCEPTED names no mode with credentials to rotate']
  const names = Object.keys(usedBy) as ModeVariable[]
  return names.flatMap((name) => {
    const used = usedBy[name].some((mode) => accepted.includes(mode))
    if (used === (values[name] !== undefined)) return []
    return used ? [`${name} is missing`] : [`${name} is set, but no mode of MACHINE_AUTH_ACCEPTED uses it`]
  })
}
