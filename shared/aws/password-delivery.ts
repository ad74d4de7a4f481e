// Whether generated passwords are delivered, to which roles, and by what: read from the environment of the functions that
// make them.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { ConfigurationError, matching, readEnvironment, type Environment, type Variable } from '../env.ts'
import { ServiceError } from '../errors.ts'
import { appClientId } from './aws-variables.ts'
import { awsClientOptions } from './aws-client-options.ts'
import { createPasswordSecrets, type PasswordSecrets } from './password-secrets.ts'
import { passwordReaders } from './password-readers.ts'
import { createSignInFacts } from './sign-in-facts.ts'

/** All of them, or none: then no password is generated. */
export const deliveryVariables: {
  readonly PASSWORD_READERS: Variable<readonly string[]>
  readonly PASSWORD_SECRETS_PREFIX: Variable<string | undefined>
  readonly PASSWORD_SECRETS_KEY_ARN: Variable<string | undefined>
  readonly SERVICE_CLIENT_ID: Variable<string | undefined>
} = {
  PASSWORD_READERS: passwordReaders,
  PASSWORD_SECRETS_PREFIX: {
    description: 'What the names of the secrets with generated passwords begin with. Needed with `PASSWORD_READERS`.',
    parse: matching(/[\w/+=.@-]{1,400}\//),
    fallback: undefined,
  },
  PASSWORD_SECRETS_KEY_ARN: {
    description: 'ARN of the KMS key that encrypts these secrets. Needed with `PASSWORD_READERS`.',
    parse: matching(/arn:[\w-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,200}/),
    fallback: undefined,
  },
  SERVICE_CLIENT_ID: {
    ...appClientId('service users'),
    description:
      'Id of the app client that service users sign in through, which a secret names with its own. Needed with `PASSWORD_READERS`.',
    fallback: undefined,
  },
}

export type DeliveryConfig = {
  readonly readers: readonly string[]
  readonly prefix: string
  readonly keyArn: string
  readonly clientId: string
}

/** Undefined where no password is generated. Throws ConfigurationError for a part of the variables. */
export function readDelivery(environment: Environment): DeliveryConfig | undefined {
  const { PASSWORD_READERS: readers, ...others } = readEnvironment(environment, deliveryVariables)
  const { PASSWORD_SECRETS_PREFIX: prefix, PASSWORD_SECRETS_KEY_ARN: keyArn, SERVICE_CLIENT_ID: clientId } = others
  const missing = Object.entries({ PASSWORD_READERS: readers[0], ...others }).flatMap(([name, value]) =>
    value === undefined ? [`${name} is missing`] : [],
  )
  // The client alone says nothing: other functions read it too.
  if (readers.length === 0 && prefix === undefined && keyArn === undefined) return undefined
  if (missing.length > 0 || prefix === undefined || keyArn === undefined || clientId === undefined) {
    throw new ConfigurationError(missing)
  }
  return { readers, prefix, keyArn, clientId }
}

export type PasswordDelivery = { readonly readers: readonly string[]; readonly secrets: PasswordSecrets }

/** Throws `reader_not_allowed` for a role that is not on the list, and where there is none. */
export function allowedDelivery(delivery: PasswordDelivery | undefined, reader: string): PasswordDelivery {
  if (delivery?.readers.includes(reader) === true) return delivery
  const reason = delivery === undefined ? 'no_readers' : 'not_on_the_list'
  throw new ServiceError('reader_not_allowed', { reason, outcome: 'none' })
}

type DeliveryDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly userPoolId: string
  readonly region: string
  readonly now: () => number
}

/** Call it once, when the service starts: each call makes a client of Secrets Manager. */
export function createPasswordDelivery(
  config: DeliveryConfig | undefined,
  deps: DeliveryDeps,
): PasswordDelivery | undefined {
  if (config === undefined) return undefined
  const { readers, prefix, keyArn, clientId } = config
  const secretsManager = new SecretsManagerClient({ ...awsClientOptions, region: deps.region })
  const signInFacts = createSignInFacts({ ...deps, clientId })
  return { readers, secrets: createPasswordSecrets({ secretsManager, prefix, keyArn, signInFacts, now: deps.now }) }
}
