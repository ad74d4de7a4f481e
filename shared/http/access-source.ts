// From where App2's functions take who calls. Exactly one source is configured; nothing is guessed from an event's shape.
import type { ClientKind } from '../access-rules.ts'
import { machineScopeClientId, provisionerRoleArns, serviceScopeClientId, userPoolId } from '../aws/aws-variables.ts'
import {
  ConfigurationError,
  oneOf,
  readEnvironment,
  type Configuration,
  type Environment,
  type Variable,
} from '../env.ts'
import { issuerOf } from '../aws/issuer.ts'
import type { RoleArn } from '../aws/role-arn.ts'
import { createAuthorizerReader, createIamReader } from './gateway-callers.ts'
import type { CallerReader } from './app-environment.ts'
import { createClaimsReader, type ClaimsSource } from './claims-caller.ts'

export type AccessSource =
  /** `provisioners` are App1's roles, whose own tokens the authorizer takes; none if absent. */
  | { readonly from: 'authorizer'; readonly provisioners?: readonly RoleArn[] }
  | ({ readonly from: 'claims' } & ClaimsSource)
  | { readonly from: 'iam'; readonly provisioners: readonly RoleArn[] }

/** The variables of all sources. Which of them must be there depends on the source: see `readAccessSource`. */
export const accessVariables: {
  readonly ACCESS_FROM: Variable<AccessSource['from']>
  readonly USER_POOL_ID: Variable<string | undefined>
  readonly MACHINE_SCOPE_CLIENT_ID: Variable<string | undefined>
  readonly SERVICE_SCOPE_CLIENT_ID: Variable<string | undefined>
  readonly PROVISIONER_ROLE_ARNS: Variable<readonly RoleArn[] | undefined>
} = {
  ACCESS_FROM: {
    description:
      'Who authenticates the caller: our `authorizer`, the `claims` of API Gateway’s own Cognito authorizer, or `iam`. ' +
      '`authorizer` if absent.',
    parse: oneOf('authorizer', 'claims', 'iam'),
    fallback: 'authorizer',
  },
  USER_POOL_ID: { ...userPoolId, fallback: undefined },
  MACHINE_SCOPE_CLIENT_ID: machineScopeClientId,
  SERVICE_SCOPE_CLIENT_ID: serviceScopeClientId,
  PROVISIONER_ROLE_ARNS: provisionerRoleArns,
}

/**
 * The source that the variables agree on. Throws one ConfigurationError that lists everything that is missing or not
 * valid. What only another source would need is not looked at.
 */
export function readAccessSource(environment: Environment): AccessSource {
  const values = readEnvironment(environment, accessVariables)
  switch (values.ACCESS_FROM) {
    case 'authorizer':
      return {
        from: 'authorizer',
        ...(values.PROVISIONER_ROLE_ARNS && { provisioners: values.PROVISIONER_ROLE_ARNS }),
      }
    case 'claims':
      return readClaimsSource(values)
    case 'iam':
      if (values.PROVISIONER_ROLE_ARNS === undefined) throw new ConfigurationError(['PROVISIONER_ROLE_ARNS is missing'])
      return { from: 'iam', provisioners: values.PROVISIONER_ROLE_ARNS }
  }
}

/** The one reader of `source`. */
export function createCallerReader(source: AccessSource, deps: { readonly now: () => number }): CallerReader {
  switch (source.from) {
    case 'authorizer':
      return createAuthorizerReader(source.provisioners ?? [])
    case 'claims':
      return createClaimsReader(source, deps)
    case 'iam':
      return createIamReader(source.provisioners)
  }
}

function readClaimsSource(values: Configuration<typeof accessVariables>): AccessSource {
  const { USER_POOL_ID, MACHINE_SCOPE_CLIENT_ID: machine, SERVICE_SCOPE_CLIENT_ID: service } = values
  const clients = new Map<string, ClientKind>()
  if (machine !== undefined) clients.set(machine, 'machine')
  if (service !== undefined) clients.set(service, 'service')
  const problems: string[] = []
  if (USER_POOL_ID === undefined) problems.push('USER_POOL_ID is missing')
  // A function needs the client of its own route; it may know the other, whose tokens it then answers with 403.
  if (clients.size === 0) problems.push('MACHINE_SCOPE_CLIENT_ID and SERVICE_SCOPE_CLIENT_ID are both missing')
  if (machine !== undefined && machine === service) {
    problems.push('MACHINE_SCOPE_CLIENT_ID and SERVICE_SCOPE_CLIENT_ID must differ')
  }
  if (USER_POOL_ID === undefined || problems.length > 0) throw new ConfigurationError(problems)
  return { from: 'claims', issuer: issuerOf(USER_POOL_ID), clients }
}
