// create-user's configuration, read once from the environment.
import { awsRegion, stsTokenPerRequest, userPoolId } from '#shared/aws/aws-variables.ts'
import { deliveryVariables, readDelivery, type DeliveryConfig } from '#shared/aws/password-delivery.ts'
import { humanVariables, readHumanConfig, type HumanConfig } from '#shared/human/human-issuers.ts'
import {
  ConfigurationError,
  parseRate,
  readEnvironment,
  readTogether,
  type Environment,
  type Variable,
} from '#shared/env.ts'
import { accessVariables, readAccessSource, type AccessSource } from '#shared/http/access-source.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '#shared/password-cipher/cipher-choice.ts'

export const variables = {
  AWS_REGION: awsRegion,
  ...accessVariables,
  USER_POOL_ID: userPoolId,
  STS_TOKEN_PER_REQUEST: stsTokenPerRequest,
  ...cipherVariables,
  ...deliveryVariables,
  ...humanVariables,
  CREATIONS_PER_SECOND: {
    description:
      'Creations that one instance begins per second, at most; the rest get 429. Cognito’s group quota is 25 a second ' +
      'for the whole account, and removals need a part of it. 20 if absent.',
    parse: parseRate,
    fallback: 20,
  } satisfies Variable<number>,
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly access: AccessSource
  readonly bindsCreations: boolean
  readonly cipher: CipherChoice
  /** Absent: no password is generated. */
  readonly delivery: DeliveryConfig | undefined
  readonly human: HumanConfig | undefined
  readonly creationsPerSecond: number
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, access, cipher, delivery, human] = readTogether(
    () => readEnvironment(environment, variables),
    () => readAccessSource(environment),
    () => readCipherChoice(environment),
    () => readDelivery(environment),
    () => readHumanConfig(environment),
  )
  // Absent, it could be one that was lost, and every token of a role would create.
  const takesRoles = access.from === 'authorizer' && access.provisioners !== undefined
  if (takesRoles && !environment['STS_TOKEN_PER_REQUEST']) {
    throw new ConfigurationError(['STS_TOKEN_PER_REQUEST is missing'])
  }
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    access,
    bindsCreations: values.STS_TOKEN_PER_REQUEST === 'on',
    cipher,
    delivery,
    human,
    creationsPerSecond: values.CREATIONS_PER_SECOND,
  }
}
