// Rotation step 3: proves the pending credentials as App1 will; a password that was rejected is never offered again.
import { failureName, RotationError } from '../rotation-error.ts'
import {
  readPending,
  withdraw,
  type MachineUserDeps,
  type ScopeClientDeps,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'
import type { ClientCredentials, UserCredentials } from '../stored-secret.ts'

/** The credentials of every accepted mode have been taken once. */
export async function testSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  const { user, client } = await readPending(deps, context)
  const { machineUser, scopeClient } = deps
  if (scopeClient !== undefined && client !== undefined) await testClient(client, scopeClient, deps, context)
  if (machineUser === undefined || user === undefined) return { outcome: 'token_issued' }
  return testUser(user, machineUser, deps, context)
}

/** 1.5 s in all. Clients are not locked out, and Cognito may know a new secret a little later than it drew it. */
const rejectionDelaysMs = [100, 200, 400, 800] as const

/** A rejection ends the rotation: the value of the version cannot change, and the next one is given another secret. */
async function testClient(
  client: ClientCredentials,
  { requestToken }: ScopeClientDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<void> {
  for (const delayMs of rejectionDelaysMs) {
    if ((await requestToken(client, context)) === 'issued') return
    await deps.sleep(delayMs)
  }
  if ((await requestToken(client, context)) === 'issued') return
  await withdraw({ reason: 'client_secret_rejected' }, deps, context)
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
