// The configuration of jobs, read once from the environment.
import { readEnvironment, readTogether, runsInLambda, ConfigurationError, type Environment } from '#shared/env.ts'
import { passwordReaders } from '#shared/aws/password-readers.ts'
import type { AllowedCaller } from '../caller.ts'
import { machineAuthVariables, readMachineAuth, variables as app1Variables, type MachineAuthChoice } from '../config.ts'
import { storeConfigOf, storeVariables, type StoreConfig } from '../job-store/store-variables.ts'

export const variables = {
  AWS_REGION: app1Variables.AWS_REGION,
  USER_POOL_ID: app1Variables.USER_POOL_ID,
  MACHINE_SECRET_ARN: app1Variables.MACHINE_SECRET_ARN,
  APP2_URL: app1Variables.APP2_URL,
  ALLOWED_CALLERS: app1Variables.ALLOWED_CALLERS,
  ...machineAuthVariables,
  ...storeVariables,
  PASSWORD_READERS: passwordReaders,
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly machineSecretArn: string
  readonly app2Url: URL
  readonly allowedCallers: readonly AllowedCaller[]
  readonly machineAuth: MachineAuthChoice
  readonly store: StoreConfig
  readonly passwordReaders: readonly string[]
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, machineAuth] = readTogether(
    () => readEnvironment(environment, variables),
    () => readMachineAuth(environment),
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
    store: storeConfigOf(values),
    passwordReaders: values.PASSWORD_READERS,
  }
}
