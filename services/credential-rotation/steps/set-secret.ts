// Rotation step 2: makes Cognito accept the pending credentials; it never touches the machine user that is in use.
import type { SecretValue } from '#shared/text/secret-value.ts'
import { isSameName, type MachineUser } from '../machine-users.ts'
import { RotationError } from '../rotation-error.ts'
import type { UserCredentials } from '../secret-store.ts'
import { assessFitness, findOtherName } from './other-user.ts'
import {
  readCurrent,
  readPending,
  withdraw,
  type MachineUserDeps,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'

/**
 * On return the pending user is enabled, in its group, and has the pending password. All of it can be repeated. A client
 * secret was drawn by Cognito, which knows it since.
 */
export async function setSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  const { user, isCurrent } = await readPending(deps, context)
  if (isCurrent) return { outcome: 'already_current' }
  const { machineUser } = deps
  if (machineUser === undefined || user === undefined) return { outcome: 'nothing_to_set' }
  const other = await findOtherName(await readCurrent(deps, context), deps, context)
  const apply = isSameName(user.username, other) ? refreshUser : makeUser
  return apply(user, machineUser, deps, context)
}

/**
 * The sessions are ended after the password has changed: before it, whoever knows the old one could open another,
 * whose refresh token would outlive the change.
 */
async function refreshUser(
  { username, password }: UserCredentials,
  machineUser: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<StepResult> {
  // Once more: createSecret may have looked hours ago.
  const fitness = await assessFitness(username, machineUser, context)
  if (fitness.kind === 'unfit') return withdraw(fitness, deps, context)
  await machineUser.users.setPermanentPassword(username, password, context)
  await machineUser.users.signOutEverywhere(username, context)
  return { outcome: 'refreshed', sub: fitness.sub }
}

/** Create, group, password: until the last write nobody can sign in, so nobody ever signs in without the group. */
async function makeUser(
  { username, password }: UserCredentials,
  { users }: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<StepResult> {
  let user = await users.find(username, context)
  if (user === undefined) {
    await users.create(username, context)
    user = await findOnceVisible(username, users, deps, context)
  }
  if (!user.enabled) return withdraw({ reason: 'user_disabled', sub: user.sub }, deps, context)
  await users.addToGroups(username, context)
  await users.setPermanentPassword(username, password, context)
  return { outcome: 'made', sub: user.sub }
}

/** 1.5 s in all: Cognito may show a user a little later than it made it. */
const visibilityDelaysMs = [100, 200, 400, 800] as const

async function findOnceVisible(
  username: SecretValue,
  users: MachineUserDeps['users'],
  { sleep }: StepDeps,
  context: StepContext,
): Promise<MachineUser> {
  for (const delayMs of visibilityDelaysMs) {
    const user = await users.find(username, context)
    if (user !== undefined) return user
    await sleep(delayMs)
  }
  const user = await users.find(username, context)
  if (user === undefined) throw new RotationError('user_not_found')
  return user
}
