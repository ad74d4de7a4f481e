// NEW_PASSWORD_REQUIRED: how a user with a temporary password gets one of their own; its session is good for one answer.
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { stringMap } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { checkAttributes } from './attributes.ts'
import { signIn } from './grants.ts'
import { checkPassword, digestPassword } from './password-policy.ts'
import { checkSecretHash } from './secret-hash.ts'
import * as shapes from './shapes.ts'
import {
  findAppClient,
  findUserByName,
  type AppClient,
  type CognitoState,
  type PendingChallenge,
  type User,
  type UserPool,
} from './state.ts'

const respondToAuthChallenge = z.object({
  ClientId: shapes.clientId,
  ChallengeName: z.enum([
    'NEW_PASSWORD_REQUIRED',
    'SMS_MFA',
    'EMAIL_OTP',
    'SOFTWARE_TOKEN_MFA',
    'SELECT_MFA_TYPE',
    'MFA_SETUP',
    'PASSWORD_VERIFIER',
    'CUSTOM_CHALLENGE',
    'SELECT_CHALLENGE',
    'DEVICE_SRP_AUTH',
    'DEVICE_PASSWORD_VERIFIER',
    'ADMIN_NO_SRP_AUTH',
    'SMS_OTP',
    'PASSWORD',
    'WEB_AUTHN',
    'PASSWORD_SRP',
  ]),
  Session: z.optional(shapes.session),
  ChallengeResponses: z.optional(stringMap),
  ClientMetadata: z.optional(stringMap),
})

type Challenged = {
  readonly state: CognitoState
  readonly client: AppClient
  readonly pool: UserPool
  readonly user: User
}

const attributePrefix = 'userAttributes.'

/** The answer of InitiateAuth to a correct temporary password. */
export function requireNewPassword({ state, client, pool, user }: Challenged): object {
  const session = randomBytes(200).toString('base64url')
  const expiresAt = state.now() + client.authSessionMinutes * 60_000
  state.challenges.set(session, { poolId: pool.id, clientId: client.id, sub: user.sub, expiresAt })
  const readable = [...user.attributes].filter(([name]) => client.readAttributes.has(name))
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: session,
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: JSON.stringify(
        missingAttributes(pool, user.attributes).map((name) => attributePrefix + name),
      ),
      userAttributes: JSON.stringify(Object.fromEntries(readable)),
    },
  }
}

export function challengeOperations(state: CognitoState): OperationTable {
  return {
    RespondToAuthChallenge: shapes.cognitoOperation(
      respondToAuthChallenge,
      async ({ ClientId, ChallengeName, Session = '', ChallengeResponses: responses = {} }) => {
        const { client, pool } = findAppClient(state, ClientId)
        const username = response(responses, 'USERNAME')
        const newPassword = response(responses, 'NEW_PASSWORD')
        checkSecretHash(client, [username], responses['SECRET_HASH'])
        if (ChallengeName !== 'NEW_PASSWORD_REQUIRED') throw invalidSession()
        const user = findUserByName(state, pool, username)
        const pending = state.challenges.get(Session)
        if (user === undefined || !answers(user, client, pending)) throw invalidSession()
        if (state.now() >= pending.expiresAt) throw notAuthorized('Invalid session for the user, session is expired.')
        if (!user.enabled) throw notAuthorized('User is disabled.')
        completeUser({ state, client, pool, user }, responses, newPassword)
        state.challenges.delete(Session)
        return { ChallengeParameters: {}, AuthenticationResult: await signIn({ state, client, pool, user }) }
      },
      { access: 'unsigned' },
    ),
  }
}

/** Whether the pending challenge is this user's at this client, and the user still has a password to replace. */
function answers(user: User, client: AppClient, pending: PendingChallenge | undefined): pending is PendingChallenge {
  return pending?.sub === user.sub && pending.clientId === client.id && user.status === 'FORCE_CHANGE_PASSWORD'
}

/** All or nothing: the user changes only when password and attributes are both acceptable. */
function completeUser(
  { state, client, pool, user }: Challenged,
  responses: Readonly<Record<string, string>>,
  newPassword: string,
): void {
  const given = Object.entries(responses)
    .filter(([name]) => name.startsWith(attributePrefix))
    .map(([name, Value]) => ({ Name: name.slice(attributePrefix.length), Value }))
  if (given.some(({ Name }) => !client.writeAttributes.has(Name))) {
    throw notAuthorized('A client attempted to write unauthorized attribute')
  }
  const provided = given.find(
    ({ Name }) => pool.attributeRules.get(Name)?.required === true && user.attributes.has(Name),
  )
  if (provided !== undefined) throw notAuthorized(`Cannot modify an already provided ${provided.Name}`)
  checkAttributes({ rules: pool.attributeRules, given, current: user.attributes, updating: true })
  const attributes = new Map([...user.attributes, ...given.map(({ Name, Value }) => [Name, Value] as const)])
  const [missing] = missingAttributes(pool, attributes)
  if (missing !== undefined) {
    throw new AwsError('InvalidParameterException', `Invalid user attributes: ${missing} is required.`)
  }
  checkPassword(pool.passwordPolicy, newPassword)
  for (const [name, value] of attributes) user.attributes.set(name, value)
  user.password = digestPassword(newPassword)
  user.status = 'CONFIRMED'
  user.modifiedAt = state.now()
}

function missingAttributes(pool: UserPool, attributes: ReadonlyMap<string, string>): string[] {
  const required = [...pool.attributeRules.values()].filter(({ name, required }) => required && name !== 'sub')
  return required.map(({ name }) => name).filter((name) => (attributes.get(name) ?? '') === '')
}

function response(responses: Readonly<Record<string, string>>, name: string): string {
  const value = responses[name]
  if (value === undefined || value === '') {
    throw new AwsError('InvalidParameterException', `Missing required parameter ${name}`)
  }
  return value
}

function invalidSession(): AwsError {
  return notAuthorized('Invalid session for the user.')
}

function notAuthorized(message: string): AwsError {
  return new AwsError('NotAuthorizedException', message)
}
