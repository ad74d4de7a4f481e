// App2's story of one new user: open the password or make one, create, grant, and only then let it sign in.
import type { Group } from '#shared/access-rules.ts'
import { allowedDelivery, type PasswordDelivery } from '#shared/aws/password-delivery.ts'
import { isMissing, type PasswordSecrets } from '#shared/aws/password-secrets.ts'
import { checkPassword, type CreatedUser, type CreateUserRequest } from '#shared/contract.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { rethrowUndone, ServiceError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { PasswordOpener } from '#shared/password-cipher/cipher.ts'
import { writeProof, type HumanProof } from '#shared/human/human-proof.ts'
import { recogniseUser } from '#shared/recognise-user.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'
import { admit, type TokenBucket } from '#shared/time/token-bucket.ts'
import { awaitVisibility, isUserGone, type Sleep } from './await-visibility.ts'
import { compensate } from './compensate.ts'
import { deliverPassword } from './deliver-password.ts'
import type { UserDirectory } from './user-directory.ts'

export type CreateUserDeps = {
  readonly opener: PasswordOpener
  readonly directory: UserDirectory
  /** Absent where no password is generated. */
  readonly delivery: PasswordDelivery | undefined
  /** Holds creations back before they begin: those that outrun the group quota would pile up incomplete. */
  readonly admission: TokenBucket
  readonly now: () => number
  readonly sleep: Sleep
}

/** `proof` is by what its human is known; absent: on the caller's word. */
export type WantedUser = CreateUserRequest & { readonly proof?: HumanProof }

export type CreateUserContext = {
  readonly deadline: Deadline
  readonly logger: Logger
  readonly timer: StepTimer
}

/** The one group that new users are put into. */
const group = 'service-user' satisfies Group

/** Kept free at the end of a request, to look at and remove what cannot be finished. */
const compensationMs = 4_000

/**
 * The user as the directory holds it: in its group, with its permanent password. The password comes last: until that
 * write nobody can sign in, so nobody ever signs in without the group.
 *
 * A repeat of a request is recognised by the id that the first one left on the user, and goes on where that one
 * stopped, or gets the same answer. Throws ServiceError; with `outcome: none` nothing was made, or it is gone again.
 */
export async function createUser(
  request: WantedUser,
  deps: CreateUserDeps,
  { deadline, logger, timer }: CreateUserContext,
): Promise<CreatedUser> {
  const working = deadline.earlierBy(compensationMs)
  const password = await timer.time('open_ms', () => openPassword(request, deps, working))
  admit(deps.admission)

  const user = await timer.time('create_ms', () => createOrRecognise(request, deps, working))
  let secretArn: string | undefined
  if (user.state === 'incomplete') {
    try {
      secretArn = await finish(user, password, deps, { deadline: working, timer })
    } catch (error) {
      const removing = { directory: deps.directory, secrets: password.secrets }
      const compensation = await compensate(error, user, removing, { deadline, logger })
      if (compensation.kind === 'failed') throw compensation.error
    }
  }
  secretArn ??= await findSecret(user, password, { now: deps.now, deadline, timer })

  const outcome = user.state === 'finished' ? 'repeated' : 'created'
  logger.info('service user created', { sub: user.sub, outcome, ...timer.fields() })
  return {
    message: 'Service user created',
    username: request.username,
    group,
    created_by: request.human_user_id,
    created_at: user.createdAt.toISOString(),
    provisioning_id: request.provisioning_id,
    ...(secretArn !== undefined && { secret_arn: secretArn }),
  }
}

/** `secrets` is where a generated one goes. */
type NewPassword =
  | { readonly kind: 'given'; readonly password: SecretValue; readonly secrets?: undefined }
  | {
      readonly kind: 'generated'
      readonly username: string
      readonly reader: string
      readonly secrets: PasswordSecrets
    }

type UserInWork = {
  readonly sub: string
  readonly createdAt: Date
  readonly state: 'incomplete' | 'finished'
  readonly madeHere: boolean
  readonly atOnce: boolean
}

async function openPassword(
  request: CreateUserRequest,
  deps: CreateUserDeps,
  deadline: Deadline,
): Promise<NewPassword> {
  const { username, provisioning_id: provisioningId, encrypted_password: sealed = '', deliver_to: reader } = request
  if (reader !== undefined) {
    const { secrets } = allowedDelivery(deps.delivery, reader)
    return { kind: 'generated', username, reader, secrets }
  }
  const boundTo = { purpose: 'latchkey:create-user', username, provisioningId } as const
  try {
    const password = await deps.opener.open(sealed, boundTo, { signal: deadline.signal() })
    checkPassword(password.expose())
    return { kind: 'given', password }
  } catch (error) {
    return rethrowUndone(error)
  }
}

async function createOrRecognise(request: WantedUser, deps: CreateUserDeps, deadline: Deadline): Promise<UserInWork> {
  const { username, human_user_id: humanUserId, provisioning_id: provisioningId, proof } = request
  const humanProof = proof && writeProof(proof)
  const signal = deadline.signal()
  const created = await deps.directory.create({ username, humanUserId, humanProof, provisioningId }, { signal })
  if (created.kind === 'created') return { ...created, state: 'incomplete', madeHere: true }

  // The name is taken: by an earlier attempt of this request (the SDK's own included), or by somebody else.
  const existing = await awaitVisibility(() => deps.directory.read(username, { signal }), { ...deps, deadline })
  const recognition = recogniseUser(existing, { provisioningId, now: deps.now() })
  const { sub, createdAt } = existing
  switch (recognition.kind) {
    case 'taken':
      throw new ServiceError('user_exists', { reason: recognition.reason })
    case 'key_reused':
      throw new ServiceError('idempotency_key_reused')
    case 'stale':
      throw new ServiceError('partial_provision', { reason: 'older_than_an_hour', outcome: 'unknown' })
    case 'finished':
      return { sub, createdAt, state: 'finished', madeHere: false, atOnce: false }
    case 'resumable':
      return { sub, createdAt, state: 'incomplete', madeHere: false, atOnce: false }
  }
}

/**
 * Each write by `sub`; both may be repeated without harm. Who takes up what another attempt made may not be the only
 * one at it: it looks again before it sets the password, and again some time after, since a concurrent retry that was refused
 * removes what it made. Cognito has no conditional write, so this narrows the race and does not close it; between two
 * generated passwords, Secrets Manager decides. The ARN of such a one's secret, where this attempt delivered it last.
 */
async function finish(
  { sub, madeHere }: UserInWork,
  password: NewPassword,
  deps: CreateUserDeps,
  { deadline, timer }: Pick<CreateUserContext, 'deadline' | 'timer'>,
): Promise<string | undefined> {
  const { directory, sleep } = deps
  const signal = deadline.signal()
  const visibly = <T>(step: () => Promise<T>): Promise<T> => awaitVisibility(step, { deadline, sleep })
  const startedAt = deps.now()
  // A repeat may have finished the user meanwhile, and an operator given it another password.
  const isUntouched = async (): Promise<boolean> =>
    (madeHere && deps.now() - startedAt < slowMs) ||
    (await visibly(() => directory.read(sub, { signal }))).awaitsPassword

  await timer.time('group_ms', () => visibly(() => directory.addToGroup(sub, group, { signal })))
  if (!(await isUntouched())) return undefined
  let secretArn: string | undefined
  if (password.kind === 'generated') {
    const delivery = { directory, isUntouched, visibly, sleep }
    secretArn = await deliverPassword({ sub, ...password }, delivery, { deadline, timer })
  } else {
    await timer.time('password_ms', () =>
      visibly(() => directory.setPermanentPassword(sub, password.password, { signal })),
    )
  }
  if (madeHere) return secretArn
  await sleep(concurrentRetryMs)
  try {
    await visibly(() => directory.read(sub, { signal }))
  } catch (error) {
    // The concurrent retry discarded the secret that it found, and maybe not this one.
    if (isUserGone(error)) await password.secrets?.discard(sub, { signal }).catch(() => undefined)
    throw error
  }
  return undefined
}

/**
 * The ARN of a generated password's secret. Throws `secret_missing` for a user of before whose secret is gone; of a new user's,
 * another attempt may have made it a moment ago, and Secrets Manager not show it yet.
 */
async function findSecret(
  { sub, createdAt }: UserInWork,
  { secrets }: NewPassword,
  { now, deadline, timer }: Pick<CreateUserContext, 'deadline' | 'timer'> & Pick<CreateUserDeps, 'now'>,
): Promise<string | undefined> {
  if (secrets === undefined) return undefined
  try {
    return await timer.time('secret_ms', () => secrets.find(sub, { signal: deadline.signal() }))
  } catch (error) {
    if (!isMissing(error) || now() - createdAt.getTime() > unseenMs) throw error
    throw new ServiceError('upstream_unavailable', { reason: 'secret_not_seen', cause: error })
  }
}

/** For so long after its creation a user's secret may not be seen, rather than be gone. */
const unseenMs = 5 * 60_000

/** Of a step after which the user is looked at once more. */
const slowMs = 1_000

/** Longer than the time between a concurrent retry's last look at a user and its removal. */
const concurrentRetryMs = 500
