import { describe, expect, it } from 'vitest'
import { readConfig } from '#services/app2-accounts/create-user/config.ts'

describe('the configuration of create-user', () => {
  it('is read whole', () => {
    const keyArn = 'arn:aws:kms:eu-west-1:111111111111:key/0f8fad5b-d9cb-469f-a165-70867728950e'
    const environment = { AWS_REGION: 'eu-west-1', USER_POOL_ID: 'eu-west-1_abc', KMS_KEY_ARN: keyArn }

    expect(readConfig(environment)).toEqual({
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_abc',
      access: { from: 'authorizer' },
      cipher: { cipher: 'kms', keyArn },
      delivery: undefined,
      bindsCreations: false,
      creationsPerSecond: 20,
    })
    expect(readConfig({ ...environment, CREATIONS_PER_SECOND: '2.5' }).creationsPerSecond).toBe(2.5)
  })

  it('has to say whether each creation has a token of its own where roles have tokens', () => {
    const environment = {
      AWS_REGION: 'eu-west-1',
      USER_POOL_ID: 'eu-west-1_abc',
      KMS_KEY_ARN: 'arn:aws:kms:eu-west-1:111111111111:key/0f8fad5b-d9cb-469f-a165-70867728950e',
      PROVISIONER_ROLE_ARNS: 'arn:aws:iam::123456789012:role/app1',
    }

    expect(readConfig({ ...environment, STS_TOKEN_PER_REQUEST: 'on' }).bindsCreations).toBe(true)
    expect(readConfig({ ...environment, STS_TOKEN_PER_REQUEST: 'off' }).bindsCreations).toBe(false)
    for (const lost of [{}, { STS_TOKEN_PER_REQUEST: '' }])
      expect(() => readConfig({ ...environment, ...lost })).toThrow('STS_TOKEN_PER_REQUEST is missing')
  })

  it('says from where it takes who calls', () => {
    const environment = {
      AWS_REGION: 'eu-west-1',
      USER_POOL_ID: 'eu-west-1_abc',
      KMS_KEY_ARN: 'arn:aws:kms:eu-west-1:111111111111:key/0f8fad5b-d9cb-469f-a165-70867728950e',
      ACCESS_FROM: 'claims',
      MACHINE_SCOPE_CLIENT_ID: 'machine2',
    }

    expect(readConfig(environment).access).toEqual({
      from: 'claims',
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc',
      clients: new Map([['machine2', 'machine']]),
    })
  })

  it.each(['0', '-1', 'x', '1e9', 'Infinity', '100000'])('refuses %s creations a second', (rate) => {
    expect(() => readConfig({ CREATIONS_PER_SECOND: rate })).toThrow('CREATIONS_PER_SECOND is not valid')
  })

  it('is refused with every missing name at once', () => {
    expect(() => readConfig({})).toThrow(
      'Configuration refused: AWS_REGION is missing; USER_POOL_ID is missing; KMS_KEY_ARN is missing',
    )
  })
})
