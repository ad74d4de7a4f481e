import {
  CreateResourceServerCommand,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  DeleteUserPoolCommand,
  DeleteUserPoolDomainCommand,
  DescribeResourceServerCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolDomainCommand,
  type CreateUserPoolDomainCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addClient, clientCredentials, startMachinePool } from '../machine-pool.ts'
import { startTestPool } from '../test-aws.ts'

describe('a resource server', () => {
  it('is described as it was made', async () => {
    const { cognito, poolId: UserPoolId } = await startTestPool()
    const input = { UserPoolId, Identifier: 'app3', Name: 'App3', Scopes: [{ ScopeName: 's', ScopeDescription: 'd' }] }

    const { ResourceServer: made } = await cognito.send(new CreateResourceServerCommand(input))
    const described = await cognito.send(new DescribeResourceServerCommand({ UserPoolId, Identifier: 'app3' }))

    expect(made).toEqual(input)
    expect(described.ResourceServer).toEqual(input)
  })

  it('is refused twice, with a slash in a scope, past the twenty-fifth, and not found where there is none', async () => {
    const { cognito, poolId: UserPoolId } = await startTestPool()
    const create = (Identifier: string, scopes: readonly string[] = []): Promise<unknown> => {
      const Scopes = scopes.map((ScopeName) => ({ ScopeName, ScopeDescription: 'd' }))
      return cognito.send(new CreateResourceServerCommand({ UserPoolId, Identifier, Name: 'n', Scopes }))
    }
    const absent = cognito.send(new DescribeResourceServerCommand({ UserPoolId, Identifier: 'a0' }))
    await expect(absent).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    for (let made = 0; made < 25; made += 1) await create(`a${made}`)

    await expect(create('a0')).rejects.toMatchObject({ message: `a0 already exists in user pool ${UserPoolId}.` })
    await expect(create('b', ['a/b'])).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await expect(create('b')).rejects.toMatchObject({ name: 'LimitExceededException' })
  })
})

describe('a domain', () => {
  it('is described, belongs to one pool alone, and has to go before its pool', async () => {
    const { aws, cognito, poolId: UserPoolId } = await startMachinePool()
    const { UserPool: other } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'other' }))
    const describeIt = new DescribeUserPoolDomainCommand({ Domain: 'accounts' })
    const remove = (id = UserPoolId): Promise<unknown> =>
      cognito.send(new DeleteUserPoolDomainCommand({ UserPoolId: id, Domain: 'accounts' }))

    const { DomainDescription: described } = await cognito.send(describeIt)

    const expected = { UserPoolId, AWSAccountId: aws.accountId, Domain: 'accounts', Status: 'ACTIVE' }
    expect(described).toEqual({ ...expected, ManagedLoginVersion: 1 })
    await expect(remove(other?.Id)).rejects.toMatchObject({ message: 'No such domain or user pool exists.' })
    const deletion = cognito.send(new DeleteUserPoolCommand({ UserPoolId }))
    await expect(deletion).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await remove()
    expect((await cognito.send(describeIt)).DomainDescription).toEqual({})
    await cognito.send(new DeleteUserPoolCommand({ UserPoolId }))
  })

  it.each<[Partial<CreateUserPoolDomainCommandInput>, string]>([
    [{ Domain: 'accounts' }, 'Domain already associated with another user pool.'],
    [{ Domain: 'second' }, 'User pool already has a domain configured.'],
    [{ Domain: 'my-cognito' }, 'Domain cannot contain reserved word: cognito'],
    [{ ManagedLoginVersion: 2 }, 'ManagedLoginVersion is not implemented by local AWS.'],
    [
      { CustomDomainConfig: { CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/x' } },
      'CustomDomainConfig is not implemented by local AWS.',
    ],
  ])('is refused as %o', async (input, message) => {
    const { cognito, poolId: UserPoolId } = await startMachinePool()

    const call = cognito.send(new CreateUserPoolDomainCommand({ UserPoolId, Domain: 'other', ...input }))

    await expect(call).rejects.toMatchObject({ name: 'InvalidParameterException', message })
  })
})

describe('the OAuth members of CreateUserPoolClient', () => {
  it('are shown by DescribeUserPoolClient', async () => {
    const pool = await startMachinePool()
    const { id: ClientId } = await addClient(pool, clientCredentials)

    const described = await pool.cognito.send(new DescribeUserPoolClientCommand({ UserPoolId: pool.poolId, ClientId }))

    const { ExplicitAuthFlows, AllowedOAuthFlows, AllowedOAuthScopes } = clientCredentials
    const shown = { ExplicitAuthFlows, AllowedOAuthFlows, AllowedOAuthScopes, AllowedOAuthFlowsUserPoolClient: true }
    expect(described.UserPoolClient).toMatchObject(shown)
  })

  it('take a secret of the caller or one of Cognito, and not both', async () => {
    const pool = await startMachinePool()

    await expect(addClient(pool, { ...clientCredentials, ClientSecret: 'x'.repeat(24) })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'GenerateSecret and ClientSecret cannot be used together.',
    })
  })

  it('may come with a secret that the caller chose', async () => {
    const pool = await startMachinePool()
    const chosen = { ...clientCredentials, GenerateSecret: false, ClientSecret: 'x'.repeat(24) }

    await expect(addClient(pool, chosen)).resolves.toMatchObject({ secret: 'x'.repeat(24) })
  })
})
