// Tries the credentials that serve, where Secrets Manager tests a configuration and rotates nothing; it changes nothing.
import { RotationError } from './rotation-error.ts'
import {
  readCurrent,
  type MachineUserDeps,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './steps/rotation-step.ts'
import type { StoredSecret, UserCredentials } from './stored-secret.ts'
import { requestTokenOnceServed } from './test-client.ts'

/**
 * The current credentials of every accepted mode have been taken once. One that is refused is not offered again, and its
 * user is not disabled: App1 uses it. Throws `current_rejected`, and `current_outdated` or, before the first rotation,
 * `pending_without_value`.
 */
export async function testCurrent(deps: StepDeps, context: StepContext): Promise<StepResult> {
  const { machineUser, scopeClient } = deps
  const current = await readCurrent(deps, context)
  const { user, client } = current
  if (!isComplete(current, deps)) {
    const isFirst = user === undefined && client === undefined && context.isPending
    throw new RotationError(isFirst ? 'pending_without_value' : 'current_outdated')
  }
  if (context.rejected.has(context.currentVersion)) throw new RotationError('current_rejected')
  if (scopeClient !== undefined && client !== undefined) {
    const answer = await requestTokenOnceServed(client, scopeClient, deps, context)
    if (answer === 'rejected') refuse(context)
  }
  if (machineUser === undefined || user === undefined) return { outcome: 'current_token_issued' }
  return { outcome: 'current_signed_in', sub: await tryUser(user, machineUser, context) }
}

function isComplete({ user, client }: StoredSecret, { machineUser, scopeClient }: StepDeps): boolean {
  return (
    (machineUser === undefined || user?.clientId === machineUser.clientId) &&
    (scopeClient === undefined || client?.clientId === scopeClient.clientId)
  )
}

async function tryUser(
  credentials: UserCredentials,
  { users, signIn }: MachineUserDeps,
  context: StepContext,
): Promise<string> {
  const user = await users.find(credentials.username, context)
  if (user?.enabled !== true || (await signIn(credentials, context)) === 'rejected') return refuse(context, user?.sub)
  return user.sub
}

/** The value of a version cannot change: this function will not offer it again, however often it is called. */
function refuse({ rejected, currentVersion }: StepContext, sub?: string): never {
  rejected.add(currentVersion)
  throw new RotationError('current_rejected', { sub })
}
