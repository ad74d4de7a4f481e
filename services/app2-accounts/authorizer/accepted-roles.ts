// Which roles' tokens of AWS STS are taken, with the mode `sts-token`; without it none is.
import { machineAuthAccepted, provisionerRoleArns, userPoolId } from '#shared/aws/aws-variables.ts'
import { endpointVariables, stsEndpoint, stsJwksUriOf } from '#shared/aws/pool-keys.ts'
import { ConfigurationError, matching, readEnvironment, type Environment, type Variable } from '#shared/env.ts'
import { stsAudience } from '#shared/machine/sts-token.ts'
import type { StsRules } from './sts-claims.ts'

/** As `aws iam get-outbound-web-identity-federation-info` has it: the name in front is the account's own. */
export const stsIssuer: Variable<string | undefined> = {
  description:
    'The issuer of App1’s account, `https://<name>.tokens.sts.global.api.aws`. Needed for `sts-token`, and for that alone.',
  parse: matching(/https:\/\/[a-z0-9][a-z0-9-]{0,62}\.tokens\.sts\.global\.api\.aws/),
  fallback: undefined,
}

/** Without wildcards, and without a version: the claim has neither. */
const provisionerFunctionArns: Variable<readonly string[] | undefined> = {
  description:
    'ARNs of the Lambda functions that a token of `sts-token` must come from, separated by commas, or `none`. If absent, a token ' +
    'counts from wherever its role is used.',
  parse: (text) => {
    if (text === 'none') return []
    const arns = text.split(',')
    return arns.every((arn) => functionArn.test(arn)) ? arns : undefined
  },
  fallback: undefined,
}

const functionArn = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}$/

export const roleVariables = {
  STS_ISSUER: stsIssuer,
  PROVISIONER_ROLE_ARNS: provisionerRoleArns,
  PROVISIONER_FUNCTION_ARNS: provisionerFunctionArns,
  AWS_ENDPOINT_URL_STS: stsEndpoint,
}

export type AcceptedRoles = { readonly issuer: string; readonly jwksUri: string; readonly rules: StsRules }

/**
 * Undefined without the mode. Throws one ConfigurationError that lists all that is missing, and all that is set though the mode
 * is not accepted: left behind, it would seem to open something.
 */
export function readAcceptedRoles(environment: Environment): AcceptedRoles | undefined {
  const values = readEnvironment(environment, {
    USER_POOL_ID: userPoolId,
    MACHINE_AUTH_ACCEPTED: machineAuthAccepted,
    AWS_ENDPOINT_URL: endpointVariables.AWS_ENDPOINT_URL,
    ...roleVariables,
  })
  const { STS_ISSUER: issuer, PROVISIONER_ROLE_ARNS: roles, PROVISIONER_FUNCTION_ARNS: functions } = values
  const own = { STS_ISSUER: issuer, PROVISIONER_FUNCTION_ARNS: functions }
  if (!values.MACHINE_AUTH_ACCEPTED.includes('sts-token')) {
    const left = Object.entries(own).filter(([, value]) => value !== undefined)
    if (left.length === 0) return undefined
    throw new ConfigurationError(left.map(([name]) => `${name} is set, but MACHINE_AUTH_ACCEPTED has no sts-token`))
  }
  if (issuer === undefined || roles === undefined) {
    const missing = [
      ...(issuer === undefined ? ['STS_ISSUER'] : []),
      ...(roles === undefined ? ['PROVISIONER_ROLE_ARNS'] : []),
    ]
    throw new ConfigurationError(missing.map((name) => `${name} is missing`))
  }
  return {
    issuer,
    jwksUri: stsJwksUriOf(issuer, values.AWS_ENDPOINT_URL_STS ?? values.AWS_ENDPOINT_URL),
    rules: { audience: stsAudience(values.USER_POOL_ID), roles: roles.map(({ arn }) => arn), functions },
  }
}
