// The authorizer's configuration, read once from the environment; the issuer is never a setting of its own.
import { userPoolId } from '#shared/aws/aws-variables.ts'
import { readEnvironment, readTogether, type Environment, type Variable } from '#shared/env.ts'
import { issuerOf } from '#shared/aws/issuer.ts'
import { clientVariables, readAcceptedClients } from './accepted-clients.ts'
import type { ClaimsRules } from './access-claims.ts'
import { refuseIssuedBefore } from './cut-offs.ts'

const endpoint = (whose: string): Variable<URL | undefined> => ({
  description: `Address that stands in for ${whose}; a loopback address, or one of AWS’s own for it. Optional.`,
  parse: (text) => URL.parse(text) ?? undefined,
  fallback: undefined,
})

export const variables = {
  USER_POOL_ID: userPoolId,
  ...clientVariables,
  REFUSE_ISSUED_BEFORE: refuseIssuedBefore,
  AWS_ENDPOINT_URL: endpoint('every AWS service'),
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoint('Cognito, before the general one'),
}

export type Config = {
  readonly issuer: string
  readonly jwksUri: string
  readonly rules: ClaimsRules
}

/**
 * Throws ConfigurationError naming every variable that is missing, refused or out of place. An endpoint moves only the
 * place where the keys are fetched, never the issuer.
 */
export function readConfig(environment: Environment): Config {
  const [values, clients] = readTogether(
    () => readEnvironment(environment, variables),
    () => readAcceptedClients(environment),
  )
  const issuer = issuerOf(values.USER_POOL_ID)
  const emulator = values.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? values.AWS_ENDPOINT_URL
  const base = emulator === undefined ? issuer : `${emulator.href.replace(/\/$/, '')}/${values.USER_POOL_ID}`
  return {
    issuer,
    jwksUri: `${base}/.well-known/jwks.json`,
    rules: { clients, refuseIssuedBefore: values.REFUSE_ISSUED_BEFORE },
  }
}
