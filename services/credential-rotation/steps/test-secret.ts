// Rotation step 3: proves the pending credentials as App1 will; a password that was rejected is never offered again.
import { isThere, lookUntil, visibilityMs } from '../patience.ts'
import { failureName, RotationError } from '../rotation-error.ts'
import {
  readPending,
  waiting,
  withdraw,
  type MachineUserDeps,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'
import type { UserCredentials } from '../stored-secret.ts'
import { testPendingClient } from '../test-client.ts'
import { testCurrent } from '../test-current.ts'

/** The credentials of every accepted mode have been taken once: the pending ones, or those that serve. */
export async function testSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  if (await isConfigurationTest(deps, context)) return testCurrent(deps, context)
  if (!context.isPending) throw new RotationError('version_unknown')
  const { user, client, isCurrent } = await readPending(deps, context)
  if (isCurrent) return testCurrent(deps, context)
  const { machineUser, scopeClient } = deps
  if (scopeClient !== undefined && client !== undefined) await testPendingClient(client, scopeClient, deps, context)
  if (machineUser === undefined || user === undefined) return { outcome: 'token_issued' }
  return testUser(user, machineUser, deps, context)
}

/**
 * Where a secret's rotation is configured and does not begin at once (`rotate-secret --no-rotate-immediately`), Secrets
 * Manager runs this step alone, on a version that it makes up, without a value, and removes.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
async function isConfigurationTest(deps: StepDeps, context: StepContext): Promise<boolean> {
  if (context.isBegun) return false
  const read = () => deps.store.read({ id: context.version }, context)
  // Of a version that is pending, the value may have been stored a moment ago, by another instance of this function.
  const value = context.isPending ? await lookUntil(read, isThere, waiting(deps, context), visibilityMs) : await read()
  return value === undefined
}

/**
 * Five failed sign-ins lock a user out, and a repeat of this step would add to them. So a rejection ends the rotation:
 * the user is disabled, and the version loses AWSPENDING; each alone keeps the password from being tried again. A
 * disabled user is not used again, so that one whom somebody locks out does not stop rotations for good.
 */
async function testUser(
  credentials: UserCredentials,
  machineUser: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<StepResult> {
  const user = await machineUser.users.find(credentials.username, context)
  if (user === undefined) throw new RotationError('user_not_found')
  const { sub } = user
  if (!user.enabled) return withdraw({ reason: 'user_disabled', sub }, deps, context)
  if ((await machineUser.signIn(credentials, context)) === 'rejected') {
    await disable(credentials, sub, machineUser, deps, context)
    return withdraw({ reason: 'password_rejected', sub }, deps, context)
  }
  return { outcome: 'signed_in', sub }
}

async function disable(
  { username }: UserCredentials,
  sub: string,
  { users }: MachineUserDeps,
  { logger }: StepDeps,
  context: StepContext,
): Promise<void> {
  try {
    await users.disable(username, context)
    logger.warn('machine user disabled: it does not accept its new password', { sub, outcome: 'disabled' })
  } catch (error) {
    logger.error('machine user not disabled', { sub, error_name: failureName(error) })
  }
}
