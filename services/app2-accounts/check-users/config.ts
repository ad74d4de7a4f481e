// check-users' configuration, read once from the environment.
import { awsRegion, userPoolId } from '#shared/aws/aws-variables.ts'
import { passwordReaders } from '#shared/aws/password-readers.ts'
import { readEnvironment, readTogether, type Environment } from '#shared/env.ts'
import { accessVariables, readAccessSource, type AccessSource } from '#shared/http/access-source.ts'

export const variables = {
  AWS_REGION: awsRegion,
  ...accessVariables,
  USER_POOL_ID: userPoolId,
  PASSWORD_READERS: passwordReaders,
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly access: AccessSource
  readonly passwordReaders: readonly string[]
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, access] = readTogether(
    () => readEnvironment(environment, variables),
    () => readAccessSource(environment),
  )
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    access,
    passwordReaders: values.PASSWORD_READERS,
  }
}
