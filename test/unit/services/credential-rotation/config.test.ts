import { describe, expect, it } from 'vitest'
import { readConfig } from '#services/credential-rotation/config.ts'
import { configurationProblems } from '#test/support/configuration-problems.ts'

const complete = {
  AWS_REGION: 'eu-west-1',
  USER_POOL_ID: 'eu-west-1_abc123',
  MACHINE_CLIENT_ID: '1example23456789',
  MACHINE_GROUPS: 'api-client,api-admin',
  MACHINE_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:latchkey/machine-AbCdEf',
}

const ofPassword = { MACHINE_CLIENT_ID: 'm', MACHINE_GROUPS: 'api-client' }

const endpoint = 'https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token'

const unused = (name: string): string => `${name} is set, but no mode of MACHINE_AUTH_ACCEPTED uses it`

const problems = (environment: Record<string, string>): readonly string[] =>
  configurationProblems(() => readConfig(environment))

describe('the configuration of the rotation function', () => {
  it('is read whole', () => {
    expect(readConfig(complete)).toEqual({
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_abc123',
      machineClientId: '1example23456789',
      machineGroups: ['api-client', 'api-admin'],
      machineScopeClientId: undefined,
      tokenEndpoint: undefined,
      machineSecretArn: complete.MACHINE_SECRET_ARN,
    })
  })

  it('is refused with every missing name at once', () => {
    expect(problems({})).toEqual(
      ['AWS_REGION', 'USER_POOL_ID', 'MACHINE_SECRET_ARN'].map((name) => `${name} is missing`),
    )
  })

  it.each([
    ['password', {}, ['MACHINE_CLIENT_ID is missing', 'MACHINE_GROUPS is missing']],
    ['password', { MACHINE_CLIENT_ID: 'm' }, ['MACHINE_GROUPS is missing']],
    ['password', ofPassword, []],
    ['password', { ...ofPassword, MACHINE_GROUPS: 'api-client,service-user' }, ['MACHINE_GROUPS is not valid']],
    ['password', { ...ofPassword, MACHINE_GROUPS: 'api-client,api-client' }, ['MACHINE_GROUPS is not valid']],
    ['client-token', { MACHINE_SCOPE_CLIENT_ID: 's', MACHINE_GROUPS: 'api-client' }, [unused('MACHINE_GROUPS')]],
    ['client-token', {}, ['MACHINE_SCOPE_CLIENT_ID is missing']],
    ['client-token', { MACHINE_SCOPE_CLIENT_ID: 's' }, []],
    ['client-credentials', { MACHINE_SCOPE_CLIENT_ID: 's' }, ['TOKEN_ENDPOINT is missing']],
    ['password,client-credentials', { ...ofPassword, MACHINE_SCOPE_CLIENT_ID: 's', TOKEN_ENDPOINT: endpoint }, []],
    ['client-token', { MACHINE_SCOPE_CLIENT_ID: 's', TOKEN_ENDPOINT: endpoint }, [unused('TOKEN_ENDPOINT')]],
    ['client-token', { MACHINE_SCOPE_CLIENT_ID: 's', MACHINE_CLIENT_ID: 'm' }, [unused('MACHINE_CLIENT_ID')]],
    ['password', { ...ofPassword, MACHINE_SCOPE_CLIENT_ID: 's' }, [unused('MACHINE_SCOPE_CLIENT_ID')]],
    ['sigv4', {}, ['MACHINE_AUTH_ACCEPTED names no mode with credentials to rotate']],
    ['carrier-pigeon', {}, ['MACHINE_AUTH_ACCEPTED is not valid']],
  ])('with %s accepted and %j has the problems %j', (MACHINE_AUTH_ACCEPTED, given, expected) => {
    const { AWS_REGION, USER_POOL_ID, MACHINE_SECRET_ARN } = complete
    const ofEveryMode = { AWS_REGION, USER_POOL_ID, MACHINE_SECRET_ARN }

    expect(problems({ ...ofEveryMode, MACHINE_AUTH_ACCEPTED, ...given })).toEqual(expected)
  })

  it.each([
    ['http://pool.example.com/oauth2/token', {}, ['TOKEN_ENDPOINT is not valid']],
    ['https://user@pool.example.com/oauth2/token', {}, ['TOKEN_ENDPOINT is not valid']],
    ['https://pool.example.com/oauth2/token?x=1', {}, ['TOKEN_ENDPOINT is not valid']],
    ['https://pool.example.com/oauth2/authorize', {}, ['TOKEN_ENDPOINT is not valid']],
    ['http://127.0.0.1:4566/oauth2/token', {}, []],
    [
      'http://127.0.0.1:4566/oauth2/token',
      { AWS_LAMBDA_FUNCTION_NAME: 'f' },
      ['TOKEN_ENDPOINT must be https in Lambda'],
    ],
  ])('with TOKEN_ENDPOINT=%s and %j has the problems %j', (TOKEN_ENDPOINT, given, expected) => {
    const environment = {
      ...complete,
      MACHINE_AUTH_ACCEPTED: 'password,client-credentials',
      MACHINE_SCOPE_CLIENT_ID: 's',
      TOKEN_ENDPOINT,
      ...given,
    }

    expect(problems(environment)).toEqual(expected)
  })

  it.each([
    'latchkey/machine',
    'arn:aws:secretsmanager:eu-west-1:1111:secret:machine-AbCdEf',
    `${complete.MACHINE_SECRET_ARN}\n`,
    `${complete.MACHINE_SECRET_ARN} `,
  ])('is refused with MACHINE_SECRET_ARN=%j', (MACHINE_SECRET_ARN) => {
    expect(problems({ ...complete, MACHINE_SECRET_ARN })).toEqual(['MACHINE_SECRET_ARN is not valid'])
  })

  it('is refused with an endpoint that is nowhere near AWS', () => {
    const environment = { ...complete, AWS_ENDPOINT_URL_SECRETS_MANAGER: 'https://example.com' }

    expect(problems(environment)).toEqual(['AWS_ENDPOINT_URL_SECRETS_MANAGER is not a loopback or AWS endpoint'])
  })
})
