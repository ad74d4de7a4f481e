// App2's stories of a user that is there: read, listed, disabled, enabled, given another password, put into a group and out of
// it, deleted. Only users that Latchkey made are seen, and nothing is half-ended without a word.
import { allowedDelivery, type PasswordDelivery } from '#shared/aws/password-delivery.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { checkPassword, machineUserPrefix, provisioningIdPattern } from '#shared/contract.ts'
import {
  serviceGroups,
  type DeletedUser,
  type DeletionRequest,
  type EndedUser,
  type ListedUser,
  type ListRequest,
  type MembershipRequest,
  type PasswordRequest,
  type ResetUser,
  type ServiceUser,
  type UserList,
  type UserRequest,
} from '#shared/user-contract.ts'
import { ServiceError, toServiceError, type Outcome } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { PasswordOpener } from '#shared/password-cipher/cipher.ts'
import { readProof } from '#shared/human/human-proof.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'
import { admit, type TokenBucket } from '#shared/time/token-bucket.ts'
import { generatedPasswordSetter } from './generated-password-setter.ts'
import type { DirectoryUser, UserDirectory } from './user-directory.ts'

export type ManageUsersDeps = {
  readonly directory: UserDirectory
  readonly opener: PasswordOpener
  /** Absent where no password is generated. */
  readonly delivery: PasswordDelivery | undefined
  /** Of the writes that Cognito counts as UserUpdate, which creations draw on as well. */
  readonly admission: TokenBucket
  /** How long after an ending a token of before, or the gateway's memory of one, may still open App2. */
  readonly accessLastsMs: number
  readonly now: () => number
}

export type ManageUsersContext = {
  readonly deadline: Deadline
  readonly logger: Logger
  readonly timer: StepTimer
}

/** The user as the directory has it. Throws `user_not_found` for one that is not there, or not ours to show. */
export async function readUser(
  { username }: UserRequest,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<ServiceUser> {
  const user = await find(username, deps, context)
  const shown = await show(user, deps, context)
  audit('service user read', user, context)
  return shown
}

/** A page of the directory without the users that are not ours to show, so that it may be short, or empty. */
export async function listUsers(
  { prefix, limit, pagination_token: token }: ListRequest,
  deps: ManageUsersDeps,
  { deadline, logger, timer }: ManageUsersContext,
): Promise<UserList> {
  // A page that Cognito cuts before we leave users out would tell, by its token, how a machine user's name goes on.
  if (prefix?.startsWith(machineUserPrefix)) return { users: [] }
  const { users, nextToken } = await timer.time('directory_ms', () =>
    deps.directory.list({ prefix, limit, token }, { signal: deadline.signal() }),
  )
  logger.info('service users listed', { outcome: 'done', ...timer.fields() })
  return {
    users: users.filter(isOurs).map(toListed),
    ...(nextToken !== undefined && { pagination_token: nextToken }),
  }
}

/** Disabled first, so that no session begins while those that there are end. */
export async function disableUser(
  { username }: UserRequest,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<EndedUser> {
  const { directory } = deps
  const user = await findToChange(username, deps, context)
  const writes = [directory.disable, directory.signOut]
  return end(await change(user, writes, deps, context), deps)
}

export async function enableUser(
  { username }: UserRequest,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<ServiceUser> {
  const user = await findToChange(username, deps, context)
  return change(user, [deps.directory.enable], deps, context)
}

/**
 * The password first, so that nobody signs in by the old one while its sessions end. Throws `user_incomplete` for a user
 * that was never finished: with a password it could sign in without its group.
 */
export async function resetPassword(
  request: PasswordRequest,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<ResetUser> {
  const { signOut } = deps.directory
  const choose = await chooseSetter(request, deps, context)
  const user = await findToChange(request.username, deps, context)
  if (user.awaitsPassword) throw new ServiceError('user_incomplete')
  const setter = choose(user)
  const reset = end(await change(user, [setter.set, signOut], deps, context), deps)
  return { ...reset, ...(setter.secretArn && { secret_arn: setter.secretArn() }) }
}

type PasswordSetter = { readonly set: Write; readonly secretArn?: () => string }

/** What sets the given password, or a generated one. Throws what is to be refused before anything is looked at. */
async function chooseSetter(
  request: PasswordRequest,
  { directory, opener, delivery }: ManageUsersDeps,
  { deadline, timer }: ManageUsersContext,
): Promise<(user: OurUser) => PasswordSetter> {
  const { username, encrypted_password: sealed = '', deliver_to: reader, reset_id: provisioningId } = request
  if (reader !== undefined) {
    const { secrets } = allowedDelivery(delivery, reader)
    return (user) => generatedPasswordSetter({ user, reader, secrets }, { directory, timer })
  }
  const boundTo = { purpose: 'latchkey:reset-password', username, provisioningId } as const
  const signal = deadline.signal()
  const password = await withOutcome('none', () =>
    timer.time('open_ms', () => opener.open(sealed, boundTo, { signal })),
  )
  checkPassword(password.expose())
  return () => ({ set: (sub, options) => directory.setPermanentPassword(sub, password, options) })
}

export async function addToGroup(
  { username, group }: MembershipRequest,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<ServiceUser> {
  const user = await findToChange(username, deps, context)
  return change(user, [(sub, options) => deps.directory.addToGroup(sub, group, options)], deps, context)
}

/** Sessions go on: what they get next has the group no more. */
export async function removeFromGroup(
  { username, group }: MembershipRequest,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<EndedUser> {
  const user = await findToChange(username, deps, context)
  const write: Write = (sub, options) => deps.directory.removeFromGroup(sub, group, options)
  return end(await change(user, [write], deps, context), deps)
}

/** Throws `user_enabled` for an enabled user, unless `force` says to disable it first. */
export async function deleteUser(
  { username, force }: DeletionRequest,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<DeletedUser> {
  const { directory } = deps
  const user = await findToChange(username, deps, context)
  if (user.enabled && !force) throw new ServiceError('user_enabled')
  const { delivery } = deps
  // Before the user: what is left of a deletion that was begun is found by its repeat.
  const scheduleSecret: readonly Write[] = delivery
    ? [(sub, options) => delivery.secrets.scheduleDeletion(sub, options)]
    : []
  // Gone a moment after it was seen: by another's hand, or by an earlier attempt of this very call.
  const remove: Write = (sub, options) =>
    directory.remove(sub, options).catch(async (error: unknown) => {
      const failure = await toWriteError(error, sub, deps, context)
      if (failure.code !== 'user_not_found') throw failure
    })
  const first = user.enabled ? [directory.disable, directory.signOut] : []
  await write(user, [...first, ...scheduleSecret, remove], deps, context)
  audit('service user changed', user, context)
  return end({ username, user_id: user.sub }, deps)
}

/** `unchanged` where there was nothing to write to. */
export type Write = (sub: string, options: { readonly signal: AbortSignal }) => Promise<unknown>

/** The user after the writes, one after another. */
async function change(
  user: OurUser,
  writes: readonly Write[],
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<ServiceUser> {
  await write(user, writes, deps, context)
  audit('service user changed', user, context)
  return withOutcome('partial', async () => {
    const after = await find(user.username, deps, context)
    // Deleted since, and the name is another's: that one was not changed.
    if (after.sub !== user.sub) throw new ServiceError('user_not_found', { reason: 'replaced' })
    return show(after, deps, context)
  })
}

/**
 * What fails before the first write left nothing behind; what fails at it, nobody knows; what fails after it is begun, and a
 * repeat finishes it: each write may be repeated.
 */
async function write(
  { sub }: OurUser,
  writes: readonly Write[],
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<void> {
  const { deadline, logger, timer } = context
  admit(deps.admission, writes.length)
  let hasBegun = false
  for (const next of writes) {
    try {
      const written = await timer.time('directory_ms', () => next(sub, { signal: deadline.signal() }))
      hasBegun ||= written !== 'unchanged'
    } catch (error) {
      const failure = await toWriteError(error, sub, deps, context)
      // Deleted meanwhile: there is nothing left to finish.
      if (!hasBegun || failure.code === 'user_not_found') throw failure
      logger.warn('service user change begun and not finished', { sub, outcome: 'partial' })
      throw failure.withOutcome('partial')
    }
  }
}

/** That a user is missing is believed when a second look says so too: it was seen a moment ago. */
async function toWriteError(
  error: unknown,
  sub: string,
  deps: ManageUsersDeps,
  context: ManageUsersContext,
): Promise<ServiceError> {
  if (!(error instanceof UserMissingError)) return toServiceError(error)
  try {
    await look(sub, deps, context)
    return new ServiceError('upstream_unavailable', { reason: 'user_missing' })
  } catch (failure) {
    return toServiceError(failure)
  }
}

function look(
  subOrUsername: string,
  { directory }: ManageUsersDeps,
  { deadline, timer }: ManageUsersContext,
): Promise<DirectoryUser> {
  const signal = deadline.signal()
  return timer.time('directory_ms', () => found(() => directory.read(subOrUsername, { signal })))
}

async function find(username: string, deps: ManageUsersDeps, context: ManageUsersContext): Promise<OurUser> {
  const user = await look(username, deps, context)
  // Cognito takes a `sub` in place of a name.
  if (user.username !== username || !isOurs(user)) throw new ServiceError('user_not_found', { reason: 'not_ours' })
  return user
}

/** Nothing is written yet. */
function findToChange(username: string, deps: ManageUsersDeps, context: ManageUsersContext): Promise<OurUser> {
  return withOutcome('none', () => find(username, deps, context))
}

async function show(user: OurUser, deps: ManageUsersDeps, context: ManageUsersContext): Promise<ServiceUser> {
  const signal = context.deadline.signal()
  const groups = await context.timer.time('directory_ms', () =>
    found(() => deps.directory.groupsOf(user.sub, { signal })),
  )
  return { ...toListed(user), groups: serviceGroups.filter((group) => groups.includes(group)) }
}

type OurUser = DirectoryUser & { readonly provisioningId: string; readonly humanUserId: string }

/** Made by Latchkey, and no machine's. */
function isOurs(user: DirectoryUser): user is OurUser {
  const { username, provisioningId, humanUserId } = user
  return (
    !username.startsWith(machineUserPrefix) &&
    provisioningIdPattern.test(String(provisioningId)) &&
    humanUserId !== undefined
  )
}

function toListed(user: OurUser): ListedUser {
  return {
    username: user.username,
    user_id: user.sub,
    status: statusOf(user),
    human_user_id: user.humanUserId,
    ...readProof(user.humanProof),
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
    provisioning_id: user.provisioningId,
  }
}

function statusOf({ enabled, awaitsPassword }: DirectoryUser): ListedUser['status'] {
  if (!enabled) return 'disabled'
  return awaitsPassword ? 'incomplete' : 'active'
}

/** A token from just before the last write dies with its life; by then a gateway may have remembered it once more. */
function end<Answer>(answer: Answer, { now, accessLastsMs }: ManageUsersDeps): Answer & { access_ends_at: string } {
  const endsAtSeconds = Math.ceil((now() + accessLastsMs) / 1000)
  return { ...answer, access_ends_at: new Date(endsAtSeconds * 1000).toISOString() }
}

/** Who asked, and what, is in every line of the request. */
function audit(message: string, { sub }: OurUser, { logger, timer }: ManageUsersContext): void {
  logger.info(message, { sub, outcome: 'done', ...timer.fields() })
}

async function found<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw error instanceof UserMissingError ? new ServiceError('user_not_found', { reason: 'not_there' }) : error
  }
}

async function withOutcome<T>(outcome: Outcome, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw toServiceError(error).withOutcome(outcome)
  }
}
