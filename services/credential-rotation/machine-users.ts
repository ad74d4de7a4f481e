// The machine users in the user pool: their names, their calls and one sign-in; nothing here enables or deletes one.
//
// Users are addressed by name here: a machine user's name is random and its prefix reserved, so nobody can make a
// namesake, and the name is at hand before the user is.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  DescribeUserPoolClientCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import type { Group } from '#shared/access-rules.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { machineUserPrefix } from '#shared/contract.ts'
import type { Logger } from '#shared/logger.ts'
import { passwordSignInCommand, revokeSessionCommand } from '#shared/machine/machine-token-requests.ts'
import { lowerAlphanumerics, randomPassword, randomText } from '#shared/text/random-text.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'
import type { CallOptions, UserCredentials } from './secret-store.ts'

/** Who knows a name can lock its user out with wrong passwords: 26 characters are 134 bits. */
const randomLength = 26

const pattern = new RegExp(`^${machineUserPrefix}[a-z0-9]{${randomLength}}$`)

export function newMachineName(): SecretValue {
  return new SecretValue(machineUserPrefix + randomText({ length: randomLength, alphabet: lowerAlphanumerics }))
}

/** Whether the name is one of ours. No service user can have such a name: its prefix is reserved. */
export function isMachineName(name: SecretValue): boolean {
  return pattern.test(name.expose())
}

export function isSameName(one: SecretValue, other: SecretValue | undefined): boolean {
  // The pool ignores case.
  return one.expose().toLowerCase() === other?.expose().toLowerCase()
}

export type MachineUser = {
  /** Names the user in logs. */
  readonly sub: string
  readonly enabled: boolean
  /** Has a permanent password, and waits for nobody to change it. */
  readonly confirmed: boolean
}

/** Everything may throw AwsCallError. */
export type MachineUsers = {
  find(name: SecretValue, options: CallOptions): Promise<MachineUser | undefined>
  /** Of all groups that open routes to machine users. */
  isInGroups(name: SecretValue, options: CallOptions): Promise<boolean>
  /** On return there is a user of that name. A new one is in no group, and nobody knows its temporary password. */
  create(name: SecretValue, options: CallOptions): Promise<void>
  addToGroups(name: SecretValue, options: CallOptions): Promise<void>
  /** From here on whoever knows the password can sign in. */
  setPermanentPassword(name: SecretValue, password: SecretValue, options: CallOptions): Promise<void>
  /** Ends every session that was opened with an earlier password. */
  signOutEverywhere(name: SecretValue, options: CallOptions): Promise<void>
  /** Also when the user is gone. */
  disable(name: SecretValue, options: CallOptions): Promise<void>
  /** The secret of the app client that machine users sign in through. */
  readClientSecret(options: CallOptions): Promise<SecretValue>
}

type MachineUsersDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly userPoolId: string
  readonly machineClientId: string
  readonly groups: readonly Group[]
}

export function createMachineUsers({
  cognito,
  userPoolId: UserPoolId,
  machineClientId,
  groups,
}: MachineUsersDeps): MachineUsers {
  const whose = (name: SecretValue) => ({ UserPoolId, Username: name.expose() })
  return {
    async find(name, { signal: abortSignal }) {
      const command = new AdminGetUserCommand(whose(name))
      try {
        const user = await awsCall('AdminGetUser', () => cognito.send(command, { abortSignal }))
        const sub = user.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value ?? 'unknown'
        return { sub, enabled: user.Enabled === true, confirmed: user.UserStatus === 'CONFIRMED' }
      } catch (error) {
        if (failedWith(error, 'UserNotFoundException')) return undefined
        throw error
      }
    },

    async isInGroups(name, { signal: abortSignal }) {
      // One page is Cognito's sixty groups; a machine user has two.
      const command = new AdminListGroupsForUserCommand({ ...whose(name), Limit: 60 })
      const { Groups = [] } = await awsCall('AdminListGroupsForUser', () => cognito.send(command, { abortSignal }))
      return groups.every((group) => Groups.some(({ GroupName }) => GroupName === group))
    },

    async create(name, { signal: abortSignal }) {
      const command = new AdminCreateUserCommand({
        ...whose(name),
        // Without it Cognito would invite the user by SMS or e-mail.
        MessageAction: 'SUPPRESS',
        // Known to nobody, so that a user without its permanent password cannot sign in at all.
        TemporaryPassword: randomPassword().expose(),
      })
      try {
        await awsCall('AdminCreateUser', () => cognito.send(command, { abortSignal }))
      } catch (error) {
        // Made by an earlier attempt, perhaps one of the SDK's own whose answer was lost.
        if (!failedWith(error, 'UsernameExistsException')) throw error
      }
    },

    async addToGroups(name, { signal: abortSignal }) {
      for (const GroupName of groups) {
        const command = new AdminAddUserToGroupCommand({ ...whose(name), GroupName })
        await awsCall('AdminAddUserToGroup', () => cognito.send(command, { abortSignal }))
      }
    },

    async setPermanentPassword(name, password, { signal: abortSignal }) {
      const command = new AdminSetUserPasswordCommand({ ...whose(name), Password: password.expose(), Permanent: true })
      await awsCall('AdminSetUserPassword', () => cognito.send(command, { abortSignal }))
    },

    async signOutEverywhere(name, { signal: abortSignal }) {
      const command = new AdminUserGlobalSignOutCommand(whose(name))
      await awsCall('AdminUserGlobalSignOut', () => cognito.send(command, { abortSignal }))
    },

    async disable(name, { signal: abortSignal }) {
      const command = new AdminDisableUserCommand(whose(name))
      try {
        await awsCall('AdminDisableUser', () => cognito.send(command, { abortSignal }))
      } catch (error) {
        if (!failedWith(error, 'UserNotFoundException')) throw error
      }
    },

    async readClientSecret({ signal: abortSignal }) {
      const command = new DescribeUserPoolClientCommand({ UserPoolId, ClientId: machineClientId })
      const { UserPoolClient: client } = await awsCall('DescribeUserPoolClient', () =>
        cognito.send(command, { abortSignal }),
      )
      if (client?.ClientSecret === undefined) throw new RotationError('client_without_secret')
      return new SecretValue(client.ClientSecret)
    },
  }
}

/** `rejected`: wrong, locked out or disabled; Cognito does not say which. */
export type TrialSignIn = (credentials: UserCredentials, options: CallOptions) => Promise<'signed_in' | 'rejected'>

type TrialSignInDeps = {
  /** One that repeats no call. */
  readonly cognito: CognitoIdentityProviderClient
  readonly logger: Logger
}

/**
 * The very sign-in that App1 makes, and RevokeToken after it: the session serves nobody. Throws AwsCallError,
 * `sign_in_challenged` when Cognito asks for something more than the password, and `sign_in_without_token`.
 */
export function createTrialSignIn({ cognito, logger }: TrialSignInDeps): TrialSignIn {
  return async (credentials, { signal: abortSignal }) => {
    const command = passwordSignInCommand(credentials)
    try {
      const answer = await awsCall('InitiateAuth', () => cognito.send(command, { abortSignal }))
      if (answer.ChallengeName !== undefined) throw new RotationError('sign_in_challenged')
      if (answer.AuthenticationResult?.AccessToken === undefined) throw new RotationError('sign_in_without_token')
      const { RefreshToken: token } = answer.AuthenticationResult
      if (token !== undefined) await revoke(token, credentials, { cognito, logger }, abortSignal)
      return 'signed_in'
    } catch (error) {
      if (failedWith(error, 'NotAuthorizedException', 'UserNotFoundException')) return 'rejected'
      throw error
    }
  }
}

/** A failure leaves a session whose tokens nobody holds, until it expires; the credentials are no worse for it. */
async function revoke(
  token: string,
  credentials: UserCredentials,
  { cognito, logger }: TrialSignInDeps,
  abortSignal: AbortSignal,
): Promise<void> {
  try {
    await cognito.send(revokeSessionCommand(credentials, token), { abortSignal })
  } catch (error) {
    logger.warn('session of the trial sign-in not revoked', { error_name: errorName(error) })
  }
}
