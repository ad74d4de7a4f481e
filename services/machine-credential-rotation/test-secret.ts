// Rotation step 3: signs in with the pending credentials, once; a password that was rejected is never offered again.
import { failureName, RotationError } from './rotation-error.ts'
import { readPending, withdraw, type StepContext, type StepDeps, type StepResult } from './rotation-step.ts'
import type { MachineCredentials } from './stored-secret.ts'

/**
 * Five failed sign-ins lock a user out, and a repeat of this step would add to them. So a rejection ends the rotation:
 * the user is disabled, and the version loses AWSPENDING; each alone keeps the password from being tried again. A
 * disabled user is not used again, so that one whom somebody locks out does not stop rotations for good.
 */
export async function testSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  const pending = await readPending(deps, context)
  const user = await deps.users.find(pending.username, context)
  if (user === undefined) throw new RotationError('user_not_found')
  const { sub } = user
  if (!user.enabled) return withdraw({ reason: 'user_disabled', sub }, deps, context)
  if ((await deps.signIn(pending, context)) === 'rejected') {
    await disable(pending, sub, deps, context)
    return withdraw({ reason: 'password_rejected', sub }, deps, context)
  }
  return { outcome: 'signed_in', sub }
}

async function disable(
  { username }: MachineCredentials,
  sub: string,
  { users, logger }: StepDeps,
  context: StepContext,
): Promise<void> {
  try {
    await users.disable(username, context)
    logger.warn('machine user disabled: it does not accept its new password', { sub, outcome: 'disabled' })
  } catch (error) {
    logger.error('machine user not disabled', { sub, error_name: failureName(error) })
  }
}
