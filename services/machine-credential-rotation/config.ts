// The rotation function's configuration, read once from the environment.
import { appClientId, awsRegion, machineSecretArn, userPoolId } from '../../shared/aws-variables.ts'
import { readEnvironment, type Environment } from '../../shared/env.ts'

export const variables = {
  AWS_REGION: awsRegion,
  USER_POOL_ID: userPoolId,
  MACHINE_CLIENT_ID: appClientId('machine users'),
  MACHINE_SECRET_ARN: machineSecretArn,
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly machineClientId: string
  readonly machineSecretArn: string
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const values = readEnvironment(environment, variables)
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    machineClientId: values.MACHINE_CLIENT_ID,
    machineSecretArn: values.MACHINE_SECRET_ARN,
  }
}
