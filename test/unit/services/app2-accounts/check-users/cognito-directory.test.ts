import { readdirSync, readFileSync } from 'node:fs'
import { AdminGetUserCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, expect, it } from 'vitest'
import { createCognitoDirectory } from '#services/app2-accounts/check-users/cognito-directory.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { provisioningId } from '#test/support/requests.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const directory = createCognitoDirectory({
  cognito: new CognitoIdentityProviderClient({ region: 'eu-west-1' }),
  userPoolId: 'eu-west-1_abc',
})
const call = { signal: AbortSignal.timeout(10_000) }
const createdAt = new Date('2026-01-01T00:00:00Z')

beforeEach(() => {
  cognito.reset()
})

it('reads a user by its name', async () => {
  cognito.on(AdminGetUserCommand).resolves({
    Enabled: true,
    UserStatus: 'FORCE_CHANGE_PASSWORD',
    UserCreateDate: createdAt,
    UserLastModifiedDate: createdAt,
    UserAttributes: [
      { Name: 'sub', Value: 's' },
      { Name: 'custom:provisioning_id', Value: provisioningId },
    ],
  })

  expect(await directory.read('orders', call)).toEqual({
    sub: 's',
    createdAt,
    enabled: true,
    awaitsPassword: true,
    changedSinceCreation: false,
    provisioningId,
  })
  expect(cognito).toHaveReceivedCommandExactlyOnceWith(AdminGetUserCommand, {
    UserPoolId: 'eu-west-1_abc',
    Username: 'orders',
  })
})

it.each([
  ['UserNotFoundException', new UserMissingError()],
  ['TooManyRequestsException', expect.objectContaining({ code: 'throttled' })],
  ['AccessDeniedException', expect.objectContaining({ code: 'internal_error' })],
])('%s is told as %s', async (name, failure) => {
  cognito.on(AdminGetUserCommand).rejects(Object.assign(new Error('canary'), { name }))

  await expect(directory.read('orders', call)).rejects.toEqual(failure)
})

it('is the only call to Cognito that the function has', () => {
  const folder = new URL('../../../../../services/app2-accounts/check-users/', import.meta.url)
  const text = readdirSync(folder)
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')

  expect(new Set(text.match(/\b\w+Command\b/g))).toEqual(new Set(['AdminGetUserCommand']))
})
