import {
  AddUserPoolClientSecretCommand,
  CreateResourceServerCommand,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientSecretCommand,
  GetClientTokenCommand,
  ListUserPoolClientSecretsCommand,
  type CreateUserPoolClientCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { beforeAll, describe, expect } from 'vitest'
import { initiateAuth } from './support/users.ts'
import { usePool, type AppClient } from './support/pool.ts'
import { refusal, refused, statement } from './support/statement.ts'
import { verify } from './support/tokens.ts'

const pool = usePool()
const scope = 'app2/users.create'

// By GetClientToken: the same client needs a domain for the token endpoint, which on AWS is a name of the whole Region.
const forMachines: Partial<CreateUserPoolClientCommandInput> = {
  GenerateSecret: true,
  // The types of the SDK do not have it yet; its wire format does.
  ExplicitAuthFlows: ['ALLOW_CLIENT_TOKEN_AUTH' as 'ALLOW_REFRESH_TOKEN_AUTH'],
  AllowedOAuthScopes: [scope],
}

const forTheTokenEndpoint: Partial<CreateUserPoolClientCommandInput> = {
  GenerateSecret: true,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['client_credentials'],
  AllowedOAuthScopes: [scope],
}

async function makeClient(input: Partial<CreateUserPoolClientCommandInput>): Promise<AppClient> {
  const { UserPoolClient: made } = await pool().cognito.send(
    new CreateUserPoolClientCommand({ UserPoolId: pool().userPoolId, ClientName: 'machine-scope', ...input }),
  )
  return { id: made?.ClientId ?? '', secret: made?.ClientSecret ?? '' }
}

async function getToken({ id, secret }: AppClient, scopes: string[] = [scope]): Promise<string> {
  const { ClientAuthenticationResult: result } = await pool().cognito.send(
    new GetClientTokenCommand({ ClientId: id, Secret: secret, Scopes: scopes }),
  )
  return result?.AccessToken ?? ''
}

function idsOf({ id }: AppClient): { UserPoolId: string; ClientId: string } {
  return { UserPoolId: pool().userPoolId, ClientId: id }
}

async function addSecret(client: AppClient): Promise<AppClient> {
  const { ClientSecretDescriptor: added } = await pool().cognito.send(new AddUserPoolClientSecretCommand(idsOf(client)))
  return { ...client, secret: added?.ClientSecretValue ?? '' }
}

beforeAll(async () => {
  const Scopes = ['users.create', 'sample.call'].map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName }))
  await pool().cognito.send(
    new CreateResourceServerCommand({ UserPoolId: pool().userPoolId, Identifier: 'app2', Name: 'App2', Scopes }),
  )
})

describe('scopes', () => {
  refused('a client with a scope that no resource server declares is ScopeDoesNotExistException', () =>
    makeClient({ ...forTheTokenEndpoint, AllowedOAuthScopes: ['app2/absent'] }),
  )
  refused('client_credentials beside another flow is InvalidOAuthFlowException', () =>
    makeClient({ ...forTheTokenEndpoint, AllowedOAuthFlows: ['client_credentials', 'code'] }),
  )
})

describe('a token of an app client itself', () => {
  statement('GetClientToken gives a token of that client and scope, without a username or groups', async () => {
    const client = await makeClient(forMachines)

    const claims = await verify(pool(), await getToken(client), client)

    expect(claims).toMatchObject({ token_use: 'access', client_id: client.id, scope })
    expect(claims).not.toHaveProperty('username')
    expect(claims).not.toHaveProperty('cognito:groups')
  })

  refused('GetClientToken with a wrong secret is NotAuthorizedException', async () => {
    const client = await makeClient(forMachines)
    return getToken({ ...client, secret: 'x'.repeat(24) })
  })

  statement('a client for machines signs no user in', async () => {
    const client = await makeClient(forMachines)

    const attempt = initiateAuth(pool(), { client, username: 'nobody', password: 'Nothing-at-all-1' })

    expect(await refusal(attempt)).toBe('InvalidParameterException')
  })
})

describe('the secrets of an app client', () => {
  statement('a second secret works beside the first, until the first is deleted', async () => {
    const client = await makeClient(forMachines)
    const second = await addSecret(client)
    expect([await getToken(client), await getToken(second)]).not.toContain('')
    const listed = await pool().cognito.send(new ListUserPoolClientSecretsCommand(idsOf(client)))
    const byAge = listed.ClientSecrets?.sort(
      (a, b) => Number(a.ClientSecretCreateDate) - Number(b.ClientSecretCreateDate),
    )

    const [older] = byAge ?? []
    await pool().cognito.send(
      new DeleteUserPoolClientSecretCommand({ ...idsOf(client), ClientSecretId: older?.ClientSecretId }),
    )

    expect(await refusal(getToken(client))).toBe('NotAuthorizedException')
    expect(await getToken(second)).not.toBe('')
  })

  refused('a third secret is LimitExceededException', async () => {
    const client = await makeClient(forMachines)
    await addSecret(client)
    return addSecret(client)
  })

  statement('the last secret cannot be deleted', async () => {
    const client = await makeClient(forMachines)
    const { ClientSecrets: [only] = [] } = await pool().cognito.send(
      new ListUserPoolClientSecretsCommand(idsOf(client)),
    )
    const deletion = new DeleteUserPoolClientSecretCommand({ ...idsOf(client), ClientSecretId: only?.ClientSecretId })

    expect(await refusal(pool().cognito.send(deletion))).toBe('InvalidParameterException')
  })
})
