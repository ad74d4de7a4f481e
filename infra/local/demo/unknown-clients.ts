// Makes machines that the pool knows and App2 was not told of, to show that they open nothing; only for a pool of one's own.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  GroupExistsException,
  type CreateUserPoolClientCommandInput,
  type ExplicitAuthFlowsType,
} from '@aws-sdk/client-cognito-identity-provider'
import { accessRules, knownScopes } from '#shared/access-rules.ts'
import { lowerAlphanumerics, randomPassword, randomText } from '#shared/text/random-text.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { clientToken, type ClientSecret, type TokenMode } from '../machine-token.ts'
import type { Pair } from '../pair.ts'
import { signIn } from '../sign-in.ts'

/** Which the SDK's types do not know yet. */
const clientTokenFlow = 'ALLOW_CLIENT_TOKEN_AUTH' as ExplicitAuthFlowsType

type InPool = { readonly clients: Pick<Pair['clients'], 'cognito'>; readonly provisioned: Pair['provisioned'] }

/**
 * The token of a machine user as an abandoned `password` mode would leave one behind: in the machines' group, signed in
 * through an app client for machine users that the pool still has.
 */
export async function leftOverUserToken(pool: InPool): Promise<SecretValue> {
  const { cognito } = pool.clients
  const { userPoolId } = pool.provisioned
  const { group } = accessRules[0].access
  const username = `left-over-${randomText({ length: 8, alphabet: lowerAlphanumerics })}`
  const password = randomPassword()
  await cognito.send(new CreateGroupCommand({ UserPoolId: userPoolId, GroupName: group })).catch((error: unknown) => {
    if (!(error instanceof GroupExistsException)) throw error
  })
  const user = { UserPoolId: userPoolId, Username: username }
  await cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
  await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: group }))
  await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: password.expose(), Permanent: true }))
  const { clientId } = await makeClient(pool, {
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  })
  return signIn(cognito, { userPoolId, clientId, username, password })
}

/** A token that has every scope of App2, of an app client whose id App2 was not told. The pool has to have the scopes. */
export async function unknownClientToken(pool: InPool, mode: Exclude<TokenMode, 'password'>): Promise<SecretValue> {
  const client = await makeClient(
    pool,
    mode === 'client-token'
      ? { ExplicitAuthFlows: [clientTokenFlow], AllowedOAuthScopes: [...knownScopes] }
      : {
          ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
          AllowedOAuthFlowsUserPoolClient: true,
          AllowedOAuthFlows: ['client_credentials'],
          AllowedOAuthScopes: [...knownScopes],
        },
  )
  return clientToken(client, { mode, cognito: pool.clients.cognito, tokenEndpoint: pool.provisioned.tokenEndpoint })
}

async function makeClient(
  { clients, provisioned }: InPool,
  settings: Partial<CreateUserPoolClientCommandInput>,
): Promise<ClientSecret> {
  const { UserPoolClient: client } = await clients.cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: provisioned.userPoolId,
      ClientName: 'unknown',
      GenerateSecret: true,
      ...settings,
    }),
  )
  if (client?.ClientId === undefined || client.ClientSecret === undefined) throw new Error('no client was made')
  return { clientId: client.ClientId, clientSecret: new SecretValue(client.ClientSecret) }
}
