// App1's configuration, read once from the environment; it has no default for anything that weakens a check.
import { awsRegion, machineSecretArn, userPoolId } from '#shared/aws/aws-variables.ts'
import {
  ConfigurationError,
  isLoopback,
  readEnvironment,
  readTogether,
  runsInLambda,
  type Environment,
  type Variable,
} from '#shared/env.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '#shared/password-cipher/cipher-choice.ts'
import { parseRoleArn, type RoleArn } from '#shared/aws/role-arn.ts'
import { machineAuthVariables, readMachineAuth, type MachineAuthChoice } from './machine/machine-auth-choice.ts'

export const variables = {
  AWS_REGION: awsRegion,
  USER_POOL_ID: userPoolId,
  MACHINE_SECRET_ARN: machineSecretArn,
  APP2_URL: {
    description: 'Base URL of App2, stage included. https; http only for a loopback address outside Lambda.',
    parse: parseBaseUrl,
  } satisfies Variable<URL>,
  ALLOWED_CALLERS: {
    description: 'Comma-separated ARNs of the IAM roles that may ask for users. No wildcards.',
    parse: parseRoleArns,
  } satisfies Variable<readonly RoleArn[]>,
  ...machineAuthVariables,
  ...cipherVariables,
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly machineSecretArn: string
  readonly app2Url: URL
  readonly allowedCallers: readonly RoleArn[]
  readonly machineAuth: MachineAuthChoice
  readonly cipher: CipherChoice
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, machineAuth, cipher] = readTogether(
    () => readEnvironment(environment, variables),
    () => readMachineAuth(environment),
    () => readCipherChoice(environment),
  )
  if (values.APP2_URL.protocol !== 'https:' && runsInLambda(environment)) {
    throw new ConfigurationError(['APP2_URL must be https in Lambda'])
  }
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    machineSecretArn: values.MACHINE_SECRET_ARN,
    app2Url: values.APP2_URL,
    allowedCallers: values.ALLOWED_CALLERS,
    machineAuth,
    cipher,
  }
}

function parseBaseUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined
  const allowed = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
  return allowed ? url : undefined
}

function parseRoleArns(text: string): readonly RoleArn[] | undefined {
  const roles = text.split(',').map((arn) => parseRoleArn(arn.trim()))
  return roles.every((role) => role !== undefined) ? roles : undefined
}
