// Where generated passwords lie: one secret of Secrets Manager for each user, which one role may read. It reads none of them.
import { createHash, randomUUID } from 'node:crypto'
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { ServiceError, toServiceError, type ErrorCode, type Outcome } from '../errors.ts'
import type { SecretValue } from '../text/secret-value.ts'
import { errorName, mapAwsError } from './aws-errors.ts'
import { closedPolicyFor, isPolicyFor, policyFor } from './reader-policy.ts'

export type PasswordSecrets = {
  /**
   * Writes a password into the user's secret, which is made if there is none. On return nobody but `reader` may read it, and
   * for half a minute nobody else writes to it. Throws AnotherAttemptError for as long as somebody else has that half minute;
   * `reader_not_allowed` for a role that does not exist; `secret_missing` for a secret that is about to be deleted; and
   * `upstream_unavailable` for one that is not seen right after it was made, or was deleted in that moment: a repeat makes one.
   */
  deliver(delivery: Delivery, options: CallOptions): Promise<Delivered>
  /** The ARN of the user's secret. Throws `secret_missing`. */
  find(sub: string, options: CallOptions): Promise<string>
  /** At once, of a user that never was. None is there afterwards, nor was there need to be one. */
  discard(sub: string, options: CallOptions): Promise<void>
  /** In 30 days, until which an operator can restore it. `unchanged` where none is there, or it is scheduled already. */
  scheduleDeletion(sub: string, options: CallOptions): Promise<'scheduled' | 'unchanged'>
}

export type Delivery = {
  readonly sub: string
  readonly username: string
  readonly password: SecretValue
  /** The ARN of the one role that may read it. */
  readonly reader: string
  /**
   * Whether the user may have the password that the secret holds, current or of before. Another reader than of that one reads
   * nothing then before `open`, since whoever may read a secret may read each of its versions.
   */
  readonly replaces: boolean
}

export type Delivered = {
  readonly arn: string
  /** For a password that is set: `reader` may read it. */
  open(options: CallOptions): Promise<void>
  /** For one that was not set after all: the secret has again what it had, and its reader; the next attempt need not wait. */
  takeBack(options: CallOptions): Promise<void>
}

type CallOptions = { readonly signal: AbortSignal }

/** Another attempt at the same user has its turn: it may be about to set a password. */
export class AnotherAttemptError extends Error {
  override readonly name = 'AnotherAttemptError'
  /** `unknown` once this one has said who may read the secret: that stays. */
  readonly outcome: Extract<Outcome, 'none' | 'unknown'>

  constructor(outcome: AnotherAttemptError['outcome']) {
    super()
    this.outcome = outcome
  }
}

/** What the refusal of a generated password means: no caller can choose a better one. */
export function rethrowGeneratedRefused(error: unknown): never {
  if (!(error instanceof ServiceError) || error.code !== 'weak_password') throw error
  throw new ServiceError('internal_error', {
    reason: 'generated_password_refused',
    unsettled: error.unsettled,
    cause: error,
  })
}

/** Of the setting of a password: whether it is sure that it will not take effect any more. */
export function isRefusal(error: unknown): boolean {
  const { code, unsettled } = toServiceError(error)
  return !unsettled && !openCodes.has(code)
}

const openCodes = new Set<ErrorCode>(['upstream_error', 'upstream_timeout', 'upstream_unavailable'])

/** What a reader signs in with, besides its own name and password. */
export type SignInFacts = {
  readonly user_pool_id: string
  readonly region: string
  readonly client_id: string
  readonly client_secret: string
}

export type PasswordSecretsDeps = {
  readonly secretsManager: SecretsManagerClient
  /** `<stack>/service-users/` */
  readonly prefix: string
  readonly keyArn: string
  readonly signInFacts: (options: CallOptions) => Promise<SignInFacts>
  readonly now: () => number
}

/**
 * Cognito sets a password whatever the state of the user, so two attempts could leave one's password with the user and the
 * other's in the secret, or one's reader with the other's password. Each therefore takes its turn before it changes
 * anything. Who makes the secret has the first one; each later one is a version under an id that follows from the versions
 * before it: of two that begin from the same state, Secrets Manager takes one. The next begins when the first can set
 * nothing any more: the functions have 25 s.
 */
const turnMs = 30_000
/** As long. */
const retryAfterSeconds = turnMs / 1_000
const turnLabel = 'latchkey-turn'
/** Of the last turn that was given back. Taking its own label off instead would lead to a state that was there before. */
const turnOverLabel = 'latchkey-turn-over'

export function createPasswordSecrets(deps: PasswordSecretsDeps): PasswordSecrets {
  const { secretsManager, prefix, keyArn, signInFacts, now } = deps
  const nameOf = (sub: string): string => `${prefix}${sub}`

  async function takeTurn(sub: string, options: CallOptions): Promise<Turn> {
    const placeholder = newPlaceholder()
    // Empty, so that there is nothing to be read before the policy says by whom.
    const command = new CreateSecretCommand({
      Name: nameOf(sub),
      Description: 'A generated password, for the one role that the secret’s policy names.',
      KmsKeyId: keyArn,
      ClientRequestToken: placeholder,
      SecretString: '{}',
    })
    try {
      const { ARN: arn } = await secretsManager.send(command, { abortSignal: options.signal })
      return { arn: known(arn), current: placeholder, previous: undefined, turn: placeholder, over: undefined }
    } catch (error) {
      if (errorName(error) === 'ResourceExistsException') return takeNextTurn(sub, options)
      throw toSecretError(error)
    }
  }

  async function takeNextTurn(sub: string, { signal: abortSignal }: CallOptions): Promise<Turn> {
    const { lastAt, ...last } = await versionsOf(sub, { signal: abortSignal })
    if (now() - lastAt < turnMs) throw new AnotherAttemptError('none')
    const turn = versionId(sub, 'turn', last.current, last.previous, last.turn)
    const command = new PutSecretValueCommand({
      SecretId: last.arn,
      ClientRequestToken: turn,
      // An equal value would be taken as a repeat.
      SecretString: JSON.stringify({ turn: randomUUID() }),
      VersionStages: [turnLabel],
    })
    try {
      await secretsManager.send(command, { abortSignal })
    } catch (error) {
      if (errorName(error) === 'ResourceExistsException') throw new AnotherAttemptError('none')
      throw toSecretError(error)
    }
    return { ...last, turn }
  }

  async function versionsOf(sub: string, { signal: abortSignal }: CallOptions): Promise<Versions> {
    const command = new ListSecretVersionIdsCommand({ SecretId: nameOf(sub) })
    const { ARN: arn, Versions: versions = [] } = await secretsManager.send(command, { abortSignal }).catch(rethrow)
    const holder = (stage: string) => versions.find(({ VersionStages: stages }) => stages?.includes(stage))
    const [current, turn, over] = [holder('AWSCURRENT'), holder(turnLabel), holder(turnOverLabel)]
    const writtenAt = [current, turn].map((version) =>
      version === undefined || version === over ? -Infinity : (version.CreatedDate?.getTime() ?? Infinity),
    )
    return {
      arn: known(arn),
      current: known(current?.VersionId),
      previous: holder('AWSPREVIOUS')?.VersionId,
      turn: turn?.VersionId,
      over: over?.VersionId,
      lastAt: Math.max(...writtenAt),
    }
  }

  async function moveLabel(
    { arn }: Turn,
    move: { readonly label: string; readonly from: string | undefined; readonly to: string },
    { signal: abortSignal }: CallOptions,
  ): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: arn,
      VersionStage: move.label,
      RemoveFromVersionId: move.from,
      MoveToVersionId: move.to,
    })
    await secretsManager.send(command, { abortSignal }).catch(rethrow)
  }

  /**
   * Before the password is written. Where somebody else may read the one of before, nobody reads until the new one is set: the
   * new reader would find a password that lives and was not made for it, and the old one that of the new.
   */
  async function changeReader(
    turn: Turn,
    { reader, replaces }: Pick<Delivery, 'reader' | 'replaces'>,
    options: CallOptions,
  ): Promise<Access> {
    const isNew = turn.current === turn.turn
    if (isNew || !replaces) {
      await putPolicy(turn, policyFor(reader), options)
      return unchanged
    }
    const before = await readPolicy(turn, options)
    if (isPolicyFor(before, reader)) return unchanged

    const open = async (callOptions: CallOptions): Promise<void> => {
      await putPolicy(turn, policyFor(reader), callOptions)
    }
    const restore = async (callOptions: CallOptions): Promise<void> => {
      if (before !== undefined) await putPolicy(turn, before, callOptions)
    }
    try {
      const { isSettled } = await putPolicy(turn, closedPolicyFor(reader), options)
      // An earlier attempt of the SDK could close the secret again when it has been opened.
      if (!isSettled) throw new ServiceError('upstream_unavailable', { reason: 'policy_unsettled', retryAfterSeconds })
    } catch (error) {
      // Not before a refusal: it changed nothing.
      if (toServiceError(error).code !== 'reader_not_allowed') await restore(options).catch(() => undefined)
      throw error
    }
    return { open, restore }
  }

  async function readPolicy({ arn }: Turn, { signal: abortSignal }: CallOptions): Promise<string | undefined> {
    const command = new GetResourcePolicyCommand({ SecretId: arn })
    return (await secretsManager.send(command, { abortSignal }).catch(rethrow)).ResourcePolicy
  }

  /** Settled: the first attempt was answered, so that none is under way any more. */
  async function putPolicy(
    { arn }: Turn,
    policy: string,
    { signal: abortSignal }: CallOptions,
  ): Promise<{ readonly isSettled: boolean }> {
    const command = new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy: policy, BlockPublicPolicy: true })
    const { $metadata: metadata } = await secretsManager.send(command, { abortSignal }).catch(rethrow)
    return { isSettled: (metadata.attempts ?? 1) === 1 }
  }

  const giveTurnBack = (turn: Turn, options: CallOptions): Promise<void> =>
    moveLabel(turn, { label: turnOverLabel, from: turn.over, to: turn.turn }, options)

  async function deliver(
    { sub, username, password, reader, replaces }: Delivery,
    options: CallOptions,
  ): Promise<Delivered> {
    const { signal: abortSignal } = options
    const facts = await signInFacts(options)
    const turn = await takeTurn(sub, options)
    const { arn, current, previous } = turn
    const access = await changeReader(turn, { reader, replaces }, options).catch(async (error: unknown) => {
      const failure = toServiceError(error)
      // After any other failure the policy may still come into force.
      if (failure.code === 'reader_not_allowed') await giveTurnBack(turn, options).catch(() => undefined)
      throw failure
    })
    const written = versionId(sub, current, previous)
    const delivered: Delivered = {
      arn,
      open: access.open,
      async takeBack(callOptions) {
        try {
          await access.restore(callOptions)
        } finally {
          await moveLabel(turn, { label: 'AWSCURRENT', from: written, to: current }, callOptions)
        }
        await giveTurnBack(turn, callOptions)
      },
    }
    const value = new PutSecretValueCommand({
      SecretId: arn,
      ClientRequestToken: written,
      SecretString: JSON.stringify({ username, password: password.expose(), ...facts }),
    })
    try {
      await secretsManager.send(value, { abortSignal })
    } catch (error) {
      if (errorName(error) === 'ResourceExistsException') throw new AnotherAttemptError('unknown')
      // It may be there, its answer lost, and nobody is going to set it.
      await delivered.takeBack(options).catch(() => undefined)
      throw toSecretError(error)
    }
    return delivered
  }

  return {
    deliver: (delivery, options) => deliver(delivery, options).catch(rethrowUnseen),

    async find(sub, { signal: abortSignal }) {
      const command = new DescribeSecretCommand({ SecretId: nameOf(sub) })
      const { ARN: arn, DeletedDate: deletedAt } = await secretsManager.send(command, { abortSignal }).catch(rethrow)
      if (deletedAt !== undefined) throw new ServiceError('secret_missing', { reason: 'scheduled_for_deletion' })
      return known(arn)
    },

    async discard(sub, { signal: abortSignal }) {
      const command = new DeleteSecretCommand({ SecretId: nameOf(sub), ForceDeleteWithoutRecovery: true })
      await secretsManager.send(command, { abortSignal }).catch(ignoreAbsent)
    },

    async scheduleDeletion(sub, { signal: abortSignal }) {
      const command = new DeleteSecretCommand({ SecretId: nameOf(sub), RecoveryWindowInDays: 30 })
      try {
        await secretsManager.send(command, { abortSignal })
        return 'scheduled'
      } catch (error) {
        // InvalidRequestException: it is scheduled already.
        if (errorName(error) !== 'InvalidRequestException') ignoreAbsent(error)
        return 'unchanged'
      }
    },
  }
}

/** The ids of versions: those with AWS's own labels, and those of the last turn and of the last that was given back. */
type Versions = {
  readonly arn: string
  readonly current: string
  readonly previous: string | undefined
  readonly turn: string | undefined
  readonly over: string | undefined
  /** When the last turn was taken or the current password written, epoch milliseconds; long ago if it was given back. */
  readonly lastAt: number
}

/** Who may read a secret whose password changes. */
type Access = Pick<Delivered, 'open'> & { readonly restore: Delivered['open'] }

const unchanged: Access = { open: () => Promise.resolve(), restore: () => Promise.resolve() }

/** What was there when it was taken, and the version that stands for it. */
type Turn = Omit<Versions, 'turn' | 'lastAt'> & { readonly turn: string }

/**
 * The id of the version that a user's secret begins with, and that holds no password. It is of one call alone: Secrets
 * Manager takes a CreateSecret with a known id as its repeat, and says nothing of the versions that came since.
 */
export function newPlaceholder(): string {
  return `${placeholderPrefix}${randomUUID()}`
}

export function isPlaceholderVersion(id: string): boolean {
  return id.startsWith(placeholderPrefix)
}

const placeholderPrefix = 'placeholder-'

/** 64 characters, as many as Secrets Manager takes. */
function versionId(...parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function toSecretError(error: unknown): ServiceError {
  switch (errorName(error)) {
    case 'MalformedPolicyDocumentException':
      return new ServiceError('reader_not_allowed', { reason: 'no_such_role' })
    case 'ResourceNotFoundException':
      return new ServiceError('secret_missing', { reason: 'not_there' })
    case 'InvalidRequestException':
      return new ServiceError('secret_missing', { reason: 'scheduled_for_deletion' })
    // Their names lack the "Exception" of the others.
    case 'InternalServiceError':
      return new ServiceError('upstream_unavailable', { reason: 'InternalServiceError' })
    case 'EncryptionFailure':
      return new ServiceError('internal_error', { reason: 'EncryptionFailure' })
    default:
      return mapAwsError(error)
  }
}

function rethrow(error: unknown): never {
  throw toSecretError(error)
}

/** Of a secret that was seen or made a moment ago. */
function rethrowUnseen(error: unknown): never {
  if (!isMissing(error)) throw error
  throw new ServiceError('upstream_unavailable', { reason: 'secret_not_seen', cause: error })
}

/** Not there; one that is about to be deleted is. */
export function isMissing(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'secret_missing' && error.reason === 'not_there'
}

function ignoreAbsent(error: unknown): void {
  if (errorName(error) !== 'ResourceNotFoundException') throw toSecretError(error)
}

/** What every answer of Secrets Manager has. */
function known(text: string | undefined): string {
  if (text === undefined) throw new ServiceError('upstream_error', { reason: 'secret_without_arn' })
  return text
}
