// The authorizer's configuration, read once from the environment; the issuer is never a setting of its own.
import type { ClientKind } from '../../../shared/access-rules.ts'
import { appClientId, userPoolId } from '../../../shared/aws-variables.ts'
import { ConfigurationError, readEnvironment, type Environment, type Variable } from '../../../shared/env.ts'

const endpoint = (whose: string): Variable<URL | undefined> => ({
  description: `Address that stands in for ${whose}; a loopback address, or one of AWS’s own for it. Optional.`,
  parse: (text) => URL.parse(text) ?? undefined,
  fallback: undefined,
})

export const variables = {
  USER_POOL_ID: userPoolId,
  MACHINE_CLIENT_ID: appClientId('machine users'),
  SERVICE_CLIENT_ID: appClientId('service users'),
  AWS_ENDPOINT_URL: endpoint('every AWS service'),
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoint('Cognito, before the general one'),
}

export type Config = {
  readonly issuer: string
  readonly jwksUri: string
  /** The app clients whose tokens are taken, by id. */
  readonly clients: ReadonlyMap<string, ClientKind>
}

/**
 * Throws ConfigurationError naming every variable that is missing or refused, or when the two clients are one: then
 * every token would be a machine's and a service's at once.
 *
 * A pool writes one of two issuers (`IssuerConfiguration.Type`). Taken is the default, ORIGINAL, which our template
 * leaves as it is: the other form would be a second name to trust for tokens that this pool never issues. It follows
 * from the pool id alone, so that no variable can make the tokens of another issuer good; an endpoint moves only the
 * place where the keys are fetched.
 */
export function readConfig(environment: Environment): Config {
  const values = readEnvironment(environment, variables)
  if (values.MACHINE_CLIENT_ID === values.SERVICE_CLIENT_ID) {
    throw new ConfigurationError(['MACHINE_CLIENT_ID and SERVICE_CLIENT_ID must differ'])
  }
  const poolId = values.USER_POOL_ID
  const issuer = `https://cognito-idp.${poolId.slice(0, poolId.indexOf('_'))}.amazonaws.com/${poolId}`
  const standIn = values.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? values.AWS_ENDPOINT_URL
  const base = standIn === undefined ? issuer : `${standIn.href.replace(/\/$/, '')}/${poolId}`
  return {
    issuer,
    jwksUri: `${base}/.well-known/jwks.json`,
    clients: new Map([
      [values.MACHINE_CLIENT_ID, 'machine'],
      [values.SERVICE_CLIENT_ID, 'service'],
    ]),
  }
}
