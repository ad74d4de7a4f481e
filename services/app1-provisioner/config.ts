// App1's configuration, read once from the environment; it has no default for anything that weakens a check.
import { awsRegion, machineSecretArn, stsTokenPerRequest, userPoolId } from '#shared/aws/aws-variables.ts'
import {
  ConfigurationError,
  oneOf,
  parseSafeUrl,
  readEnvironment,
  readTogether,
  runsInLambda,
  type Configuration,
  type Environment,
  type Variable,
} from '#shared/env.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '#shared/password-cipher/cipher-choice.ts'
import { permissions } from '#shared/access-rules.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import {
  type MachineAuth,
  machineAuthModes,
  parseTokenEndpoint,
  tokenEndpointProblem,
} from '#shared/machine/machine-auth.ts'
import { humanVariables, readHumanConfig, type HumanConfig } from '#shared/human/human-issuers.ts'
import { app2AccountVariables, type App2Account } from './app2-account.ts'
import type { AllowedCaller } from './caller.ts'

export type MachineAuthChoice =
  | { readonly mode: Exclude<MachineAuth, 'client-credentials' | 'sts-token'> }
  | { readonly mode: 'client-credentials'; readonly tokenEndpoint: URL }
  | { readonly mode: 'sts-token'; readonly bindsCreations: boolean }

/** Which of them must be there depends on the choice: see `readMachineAuth`. */
export const machineAuthVariables: {
  readonly MACHINE_AUTH: Variable<MachineAuth>
  readonly TOKEN_ENDPOINT: Variable<URL | undefined>
  readonly STS_TOKEN_PER_REQUEST: Variable<'on' | 'off'>
} = {
  MACHINE_AUTH: {
    description:
      'How App1 authenticates to App2: `password` (a machine user signs in), `client-credentials` (an app client at the pool’s domain), `client-token` (an app client by GetClientToken), `sigv4` (the role’s signature) or `sts-token` (AWS STS issues a token to the role).',
    parse: oneOf(...machineAuthModes),
    fallback: 'password',
  },
  TOKEN_ENDPOINT: {
    description:
      'Full URL of the pool domain’s `/oauth2/token`. Required with `MACHINE_AUTH=client-credentials`. https; http only for a loopback address outside Lambda.',
    parse: parseTokenEndpoint,
    fallback: undefined,
  },
  STS_TOKEN_PER_REQUEST: stsTokenPerRequest,
}

/** Of every function that asks App2. */
export const app2Variables = {
  AWS_REGION: awsRegion,
  USER_POOL_ID: userPoolId,
  MACHINE_SECRET_ARN: machineSecretArn,
  APP2_URL: {
    description: 'Base URL of App2, stage included. https; http only for a loopback address outside Lambda.',
    parse: parseSafeUrl,
  } satisfies Variable<URL>,
  ...app2AccountVariables,
}

export const variables = {
  ...app2Variables,
  ALLOWED_CALLERS: {
    description:
      'Who may ask for what: `<role ARN>[=<permission>+…]`, separated by commas, of `create`, `read`, `write` and `delete`; ' +
      '`create` alone where none is named. No wildcards.',
    parse: parseAllowedCallers,
  } satisfies Variable<readonly AllowedCaller[]>,
  DRY_RUN: {
    description: '`on` where App2 has the function check-users, which dry runs ask; `off` if absent: they are refused.',
    parse: oneOf('on', 'off'),
    fallback: 'off',
  } satisfies Variable<'on' | 'off'>,
  ...machineAuthVariables,
  ...cipherVariables,
  ...humanVariables,
}

export type App2Config = {
  readonly region: string
  readonly userPoolId: string
  readonly machineSecretArn: string
  readonly app2Url: URL
  readonly app2Account: App2Account
}

export type Config = App2Config & {
  readonly allowedCallers: readonly AllowedCaller[]
  readonly hasDryRuns: boolean
  readonly machineAuth: MachineAuthChoice
  readonly cipher: CipherChoice
  readonly human: HumanConfig | undefined
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, machineAuth, cipher, human] = readTogether(
    () => readEnvironment(environment, variables),
    () => readMachineAuth(environment),
    () => readCipherChoice(environment),
    () => readHumanConfig(environment),
  )
  return {
    ...app2ConfigOf(values, environment),
    allowedCallers: values.ALLOWED_CALLERS,
    hasDryRuns: values.DRY_RUN === 'on',
    machineAuth,
    cipher,
    human,
  }
}

/** Throws ConfigurationError where a password would go over http in Lambda. */
export function app2ConfigOf(values: Configuration<typeof app2Variables>, environment: Environment): App2Config {
  if (values.APP2_URL.protocol !== 'https:' && runsInLambda(environment)) {
    throw new ConfigurationError(['APP2_URL must be https in Lambda'])
  }
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    machineSecretArn: values.MACHINE_SECRET_ARN,
    app2Url: values.APP2_URL,
    app2Account: values.APP2_ACCOUNT,
  }
}

/** Throws one ConfigurationError that lists everything that is missing, not valid or out of place. */
export function readMachineAuth(environment: Environment): MachineAuthChoice {
  const values = readEnvironment(environment, machineAuthVariables)
  const { MACHINE_AUTH: mode, TOKEN_ENDPOINT: tokenEndpoint } = values
  const bindsCreations = values.STS_TOKEN_PER_REQUEST === 'on'
  // Left over, or set in the belief that it does something.
  const problems = [
    ...(tokenEndpoint !== undefined && mode !== 'client-credentials' ? ['TOKEN_ENDPOINT'] : []),
    ...(bindsCreations && mode !== 'sts-token' ? ['STS_TOKEN_PER_REQUEST'] : []),
  ].map((name) => `${name} is set, but MACHINE_AUTH is ${mode}`)
  if (problems.length > 0) throw new ConfigurationError(problems)
  if (mode === 'sts-token') return { mode, bindsCreations }
  if (mode !== 'client-credentials') return { mode }
  if (tokenEndpoint === undefined) throw new ConfigurationError(['TOKEN_ENDPOINT is missing'])
  const problem = tokenEndpointProblem(tokenEndpoint, environment)
  if (problem !== undefined) throw new ConfigurationError([problem])
  return { mode, tokenEndpoint }
}

function parseAllowedCallers(text: string): readonly AllowedCaller[] | undefined {
  const callers = text.split(',').map((entry) => parseAllowedCaller(entry.trim()))
  if (!callers.every((caller) => caller !== undefined)) return undefined
  // Of a role that is there twice, nobody knows which of the two is meant. A session does not show the path.
  const named = callers.map(({ role }) => `${role.partition}:${role.accountId}:${role.roleName}`)
  return new Set(named).size === callers.length ? callers : undefined
}

/** A role's own name may hold `=`: what comes after the last one has to be permissions, or the entry is refused. */
function parseAllowedCaller(entry: string): AllowedCaller | undefined {
  const at = entry.lastIndexOf('=')
  const role = parseRoleArn(at < 0 ? entry : entry.slice(0, at))
  const named = at < 0 ? ['create'] : entry.slice(at + 1).split('+')
  const granted = permissions.filter((permission) => named.includes(permission))
  return role !== undefined && granted.length === named.length ? { role, permissions: granted } : undefined
}
