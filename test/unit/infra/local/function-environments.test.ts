import { describe, expect, it } from 'vitest'
import { functionEnvironments } from '#infra/local/function-environments.ts'
import { choosePairModes, type PairModeOptions } from '#infra/local/pair-modes.ts'
import { readConfig as readApp1Config } from '#services/app1-provisioner/config.ts'
import { readConfig as readAuthorizerConfig } from '#services/app2-accounts/authorizer/config.ts'
import { readConfig as readManageUsersConfig } from '#services/app2-accounts/manage-users/config.ts'
import { readConfig as readSampleConfig } from '#services/app2-accounts/sample/config.ts'
import { readAccessSource } from '#shared/http/access-source.ts'

const provisioned = {
  region: 'us-east-1',
  userPoolId: 'us-east-1_Pool1',
  machineClientId: 'machine',
  serviceClientId: 'service',
  accessTokenMinutes: 15,
  machineSecretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:machine-AbCdEf',
  passwordKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012',
  passwordSecretsPrefix: 'latchkey-x/service-users/',
  machineScopeClientId: 'machinescope',
  serviceScopeClientId: 'servicescope',
  tokenEndpoint: 'http://127.0.0.1:4566/oauth2/token',
  stsIssuer: 'https://0a1b2c3d-0000-4000-8000-000000000000.tokens.sts.global.api.aws',
}

const environments = (options: PairModeOptions) =>
  functionEnvironments(provisioned, choosePairModes(options), { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })

/** What the functions themselves make of their environment. They refuse what belongs to another mode. */
function readAll(options: PairModeOptions) {
  const variables = environments(options)
  // As create-user's: the machine opens both.
  expect(readManageUsersConfig(variables['manage-users']).access).toEqual(readAccessSource(variables['create-user']))
  return {
    app1: readApp1Config({ ...variables['app1-provisioner'], APP2_URL: 'http://127.0.0.1:4002' }).machineAuth.mode,
    createUser: readAccessSource(variables['create-user']).from,
    sample: readSampleConfig(variables.sample).access.from,
    clients:
      options.app2Authorizer === 'cognito'
        ? 'none'
        : [...readAuthorizerConfig(variables.authorizer).rules.clients.keys()].sort().join(' '),
  }
}

describe('functionEnvironments', () => {
  it.each<[PairModeOptions, ReturnType<typeof readAll>]>([
    [{}, { app1: 'password', createUser: 'authorizer', sample: 'authorizer', clients: 'machine service' }],
    [
      { machineAuth: 'client-credentials' },
      { app1: 'client-credentials', createUser: 'authorizer', sample: 'authorizer', clients: 'machinescope service' },
    ],
    [
      { machineAuth: 'client-token', machineAuthAlso: 'password' },
      { app1: 'client-token', createUser: 'authorizer', sample: 'authorizer', clients: 'machine machinescope service' },
    ],
    [
      { machineAuth: 'client-token', app2Authorizer: 'cognito' },
      { app1: 'client-token', createUser: 'claims', sample: 'claims', clients: 'none' },
    ],
    [
      { machineAuth: 'sts-token', machineAuthAlso: 'password', stsTokenPerRequest: true, stsFunctionCheck: true },
      { app1: 'sts-token', createUser: 'authorizer', sample: 'authorizer', clients: 'machine service' },
    ],
    [{ machineAuth: 'sigv4' }, { app1: 'sigv4', createUser: 'iam', sample: 'authorizer', clients: 'service' }],
  ])('%j is what every function takes for its mode', (options, expected) => {
    expect(readAll(options)).toEqual(expected)
  })

  it('sample has nothing of AWS behind our own authorizer', () => {
    expect(environments({}).sample).toEqual({ ACCESS_FROM: 'authorizer' })
  })

  it('the token endpoint is there for the one mode that asks it', () => {
    expect(environments({ machineAuth: 'client-credentials' })['app1-provisioner']).toMatchObject({
      TOKEN_ENDPOINT: provisioned.tokenEndpoint,
    })
    expect(environments({ machineAuth: 'client-token' })['app1-provisioner']).not.toHaveProperty('TOKEN_ENDPOINT')
  })
})
