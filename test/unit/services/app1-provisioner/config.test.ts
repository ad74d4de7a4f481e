import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../../services/app1-provisioner/config.ts'
import { ConfigurationError } from '../../../../shared/env.ts'

const complete = {
  AWS_REGION: 'eu-west-1',
  USER_POOL_ID: 'eu-west-1_abc123',
  MACHINE_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:latchkey/machine-AbCdEf',
  APP2_URL: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod',
  ALLOWED_CALLERS: 'arn:aws:iam::111111111111:role/orders, arn:aws:iam::111111111111:role/billing',
  KMS_KEY_ARN: 'arn:aws:kms:eu-west-1:111111111111:key/0f8fad5b-d9cb-469f-a165-70867728950e',
}

const problems = (environment: Record<string, string | undefined>): readonly string[] => {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}

describe('the configuration of App1', () => {
  it('is read whole', () => {
    expect(readConfig(complete)).toMatchObject({
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_abc123',
      machineSecretArn: complete.MACHINE_SECRET_ARN,
      app2Url: new URL(complete.APP2_URL),
      allowedCallers: [{ roleName: 'orders' }, { roleName: 'billing' }],
      cipher: { cipher: 'kms', keyArn: complete.KMS_KEY_ARN },
    })
  })

  it('is refused with every missing name at once', () => {
    expect(problems({})).toEqual([
      'AWS_REGION is missing',
      'USER_POOL_ID is missing',
      'MACHINE_SECRET_ARN is missing',
      'APP2_URL is missing',
      'ALLOWED_CALLERS is missing',
      'KMS_KEY_ARN is missing',
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
    ['ALLOWED_CALLERS', '*'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/orders,'],
    ['ALLOWED_CALLERS', 'arn:aws:iam::111111111111:role/*'],
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
})
