// manage-users' configuration, read once from the environment.
import { awsRegion, userPoolId } from '#shared/aws/aws-variables.ts'
import { deliveryVariables, readDelivery, type DeliveryConfig } from '#shared/aws/password-delivery.ts'
import { readEnvironment, readTogether, wholeNumber, type Environment } from '#shared/env.ts'
import { accessVariables, readAccessSource, type AccessSource } from '#shared/http/access-source.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '#shared/password-cipher/cipher-choice.ts'

export const variables = {
  AWS_REGION: awsRegion,
  ...accessVariables,
  USER_POOL_ID: userPoolId,
  ...cipherVariables,
  ...deliveryVariables,
  CHANGES_PER_SECOND: {
    description:
      'Calls of Cognito’s category UserUpdate that one instance begins per second, at most; what is over it gets 429. ' +
      'Creations draw on the same 25 a second of the account.',
    parse: wholeNumber({ from: 1, to: 1000 }),
  },
  ACCESS_TOKEN_MINUTES: {
    description:
      'How long an access token of the service users’ client lives, in minutes: until then one of before opens App2.',
    parse: wholeNumber({ from: 5, to: 1440 }),
  },
  AUTHORIZER_TTL_SECONDS: {
    description: 'How long API Gateway remembers an answer about a token, past the token’s end too.',
    parse: wholeNumber({ from: 0, to: 3600 }),
  },
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly access: AccessSource
  readonly cipher: CipherChoice
  /** Absent: no password is generated. */
  readonly delivery: DeliveryConfig | undefined
  readonly changesPerSecond: number
  /** How long after an ending something of before may still open App2. */
  readonly accessLastsMs: number
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, access, cipher, delivery] = readTogether(
    () => readEnvironment(environment, variables),
    () => readAccessSource(environment),
    () => readCipherChoice(environment),
    () => readDelivery(environment),
  )
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    access,
    cipher,
    delivery,
    changesPerSecond: values.CHANGES_PER_SECOND,
    accessLastsMs: values.ACCESS_TOKEN_MINUTES * 60_000 + values.AUTHORIZER_TTL_SECONDS * 1_000,
  }
}
