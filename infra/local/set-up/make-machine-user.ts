// Makes the machine user that App1 signs in as and puts its credentials into the secret; it returns and shows none of them.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  DescribeUserPoolClientCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import type { Group } from '../../../shared/access-rules.ts'
import { errorName } from '../../../shared/aws-errors.ts'
import { machineUserPrefix } from '../../../shared/contract.ts'
import { randomPassword } from '../../../shared/random-password.ts'
import { SecretValue } from '../../../shared/secret-value.ts'
import type { Provisioned } from './apply-templates.ts'
import { lowerAlphanumerics, randomText } from '../../../shared/random-text.ts'
import { SetUpError } from './set-up-error.ts'

export type MakeMachineUserDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly secrets: SecretsManagerClient
  readonly provisioned: Provisioned
  readonly onStep?: (text: string) => void
}

/**
 * On return the secret's AWSCURRENT version is `{username, password, client_id, client_secret, idempotency_secret}`, the
 * last one as it was, and the user of that name is CONFIRMED and in the group `api-client`. Everything is read before
 * anything is made. Rejects with a SetUpError that names the step.
 */
export async function makeMachineUser(deps: MakeMachineUserDeps): Promise<void> {
  const { provisioned } = deps
  const clientSecret = await step('reading the client secret', () => readClientSecret(deps))
  const idempotencySecret = await step('reading the machine secret', () => readIdempotencySecret(deps))

  // Random, because whoever knows the name can lock the user out with wrong passwords: 26 characters are 134 bits.
  const username = new SecretValue(machineUserPrefix + randomText({ length: 26, alphabet: lowerAlphanumerics }))
  const password = randomPassword()
  await step('making the machine user', () => createSignInReadyUser(deps, { username, password }))
  deps.onStep?.('made the machine user')

  const value = new SecretValue(
    JSON.stringify({
      username: username.expose(),
      password: password.expose(),
      client_id: provisioned.machineClientId,
      client_secret: clientSecret.expose(),
      idempotency_secret: idempotencySecret.expose(),
    }),
  )
  await step('writing the machine secret', () =>
    deps.secrets.send(
      new PutSecretValueCommand({ SecretId: provisioned.machineSecretArn, SecretString: value.expose() }),
    ),
  )
  deps.onStep?.('put its credentials into MachineSecret')
}

async function readClientSecret({ cognito, provisioned }: MakeMachineUserDeps): Promise<SecretValue> {
  const { UserPoolClient } = await cognito.send(
    new DescribeUserPoolClientCommand({
      UserPoolId: provisioned.userPoolId,
      ClientId: provisioned.machineClientId,
    }),
  )
  if (UserPoolClient?.ClientSecret === undefined) throw new SetUpError('MachineClient', 'has no client secret')
  return new SecretValue(UserPoolClient.ClientSecret)
}

const idempotencySecretHolder = z.object({ idempotency_secret: z.string().check(z.minLength(32)) })

async function readIdempotencySecret({ secrets, provisioned }: MakeMachineUserDeps): Promise<SecretValue> {
  const { SecretString = '' } = await secrets.send(
    new GetSecretValueCommand({ SecretId: provisioned.machineSecretArn }),
  )
  const secret = idempotencySecretHolder.safeParse(JSON.parse(SecretString))
  if (!secret.success) throw new SetUpError('MachineSecret', 'has no idempotency_secret of 32 characters or more')
  return new SecretValue(secret.data.idempotency_secret)
}

async function createSignInReadyUser(
  { cognito, provisioned }: MakeMachineUserDeps,
  user: { readonly username: SecretValue; readonly password: SecretValue },
): Promise<void> {
  const whose = { UserPoolId: provisioned.userPoolId, Username: user.username.expose() }
  const group: Group = 'api-client'
  // The password comes last: until then nobody can sign in, whatever became of the calls before.
  await cognito.send(
    new AdminCreateUserCommand({ ...whose, MessageAction: 'SUPPRESS', TemporaryPassword: randomPassword().expose() }),
  )
  await cognito.send(new AdminAddUserToGroupCommand({ ...whose, GroupName: group }))
  await cognito.send(new AdminSetUserPasswordCommand({ ...whose, Password: user.password.expose(), Permanent: true }))
}

// The names alone: an SDK's message may repeat a username, and a JSON parser's quotes the text that it could not read.
async function step<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SetUpError) throw error
    throw new SetUpError(text, errorName(error))
  }
}
