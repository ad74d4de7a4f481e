// The Admin* operations on one user; none of them sends a message, whatever MessageAction says.
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { stringMap } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { checkAttributes } from './attributes.ts'
import { revokeAccessTokens, revokeGrants } from './grants.ts'
import { noFailures } from './lockout.ts'
import { checkPassword, digestPassword, generatePassword, type PasswordPolicy } from './password-policy.ts'
import { notImplemented } from './errors.ts'
import * as shapes from './shapes.ts'
import {
  canonicalUsername,
  findUser,
  findUserPool,
  timestamp,
  type CognitoState,
  type User,
  type UserPool,
} from './state.ts'

const oneUser = z.object({ UserPoolId: shapes.userPoolId, Username: shapes.username })

const adminCreateUser = z.extend(oneUser, {
  UserAttributes: z.optional(shapes.attributes),
  ValidationData: z.optional(shapes.attributes),
  TemporaryPassword: z.optional(shapes.password),
  ForceAliasCreation: z.optional(z.boolean()),
  MessageAction: z.optional(z.enum(['RESEND', 'SUPPRESS'])),
  DesiredDeliveryMediums: z.optional(z.array(z.enum(['SMS', 'EMAIL']))),
  ClientMetadata: z.optional(stringMap),
})

type AdminCreateUserInput = z.infer<typeof adminCreateUser>

const setPassword = z.extend(oneUser, { Password: shapes.password, Permanent: z.optional(z.boolean()) })

export function userOperations(state: CognitoState): OperationTable {
  const locate = (input: z.infer<typeof oneUser>): { pool: UserPool; user: User } => {
    const pool = findUserPool(state, input.UserPoolId)
    return { pool, user: findUser(state, pool, input.Username) }
  }
  const touch = (user: User): object => {
    user.modifiedAt = state.now()
    return {}
  }
  return {
    AdminCreateUser: shapes.cognitoOperation(adminCreateUser, (input) => {
      const pool = findUserPool(state, input.UserPoolId)
      if (input.MessageAction === 'RESEND') throw notImplemented('MessageAction RESEND')
      return { User: describeUser(createUser(state, pool, input)) }
    }),

    AdminGetUser: shapes.cognitoOperation(oneUser, (input) => {
      const { Attributes, ...rest } = describeUser(locate(input).user)
      return { ...rest, UserAttributes: Attributes }
    }),

    AdminSetUserPassword: shapes.cognitoOperation(setPassword, ({ Password, Permanent = false, ...input }) => {
      const { pool, user } = locate(input)
      checkPassword(pool.passwordPolicy, Password)
      user.password = digestPassword(Password)
      user.status = Permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD'
      user.temporaryPasswordExpiresAt = temporaryPasswordExpiry(state, pool.passwordPolicy)
      return touch(user)
    }),

    AdminDisableUser: shapes.cognitoOperation(oneUser, (input) => {
      const { user } = locate(input)
      user.enabled = false
      revokeAccessTokens(state, user)
      return touch(user)
    }),

    AdminEnableUser: shapes.cognitoOperation(oneUser, (input) => {
      const { user } = locate(input)
      user.enabled = true
      return touch(user)
    }),

    AdminDeleteUser: shapes.cognitoOperation(oneUser, (input) => {
      const { pool, user } = locate(input)
      pool.users.delete(canonicalUsername(pool, user.username))
      pool.usersBySub.delete(user.sub)
      return {}
    }),

    AdminUserGlobalSignOut: shapes.cognitoOperation(oneUser, (input) => {
      revokeGrants(locate(input).user)
      return {}
    }),
  }
}

/** UserType of the service model. */
export function describeUser(user: User): { Attributes: { Name: string; Value: string }[] } & Record<string, unknown> {
  return {
    Username: user.username,
    Attributes: describeAttributes(user),
    UserCreateDate: timestamp(user.createdAt),
    UserLastModifiedDate: timestamp(user.modifiedAt),
    Enabled: user.enabled,
    UserStatus: user.status,
  }
}

/** The user's attributes and `sub`, which Cognito keeps among them. */
export function describeAttributes({ sub, attributes }: User): { Name: string; Value: string }[] {
  return [['sub', sub] as const, ...attributes].map(([Name, Value]) => ({ Name, Value }))
}

function createUser(state: CognitoState, pool: UserPool, input: AdminCreateUserInput): User {
  const username = canonicalUsername(pool, input.Username)
  // Not subject to the read-after-write lag: Cognito never makes the same name twice.
  if (pool.users.has(username)) throw new AwsError('UsernameExistsException', 'User account already exists')
  const given = input.UserAttributes ?? []
  checkAttributes(pool.attributeRules, given)
  const user: User = {
    sequence: state.nextSequence(),
    sub: randomUUID(),
    username,
    createdAt: state.now(),
    modifiedAt: state.now(),
    // A blank value is none.
    attributes: new Map(given.flatMap(({ Name, Value = '' }) => (Value === '' ? [] : [[Name, Value]]))),
    groups: new Set(),
    grants: new Set(),
    enabled: true,
    lockout: noFailures,
    ...temporaryPassword(state, pool, input),
  }
  pool.users.set(username, user)
  pool.usersBySub.set(user.sub, user)
  return user
}

function temporaryPassword(
  state: CognitoState,
  { passwordPolicy }: UserPool,
  { TemporaryPassword = generatePassword(passwordPolicy) }: AdminCreateUserInput,
): Pick<User, 'password' | 'status' | 'temporaryPasswordExpiresAt'> {
  checkPassword(passwordPolicy, TemporaryPassword)
  return {
    password: digestPassword(TemporaryPassword),
    status: 'FORCE_CHANGE_PASSWORD',
    temporaryPasswordExpiresAt: temporaryPasswordExpiry(state, passwordPolicy),
  }
}

function temporaryPasswordExpiry(state: CognitoState, policy: PasswordPolicy): number {
  return state.now() + policy.TemporaryPasswordValidityDays * 86_400_000
}
