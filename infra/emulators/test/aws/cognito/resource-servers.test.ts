import {
  CreateResourceServerCommand,
  CreateUserPoolDomainCommand,
  DeleteUserPoolCommand,
  type CreateUserPoolDomainCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { startMachinePool } from '../machine-pool.ts'
import { refusal, startTestPool } from '../test-aws.ts'

describe('a resource server', () => {
  it('is refused twice, with a slash in a scope, and past the twenty-fifth', async () => {
    const { cognito, poolId: UserPoolId } = await startTestPool()
    const create = (Identifier: string, scopes: readonly string[] = []): Promise<string> => {
      const Scopes = scopes.map((ScopeName) => ({ ScopeName, ScopeDescription: 'd' }))
      return refusal(cognito.send(new CreateResourceServerCommand({ UserPoolId, Identifier, Name: 'n', Scopes })))
    }
    for (let made = 0; made < 25; made += 1) expect(await create(`a${made}`)).toBe('none')

    expect(await create('a0')).toBe(`InvalidParameterException: a0 already exists in user pool ${UserPoolId}.`)
    expect(await create('b', ['a/b'])).toMatch(/^InvalidParameterException/)
    expect(await create('b')).toMatch(/^LimitExceededException/)
  })
})

describe('a domain', () => {
  it.each<[Partial<CreateUserPoolDomainCommandInput>, string]>([
    [{ Domain: 'accounts' }, 'Domain already associated with another user pool.'],
    [{ Domain: 'second' }, 'User pool already has a domain configured.'],
    [{ Domain: 'my-cognito' }, 'Domain cannot contain reserved word: cognito'],
    [{ ManagedLoginVersion: 2 }, 'ManagedLoginVersion is not implemented by local AWS.'],
    [{ CustomDomainConfig: { CertificateArn: 'arn' } }, 'CustomDomainConfig is not implemented by local AWS.'],
  ])('is refused as %o', async (input, message) => {
    const { cognito, poolId: UserPoolId } = await startMachinePool()

    const call = cognito.send(new CreateUserPoolDomainCommand({ UserPoolId, Domain: 'other', ...input }))

    expect(await refusal(call)).toBe(`InvalidParameterException: ${message}`)
  })

  it('keeps its pool from being deleted', async () => {
    const { cognito, poolId: UserPoolId } = await startMachinePool()

    expect(await refusal(cognito.send(new DeleteUserPoolCommand({ UserPoolId })))).toMatch(/It has a domain configured/)
  })
})
