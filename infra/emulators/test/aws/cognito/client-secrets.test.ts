import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientSecretsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { expect, it } from 'vitest'
import { addUser, refusal, signIn, startTestPool } from '../test-aws.ts'

it('AddUserPoolClientSecret gives a secret a name of its own, also in the millisecond of the first', async () => {
  const { clientId: ClientId, clock, cognito, poolId: UserPoolId } = await startTestPool()

  const added = await cognito.send(new AddUserPoolClientSecretCommand({ UserPoolId, ClientId }))

  expect(added.ClientSecretDescriptor).toEqual({
    ClientSecretId: `${ClientId}--${clock.now + 1}`,
    ClientSecretValue: expect.stringMatching(/^[0-9a-z]{52}$/) as string,
    ClientSecretCreateDate: new Date(clock.now + 1),
  })
})

it('password sign-in goes by either of two secrets, and by no other', async () => {
  const pool = await startTestPool()
  await addUser(pool, 'ada')
  const command = new AddUserPoolClientSecretCommand({ UserPoolId: pool.poolId, ClientId: pool.clientId })
  const { ClientSecretDescriptor: added } = await pool.cognito.send(command)
  const second = added?.ClientSecretValue ?? ''

  const outcomes = [pool.clientSecret, second, `${second}5`].map((clientSecret) =>
    refusal(signIn({ ...pool, clientSecret }, 'ada')),
  )

  expect(await Promise.all(outcomes)).toEqual(['none', 'none', expect.stringMatching(/^NotAuthorizedException/)])
})

it('AddUserPoolClientSecret refuses a client without a secret, and one that is not there', async () => {
  const { clientId, cognito, poolId: UserPoolId } = await startTestPool({ client: { GenerateSecret: false } })
  const add = (ClientId: string, ClientSecret?: string): Promise<string> =>
    refusal(cognito.send(new AddUserPoolClientSecretCommand({ UserPoolId, ClientId, ClientSecret })))

  expect(await add(clientId)).toMatch(/^InvalidParameterException/)
  expect(await add('absent')).toMatch(/^ResourceNotFoundException/)
})

it('AddUserPoolClientSecret fails with the name that its service model has', async () => {
  const { aws, clientId: ClientId, cognito, poolId: UserPoolId } = await startTestPool()
  aws.setFaults([{ operation: 'AddUserPoolClientSecret', kind: 'internal_error', when: 'before', calls: { next: 1 } }])

  const call = cognito.send(new AddUserPoolClientSecretCommand({ UserPoolId, ClientId }))

  await expect(call).rejects.toMatchObject({ name: 'InternalServerException', $metadata: { httpStatusCode: 500 } })
})

it('DeleteUserPoolClientSecret leaves the other secret, which is listed without its value and described', async () => {
  const pool = await startTestPool()
  const ids = { UserPoolId: pool.poolId, ClientId: pool.clientId }
  const { ClientSecretDescriptor: added } = await pool.cognito.send(new AddUserPoolClientSecretCommand(ids))
  const list = new ListUserPoolClientSecretsCommand(ids)
  const { ClientSecrets: [first, second] = [] } = await pool.cognito.send(list)
  const remove = new DeleteUserPoolClientSecretCommand({ ...ids, ClientSecretId: first?.ClientSecretId })

  await pool.cognito.send(remove)

  expect((await pool.cognito.send(list)).ClientSecrets).toEqual([second])
  expect(second).not.toHaveProperty('ClientSecretValue')
  const { UserPoolClient } = await pool.cognito.send(new DescribeUserPoolClientCommand(ids))
  expect(UserPoolClient?.ClientSecret).toBe(added?.ClientSecretValue)
  expect(await refusal(pool.cognito.send(remove))).toMatch(/^ResourceNotFoundException/)
})
