// Which cipher a service is configured to use; it never chooses for the operator, and never falls back from one to another.
import { regionPattern } from '../aws/aws-hosts.ts'
import {
  ConfigurationError,
  matching,
  oneOf,
  readEnvironment,
  runsInLambda,
  type Configuration,
  type Environment,
  type Variable,
} from '../env.ts'
import { SecretValue } from '../text/secret-value.ts'

export type CipherChoice =
  { readonly cipher: 'kms'; readonly keyArn: string } | { readonly cipher: 'aes-256-gcm'; readonly key: SecretValue }

/** The variables of either cipher. Which of them must be there depends on the choice: see `readCipherChoice`. */
export const cipherVariables: {
  readonly PASSWORD_CIPHER: Variable<CipherChoice['cipher']>
  readonly KMS_KEY_ARN: Variable<string | undefined>
  readonly LATCHKEY_UNSAFE_LOCAL_CIPHER: Variable<'1' | undefined>
  readonly LOCAL_CIPHER_KEY: Variable<SecretValue | undefined>
} = {
  PASSWORD_CIPHER: {
    description: 'How passwords are sealed: `kms`, or `aes-256-gcm` on one machine only.',
    parse: oneOf('kms', 'aes-256-gcm'),
    fallback: 'kms',
  },
  KMS_KEY_ARN: {
    description: 'ARN of the KMS key that seals passwords (a key, not an alias). Required with `PASSWORD_CIPHER=kms`.',
    parse: matching(new RegExp(`arn:aws(-[a-z]+)*:kms:${regionPattern.source}:\\d{12}:key/[0-9A-Za-z-]{1,128}`)),
    fallback: undefined,
  },
  LATCHKEY_UNSAFE_LOCAL_CIPHER: {
    description: '`1` to allow `PASSWORD_CIPHER=aes-256-gcm`. Refused inside Lambda.',
    parse: oneOf('1'),
    fallback: undefined,
  },
  LOCAL_CIPHER_KEY: {
    description: 'Key of `PASSWORD_CIPHER=aes-256-gcm`: 32 random bytes as base64.',
    parse: (text) => (base64Of32Bytes.test(text) ? new SecretValue(text) : undefined),
    fallback: undefined,
  },
}

/** 43 characters carry 258 bits: of the last one, the two lowest bits are zero. */
const base64Of32Bytes = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/

/**
 * The cipher that the variables agree on. Throws one ConfigurationError that lists everything that is missing, not
 * valid, out of place, or weaker than Lambda may run with.
 */
export function readCipherChoice(environment: Environment): CipherChoice {
  const configuration = readEnvironment(environment, cipherVariables)
  switch (configuration.PASSWORD_CIPHER) {
    case 'kms':
      return chooseKms(configuration)
    case 'aes-256-gcm':
      return chooseLocal(configuration, environment)
  }
}

function chooseKms(configuration: Configuration<typeof cipherVariables>): CipherChoice {
  const { KMS_KEY_ARN: keyArn } = configuration
  // Left over, or set in the belief that they do something: neither should go unnoticed next to real passwords.
  const problems = (['LATCHKEY_UNSAFE_LOCAL_CIPHER', 'LOCAL_CIPHER_KEY'] as const)
    .filter((name) => configuration[name] !== undefined)
    .map((name) => `${name} is set, but PASSWORD_CIPHER is kms`)
  if (keyArn === undefined) problems.unshift('KMS_KEY_ARN is missing')
  if (keyArn === undefined || problems.length > 0) throw new ConfigurationError(problems)
  return { cipher: 'kms', keyArn }
}

function chooseLocal(configuration: Configuration<typeof cipherVariables>, environment: Environment): CipherChoice {
  const { LOCAL_CIPHER_KEY: key } = configuration
  const problems: string[] = []
  if (runsInLambda(environment)) problems.push('PASSWORD_CIPHER=aes-256-gcm is refused inside Lambda')
  if (configuration.LATCHKEY_UNSAFE_LOCAL_CIPHER === undefined) problems.push('LATCHKEY_UNSAFE_LOCAL_CIPHER is missing')
  if (key === undefined) problems.push('LOCAL_CIPHER_KEY is missing')
  if (key === undefined || problems.length > 0) throw new ConfigurationError(problems)
  return { cipher: 'aes-256-gcm', key }
}
