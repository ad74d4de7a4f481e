import { CognitoIdentityProviderClient, DescribeUserPoolClientCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { allowedDelivery, createPasswordDelivery, readDelivery } from '#shared/aws/password-delivery.ts'
import { createSignInFacts } from '#shared/aws/sign-in-facts.ts'
import { manualClock } from '#test/support/clock.ts'
import { fakePasswordSecrets } from '#test/support/fake-password-secrets.ts'
import { mockClient } from '#test/support/mock-client.ts'

const role = 'arn:aws:iam::123456789012:role/orders-worker'
const other = 'arn:aws:iam::210987654321:role/teams/billing'
const environment = {
  PASSWORD_READERS: `${role},${other}`,
  PASSWORD_SECRETS_PREFIX: 'latchkey-dev/service-users/',
  PASSWORD_SECRETS_KEY_ARN: 'arn:aws:kms:eu-west-1:123456789012:key/0f8fad5b-d9cb-469f-a165-70867728950e',
  SERVICE_CLIENT_ID: 'service1',
}
const config = {
  readers: [role, other],
  prefix: environment.PASSWORD_SECRETS_PREFIX,
  keyArn: environment.PASSWORD_SECRETS_KEY_ARN,
  clientId: 'service1',
}

describe('the delivery of generated passwords', () => {
  it('is read whole, and there is none without its variables', () => {
    expect(readDelivery(environment)).toEqual(config)
    expect(readDelivery({})).toBeUndefined()
  })

  it.each(Object.keys(environment))('is refused without %s alone, by its name', (name) => {
    expect(() => readDelivery({ ...environment, [name]: '' })).toThrow(`Configuration refused: ${name} is missing`)
  })

  it.each(['*', 'arn:aws:iam::123456789012:role/*', `${role},`, `${role},${role}`, 'arn:aws:iam::123456789012:user/x'])(
    'is refused with the readers %s',
    (readers) => {
      expect(() => readDelivery({ ...environment, PASSWORD_READERS: readers })).toThrow('PASSWORD_READERS is not valid')
    },
  )

  it('is for the roles on the list, character by character', () => {
    const delivery = { readers: config.readers, secrets: fakePasswordSecrets() }

    expect(allowedDelivery(delivery, other)).toBe(delivery)
    for (const reader of [`${role}x`, role.toUpperCase(), `${role},${other}`, role.replace('1234', '4321'), '']) {
      expect(() => allowedDelivery(delivery, reader)).toThrow(
        expect.objectContaining({ code: 'reader_not_allowed', reason: 'not_on_the_list', outcome: 'none' }),
      )
    }
    expect(() => allowedDelivery(undefined, role)).toThrow(expect.objectContaining({ reason: 'no_readers' }))
  })

  it('is made of what was read, and of nothing else', () => {
    const cognito = new CognitoIdentityProviderClient({ region: 'eu-west-1' })
    const deps = { cognito, userPoolId: 'eu-west-1_x', region: 'eu-west-1', now: Date.now }

    expect(createPasswordDelivery(undefined, deps)).toBeUndefined()
    expect(createPasswordDelivery(config, deps)?.readers).toEqual(config.readers)
  })
})

describe('what a service user signs in with', () => {
  const cognito = mockClient(CognitoIdentityProviderClient)
  const options = { signal: new AbortController().signal }
  const setUp = () => {
    const clock = manualClock()
    cognito.reset()
    const client = new CognitoIdentityProviderClient({ region: 'eu-west-1' })
    const deps = { cognito: client, userPoolId: 'eu-west-1_x', region: 'eu-west-1', clientId: 'service1' }
    return { clock, read: createSignInFacts({ ...deps, now: clock.now }) }
  }

  it('is the client with its secret, asked for again after five minutes', async () => {
    const { clock, read } = setUp()
    const facts = { user_pool_id: 'eu-west-1_x', region: 'eu-west-1', client_id: 'service1', client_secret: 'first' }
    cognito
      .on(DescribeUserPoolClientCommand, { UserPoolId: 'eu-west-1_x', ClientId: 'service1' })
      .resolvesOnce({ UserPoolClient: { ClientSecret: 'first' } })
      .resolves({ UserPoolClient: { ClientSecret: 'second' } })

    expect(await read(options)).toEqual(facts)
    clock.advance(299_999)
    expect(await read(options)).toEqual(facts)
    clock.advance(1)
    expect(await read(options)).toEqual({ ...facts, client_secret: 'second' })
  })

  it('is not there of a client without a secret, nor where Cognito does not tell', async () => {
    const { read } = setUp()
    cognito
      .on(DescribeUserPoolClientCommand)
      .resolvesOnce({ UserPoolClient: {} })
      .rejectsOnce(Object.assign(new Error('canary'), { name: 'TooManyRequestsException' }))

    await expect(read(options)).rejects.toMatchObject({ code: 'internal_error' })
    await expect(read(options)).rejects.toMatchObject({ code: 'throttled' })
  })
})
