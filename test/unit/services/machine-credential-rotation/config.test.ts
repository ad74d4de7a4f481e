import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../../services/machine-credential-rotation/config.ts'
import { ConfigurationError } from '../../../../shared/env.ts'

const complete = {
  AWS_REGION: 'eu-west-1',
  USER_POOL_ID: 'eu-west-1_abc123',
  MACHINE_CLIENT_ID: '1example23456789',
  MACHINE_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:latchkey/machine-AbCdEf',
}

const problems = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}

describe('the configuration of the rotation function', () => {
  it('is read whole', () => {
    expect(readConfig(complete)).toEqual({
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_abc123',
      machineClientId: '1example23456789',
      machineSecretArn: complete.MACHINE_SECRET_ARN,
    })
  })

  it('is refused with every missing name at once', () => {
    expect(problems({})).toEqual(Object.keys(complete).map((name) => `${name} is missing`))
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
