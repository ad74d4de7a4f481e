// InitiateAuth: the password and the refresh flow; a flow that the client does not list is never open.
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { stringMap } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { invalid, notAuthorized } from './errors.ts'
import { findRefreshable, renew, signIn } from './grants.ts'
import { afterFailure, beforeAttempt, isLocked, noFailures } from './lockout.ts'
import { matchesPassword } from './password-policy.ts'
import { checkSecretHash } from './secret-hash.ts'
import * as shapes from './shapes.ts'
import {
  findAppClient,
  findTokenHolder,
  findUserByName,
  type AppClient,
  type CognitoState,
  type User,
  type UserPool,
} from './state.ts'

const initiateAuth = z.object({
  AuthFlow: z.enum([
    'USER_PASSWORD_AUTH',
    'REFRESH_TOKEN_AUTH',
    'REFRESH_TOKEN',
    'USER_SRP_AUTH',
    'CUSTOM_AUTH',
    'USER_AUTH',
    'ADMIN_NO_SRP_AUTH',
    'ADMIN_USER_PASSWORD_AUTH',
  ]),
  AuthParameters: z.optional(stringMap),
  ClientId: shapes.clientId,
  ClientMetadata: z.optional(stringMap),
  Session: z.optional(shapes.session),
})

type Attempt = {
  readonly state: CognitoState
  readonly client: AppClient
  readonly pool: UserPool
  readonly parameters: Readonly<Record<string, string>>
}

export function signInOperations(state: CognitoState): OperationTable {
  return {
    InitiateAuth: shapes.cognitoOperation(
      initiateAuth,
      ({ AuthFlow, AuthParameters: parameters = {}, ClientId }) => {
        const attempt = { state, parameters, ...findAppClient(state, ClientId) }
        switch (AuthFlow) {
          case 'USER_PASSWORD_AUTH':
            requireFlow(attempt.client, AuthFlow, ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'])
            return signInWithPassword(attempt)
          case 'REFRESH_TOKEN_AUTH':
          case 'REFRESH_TOKEN':
            if (!opensRefresh(attempt.client)) throw notEnabled(AuthFlow)
            return refresh(attempt)
          case 'ADMIN_NO_SRP_AUTH':
          case 'ADMIN_USER_PASSWORD_AUTH':
            throw invalid('Initiate Auth method not supported.')
          case 'USER_SRP_AUTH':
          case 'CUSTOM_AUTH':
          case 'USER_AUTH':
            requireFlow(attempt.client, AuthFlow, [`ALLOW_${AuthFlow}`])
            throw new AwsError('UnsupportedOperationException', `${AuthFlow} is not implemented by local AWS.`)
        }
      },
      { access: 'unsigned' },
    ),
  }
}

async function signInWithPassword(attempt: Attempt): Promise<object> {
  const { state, client, pool } = attempt
  const username = parameter(attempt, 'USERNAME')
  checkSecretHash(client, [username], attempt.parameters['SECRET_HASH'])
  const password = parameter(attempt, 'PASSWORD')
  const user = findUserByName(state, pool, username)
  if (user === undefined) throw unknownUser(client)
  checkCredentials(state, user, password)
  if (user.status === 'FORCE_CHANGE_PASSWORD') {
    if (state.now() >= user.temporaryPasswordExpiresAt) {
      throw notAuthorized('Temporary password has expired and must be reset by an administrator.')
    }
    return requireNewPassword(user)
  }
  return { ChallengeParameters: {}, AuthenticationResult: await signIn({ state, client, pool, user }) }
}

/** A challenge that nobody here can answer: the pair gives each user a permanent password. */
function requireNewPassword({ username }: User): object {
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: randomBytes(200).toString('base64url'),
    ChallengeParameters: { USER_ID_FOR_SRP: username, requiredAttributes: '[]', userAttributes: '{}' },
  }
}

/** Counts the failures; the password is looked at first, so that only who knows it learns that a user is disabled. */
function checkCredentials(state: CognitoState, user: User, password: string): void {
  const at = state.now()
  user.lockout = beforeAttempt(user.lockout, at)
  if (isLocked(user.lockout, at)) throw notAuthorized('Password attempts exceeded')
  if (!matchesPassword(user.password, password)) {
    user.lockout = afterFailure(user.lockout, at)
    throw notAuthorized('Incorrect username or password.')
  }
  user.lockout = noFailures
  if (!user.enabled) throw notAuthorized('User is disabled.')
}

async function refresh(attempt: Attempt): Promise<object> {
  const { state, client, pool } = attempt
  const { grant } = findRefreshable(state, client, parameter(attempt, 'REFRESH_TOKEN'))
  const user = findTokenHolder(pool, grant.sub)
  checkSecretHash(client, [user.username, user.sub], attempt.parameters['SECRET_HASH'])
  return { ChallengeParameters: {}, AuthenticationResult: await renew({ state, client, pool, user }, grant) }
}

function requireFlow(client: AppClient, flow: string, openedBy: readonly string[]): void {
  if (!client.explicitAuthFlows.some((listed) => openedBy.includes(listed))) throw notEnabled(flow)
}

/** A list of the old names opens it without naming it; where refresh tokens are rotated this flow is closed. */
function opensRefresh({ explicitAuthFlows: flows, refreshRetrySeconds }: AppClient): boolean {
  if (refreshRetrySeconds !== undefined) return false
  return flows.includes('ALLOW_REFRESH_TOKEN_AUTH') || !flows.some((flow) => flow.startsWith('ALLOW_'))
}

function notEnabled(flow: string): Error {
  return invalid(`${flow} flow not enabled for this client`)
}

function parameter({ parameters }: Attempt, name: string): string {
  const value = parameters[name]
  if (value === undefined || value === '') {
    throw invalid(`Missing required parameter ${name}`)
  }
  return value
}

/** With PreventUserExistenceErrors a name that nobody has looks like a wrong password. */
function unknownUser(client: AppClient): AwsError {
  return client.preventsUserExistenceErrors
    ? notAuthorized('Incorrect username or password.')
    : new AwsError('UserNotFoundException', 'User does not exist.')
}
