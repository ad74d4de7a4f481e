import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientSecretsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addClient, clientCredentials, requestToken, startMachinePool } from '../machine-pool.ts'
import { addUser, signIn, startTestPool } from '../test-aws.ts'

const chosen = 'chosen_by_the_caller_1234'

describe('AddUserPoolClientSecret', () => {
  it('gives a second secret, and both work', async () => {
    const pool = await startMachinePool()
    const client = await addClient(pool, clientCredentials)

    const { ClientSecretDescriptor: added } = await pool.cognito.send(
      new AddUserPoolClientSecretCommand({ UserPoolId: pool.poolId, ClientId: client.id }),
    )

    expect(added).toEqual({
      ClientSecretId: `${client.id}--${pool.clock.now + 1}`,
      ClientSecretValue: expect.stringMatching(/^[0-9a-z]{52}$/) as string,
      ClientSecretCreateDate: new Date(pool.clock.now + 1),
    })
    const second = { ...client, secret: added?.ClientSecretValue ?? '' }
    expect((await requestToken(pool, { client })).status).toBe(200)
    expect((await requestToken(pool, { client: second })).status).toBe(200)
  })

  it('makes no third one', async () => {
    const pool = await startMachinePool()
    const { id: ClientId } = await addClient(pool, clientCredentials)
    const add = new AddUserPoolClientSecretCommand({ UserPoolId: pool.poolId, ClientId })
    await pool.cognito.send(add)

    await expect(pool.cognito.send(add)).rejects.toMatchObject({ name: 'LimitExceededException' })
  })

  it('takes a secret of the caller, does not give it back, and password sign-in goes by it too', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    const ids = { UserPoolId: pool.poolId, ClientId: pool.clientId }
    pool.clock.now += 1000

    const { ClientSecretDescriptor: added } = await pool.cognito.send(
      new AddUserPoolClientSecretCommand({ ...ids, ClientSecret: chosen }),
    )

    expect(added).toEqual({
      ClientSecretId: `${pool.clientId}--${pool.clock.now}`,
      ClientSecretCreateDate: new Date(pool.clock.now),
    })
    for (const clientSecret of [pool.clientSecret, chosen]) {
      await expect(signIn({ ...pool, clientSecret }, 'ada')).resolves.toHaveProperty('AuthenticationResult')
    }
    const wrong = signIn({ ...pool, clientSecret: `${chosen}5` }, 'ada')
    await expect(wrong).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it('refuses a client without a secret, and one that is not there', async () => {
    const pool = await startTestPool({ client: { GenerateSecret: false } })
    const add = (ClientId: string): Promise<unknown> =>
      pool.cognito.send(new AddUserPoolClientSecretCommand({ UserPoolId: pool.poolId, ClientId }))

    await expect(add(pool.clientId)).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await expect(add('absent')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('fails with the name that its service model has', async () => {
    const pool = await startTestPool()
    pool.aws.setFaults([
      { operation: 'AddUserPoolClientSecret', kind: 'internal_error', when: 'before', calls: { next: 1 } },
    ])

    const call = pool.cognito.send(
      new AddUserPoolClientSecretCommand({ UserPoolId: pool.poolId, ClientId: pool.clientId }),
    )

    await expect(call).rejects.toMatchObject({ name: 'InternalServerException', $metadata: { httpStatusCode: 500 } })
  })
})

describe('DeleteUserPoolClientSecret', () => {
  it('ends one secret and leaves the other, which alone is listed and cannot be deleted', async () => {
    const pool = await startMachinePool()
    const client = await addClient(pool, clientCredentials)
    const ids = { UserPoolId: pool.poolId, ClientId: client.id }
    await pool.cognito.send(new AddUserPoolClientSecretCommand({ ...ids, ClientSecret: chosen }))
    const remove = (ClientSecretId = ''): Promise<unknown> =>
      pool.cognito.send(new DeleteUserPoolClientSecretCommand({ ...ids, ClientSecretId }))
    const list = new ListUserPoolClientSecretsCommand(ids)
    const { ClientSecrets: [first, second] = [] } = await pool.cognito.send(list)

    await remove(first?.ClientSecretId)

    expect(await requestToken(pool, { client })).toEqual({ status: 400, body: { error: 'invalid_client' } })
    expect((await requestToken(pool, { client: { ...client, secret: chosen } })).status).toBe(200)
    expect((await pool.cognito.send(list)).ClientSecrets).toEqual([second])
    expect(second).not.toHaveProperty('ClientSecretValue')
    const { UserPoolClient } = await pool.cognito.send(new DescribeUserPoolClientCommand(ids))
    expect(UserPoolClient?.ClientSecret).toBe(chosen)
    await expect(remove(first?.ClientSecretId)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    await expect(remove(second?.ClientSecretId)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  })
})
