// Rotation step 2: makes Cognito accept the pending credentials; it never touches the machine user that is in use.
import type { SecretValue } from '../../shared/secret-value.ts'
import { isSameName } from './machine-name.ts'
import type { MachineUser } from './machine-users.ts'
import { assessFitness, findOtherName } from './other-user.ts'
import { RotationError } from './rotation-error.ts'
import {
  readCurrent,
  readPending,
  withdraw,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'
import type { MachineCredentials } from './stored-secret.ts'

/** On return the pending user is enabled, in its group, and has the pending password. All of it can be repeated. */
export async function setSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  const pending = await readPending(deps, context)
  const other = await findOtherName(await readCurrent(deps, context), deps, context)
  return isSameName(pending.username, other) ? refreshUser(pending, deps, context) : makeUser(pending, deps, context)
}

/**
 * The sessions are ended after the password has changed: before it, whoever knows the old one could open another,
 * whose refresh token would outlive the change.
 */
async function refreshUser(pending: MachineCredentials, deps: StepDeps, context: StepContext): Promise<StepResult> {
  const { username, password } = pending
  // Once more: createSecret may have looked hours ago.
  const fitness = await assessFitness(username, deps, context)
  if (fitness.kind === 'unfit') return withdraw(fitness, deps, context)
  await deps.users.setPermanentPassword(username, password, context)
  await deps.users.signOutEverywhere(username, context)
  return { outcome: 'refreshed', sub: fitness.sub }
}

/** Create, group, password: until the last write nobody can sign in, so nobody ever signs in without the group. */
async function makeUser(pending: MachineCredentials, deps: StepDeps, context: StepContext): Promise<StepResult> {
  const { username, password } = pending
  let user = await deps.users.find(username, context)
  if (user === undefined) {
    await deps.users.create(username, context)
    user = await findOnceVisible(username, deps, context)
  }
  if (!user.enabled) return withdraw({ reason: 'user_disabled', sub: user.sub }, deps, context)
  await deps.users.addToGroup(username, context)
  await deps.users.setPermanentPassword(username, password, context)
  return { outcome: 'made', sub: user.sub }
}

/** 1.5 s in all: Cognito may show a user a little later than it made it. */
const visibilityDelaysMs = [100, 200, 400, 800] as const

async function findOnceVisible(username: SecretValue, deps: StepDeps, context: StepContext): Promise<MachineUser> {
  for (const delayMs of visibilityDelaysMs) {
    const user = await deps.users.find(username, context)
    if (user !== undefined) return user
    await deps.sleep(delayMs)
  }
  const user = await deps.users.find(username, context)
  if (user === undefined) throw new RotationError('user_not_found')
  return user
}
