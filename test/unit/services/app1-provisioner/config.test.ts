import { describe, expect, it } from 'vitest'
import { readConfig } from '#services/app1-provisioner/config.ts'
import { configurationProblems } from '#test/support/configuration-problems.ts'

const complete = {
  AWS_REGION: 'eu-west-1',
  USER_POOL_ID: 'eu-west-1_abc123',
  MACHINE_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:latchkey/machine-AbCdEf',
  APP2_URL: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod',
  ALLOWED_CALLERS: 'arn:aws:iam::111111111111:role/orders, arn:aws:iam::111111111111:role/billing=delete+create',
  KMS_KEY_ARN: 'arn:aws:kms:eu-west-1:111111111111:key/0f8fad5b-d9cb-469f-a165-70867728950e',
}

const problems = (environment: Record<string, string | undefined>): readonly string[] =>
  configurationProblems(() => readConfig(environment))

describe('the configuration of App1', () => {
  it('is read whole', () => {
    expect(readConfig(complete)).toMatchObject({
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_abc123',
      machineSecretArn: complete.MACHINE_SECRET_ARN,
      app2Url: new URL(complete.APP2_URL),
      allowedCallers: [
        { role: { roleName: 'orders' }, permissions: ['create'] },
        { role: { roleName: 'billing' }, permissions: ['create', 'delete'] },
      ],
      machineAuth: { mode: 'password' },
      cipher: { cipher: 'kms', keyArn: complete.KMS_KEY_ARN },
    })
  })

  it.each([
    [undefined, false],
    ['off', false],
    ['on', true],
  ])('with DRY_RUN=%s has dry runs: %s', (DRY_RUN, hasDryRuns) => {
    expect(readConfig({ ...complete, DRY_RUN }).hasDryRuns).toBe(hasDryRuns)
  })

  it('is refused with every missing name at once', () => {
    expect(problems({})).toEqual([
      ...['AWS_REGION is missing', 'USER_POOL_ID is missing', 'MACHINE_SECRET_ARN is missing'],
      ...['APP2_URL is missing', 'ALLOWED_CALLERS is missing', 'KMS_KEY_ARN is missing'],
    ])
  })

  it.each([
    ['USER_POOL_ID', 'pool'],
    ['MACHINE_SECRET_ARN', 'latchkey/machine'],
    ['APP2_URL', 'not a url'],
    ['APP2_URL', 'http://example.com/'],
    ['APP2_URL', 'ftp://127.0.0.1/'],
    ['APP2_URL', 'https://user@example.com/'],
    ['APP2_URL', 'https://:pass@example.com/'],
    ['APP2_URL', 'https://example.com/?x=1'],
    ['APP2_URL', 'https://example.com/#x'],
    ['DRY_RUN', 'true'],
    ['ALLOWED_CALLERS', '*'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/orders,'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/*'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/orders=admin'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/orders='],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/orders=read+'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/orders=read+read'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/orders=read,arn:aws:iam::111111111111:role/orders=write'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/a/orders=read,arn:aws:iam::111111111111:role/b/orders=write'],
    // A role whose own name has the mark in it, without its permissions.
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/a=b'],
  ])('is refused with %s=%s, without repeating the value', (name, value) => {
    expect(problems({ ...complete, [name]: value })).toEqual([`${name} is not valid`])
  })

  it.each(['http://127.0.0.1:4002', 'http://localhost:4002', 'http://[::1]:4002'])(
    'takes App2 at %s outside Lambda and refuses it inside',
    (APP2_URL) => {
      expect(problems({ ...complete, APP2_URL })).toEqual([])
      expect(problems({ ...complete, APP2_URL, AWS_LAMBDA_FUNCTION_NAME: 'app1' })).toEqual([
        'APP2_URL must be https in Lambda',
      ])
    },
  )

  const tokenEndpoint = 'https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token'
  const atTokenEndpoint = { ...complete, MACHINE_AUTH: 'client-credentials', TOKEN_ENDPOINT: tokenEndpoint }

  it.each(['password', 'client-token', 'sigv4'])('takes MACHINE_AUTH=%s without a token endpoint alone', (mode) => {
    const environment = { ...complete, MACHINE_AUTH: mode }

    expect(readConfig(environment).machineAuth).toEqual({ mode })
    expect(problems({ ...environment, TOKEN_ENDPOINT: tokenEndpoint })).toEqual([
      `TOKEN_ENDPOINT is set, but MACHINE_AUTH is ${mode}`,
    ])
  })

  it('takes MACHINE_AUTH=client-credentials with a token endpoint alone', () => {
    expect(readConfig(atTokenEndpoint).machineAuth).toEqual({
      mode: 'client-credentials',
      tokenEndpoint: new URL(tokenEndpoint),
    })
    expect(problems({ ...atTokenEndpoint, TOKEN_ENDPOINT: '' })).toEqual(['TOKEN_ENDPOINT is missing'])
  })

  it.each([
    ...['latchkey.auth.eu-west-1.amazoncognito.com'],
    ...['http://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token', 'ftp://127.0.0.1/oauth2/token'],
    ...['https://id@example.com/oauth2/token', 'https://:secret@example.com/oauth2/token', `${tokenEndpoint}?x=1`],
    ...[`${tokenEndpoint}#x`, `${tokenEndpoint}/`, 'https://latchkey.auth.eu-west-1.amazoncognito.com/'],
    ...['https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/authorize'],
  ])('is refused with TOKEN_ENDPOINT=%s, without repeating the value', (TOKEN_ENDPOINT) => {
    expect(problems({ ...atTokenEndpoint, TOKEN_ENDPOINT })).toEqual(['TOKEN_ENDPOINT is not valid'])
  })

  it('takes a token endpoint on this machine outside Lambda and refuses it inside', () => {
    const environment = { ...atTokenEndpoint, TOKEN_ENDPOINT: 'http://127.0.0.1:4000/pool/oauth2/token' }

    expect(problems(environment)).toEqual([])
    expect(problems({ ...environment, AWS_LAMBDA_FUNCTION_NAME: 'app1' })).toEqual([
      'TOKEN_ENDPOINT must be https in Lambda',
    ])
  })

  it.each(['Password', 'oauth', 'sigv4,password'])('is refused with MACHINE_AUTH=%s', (MACHINE_AUTH) => {
    expect(problems({ ...complete, MACHINE_AUTH })).toEqual(['MACHINE_AUTH is not valid'])
  })
})
