// create-user's configuration, read once from the environment.
import { awsRegion, userPoolId } from '../../../shared/aws-variables.ts'
import { readEnvironment, readTogether, type Environment } from '../../../shared/env.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '../../../shared/password-cipher/cipher-choice.ts'

export const variables = { AWS_REGION: awsRegion, USER_POOL_ID: userPoolId, ...cipherVariables }

export type Config = { readonly region: string; readonly userPoolId: string; readonly cipher: CipherChoice }

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, cipher] = readTogether(
    () => readEnvironment(environment, variables),
    () => readCipherChoice(environment),
  )
  return { region: values.AWS_REGION, userPoolId: values.USER_POOL_ID, cipher }
}
