import {
  AddUserPoolClientSecretCommand,
  CognitoIdentityProviderClient,
  DeleteUserPoolClientSecretCommand,
  InternalErrorException,
  ListUserPoolClientSecretsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { createClientSecrets } from '#services/credential-rotation/client-secrets.ts'

const cognito = mockClient(CognitoIdentityProviderClient)

beforeEach(() => {
  cognito.reset()
})

const options = { signal: new AbortController().signal }
const secrets = createClientSecrets({
  cognito: new CognitoIdentityProviderClient(),
  userPoolId: 'us-east-1_abc',
  clientId: 'scope-id',
})

describe('the client’s secrets', () => {
  it('are none where Cognito lists none, and one without an id cannot be removed', async () => {
    const listed = [{ ClientSecretId: 'a', ClientSecretCreateDate: new Date(5) }, { ClientSecretId: 'b' }, {}]
    cognito.on(ListUserPoolClientSecretsCommand).resolvesOnce({}).resolves({ ClientSecrets: listed })

    expect(await secrets.list(options)).toEqual([])
    expect(await secrets.list(options)).toEqual([
      { id: 'a', createdAt: 5 },
      { id: 'b', createdAt: 0 },
    ])
  })

  it.each([{}, { ClientSecretDescriptor: { ClientSecretId: 'a' } }])(
    'are not added where Cognito does not show the new one: %j',
    async (answer) => {
      cognito.on(AddUserPoolClientSecretCommand).resolves(answer)

      await expect(secrets.add(options)).rejects.toMatchObject({ reason: 'client_secret_not_shown' })
    },
  )

  it('that are gone count as removed, and those of a call that failed do not', async () => {
    cognito
      .on(DeleteUserPoolClientSecretCommand)
      .rejectsOnce(new ResourceNotFoundException({ message: '', $metadata: {} }))
      .rejects(new InternalErrorException({ message: 'canary', $metadata: {} }))

    await expect(secrets.remove('a', options)).resolves.toBeUndefined()
    await expect(secrets.remove('a', options)).rejects.toThrow(
      'DeleteUserPoolClientSecret failed: InternalErrorException',
    )
  })
})
