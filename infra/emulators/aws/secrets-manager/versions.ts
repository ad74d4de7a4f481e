// The versions of one secret and how staging labels move between them; a label is never on two versions at once.
//
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
import { AwsError } from '../aws-error.ts'

export type SecretVersion = {
  readonly id: string
  /** Undefined for one that a rotation has begun and not yet filled. */
  value: string | undefined
  readonly stages: Set<string>
  readonly createdAt: number
}

export type SecretVersions = Map<string, SecretVersion>

/**
 * The new version with its labels, or the one that an earlier call with the same token and the same data made. Throws
 * ResourceExistsException where that token stands for other data: a repeated call must never change a secret.
 */
export function addVersion(
  versions: SecretVersions,
  version: {
    readonly token: string
    readonly value: string | undefined
    readonly stages: readonly string[]
    readonly createdAt: number
  },
): SecretVersion {
  const { token, value, createdAt } = version
  const existing = versions.get(token)
  if (existing !== undefined && existing.value === undefined) {
    existing.value = value
    for (const stage of version.stages) attach(versions, stage, existing)
    return existing
  }
  if (existing !== undefined) {
    if (existing.value === value) return existing
    throw new AwsError(
      'ResourceExistsException',
      'The ClientRequestToken is already in use for a version with other data.',
    )
  }
  const added: SecretVersion = { id: token, value, stages: new Set(), createdAt }
  // The first version is the current one, whatever labels it is given.
  const stages = versions.size === 0 ? new Set([...version.stages, 'AWSCURRENT']) : version.stages
  versions.set(token, added)
  for (const stage of stages) attach(versions, stage, added)
  return added
}

/** The version of that id, of that label, or of both; AWSCURRENT without either. */
export function findVersion(
  versions: SecretVersions,
  wanted: { readonly versionId: string | undefined; readonly stage: string | undefined },
): SecretVersion {
  const { versionId, stage = 'AWSCURRENT' } = wanted
  const found = versionId === undefined ? holderOf(versions, stage) : versions.get(versionId)
  if (found === undefined) throw noSuchVersion(wanted)
  if (wanted.stage !== undefined && !found.stages.has(wanted.stage)) {
    throw new AwsError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    )
  }
  return found
}

/** As `findVersion`; a version that a rotation has begun has no value to be found. */
export function findFilledVersion(versions: SecretVersions, wanted: Parameters<typeof findVersion>[1]): SecretVersion {
  const found = findVersion(versions, wanted)
  if (found.value !== undefined) return found
  throw noSuchVersion(wanted)
}

/**
 * Takes a label off `from` and puts it on `to`. The caller has to name the version that has it, so that two rotations
 * cannot move it under each other; AWSCURRENT cannot be taken off without going somewhere.
 */
export function moveStage(
  versions: SecretVersions,
  move: { readonly stage: string; readonly from: string | undefined; readonly to: string | undefined },
): void {
  const holder = holderOf(versions, move.stage)
  const target = move.to === undefined ? undefined : findVersion(versions, { versionId: move.to, stage: undefined })
  if (move.from !== undefined && holder?.id !== move.from) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be a version that staging label ${move.stage} is not attached to.`,
    )
  }
  if (holder !== undefined && holder !== target && move.from === undefined) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${move.stage} is currently attached to version ${holder.id}.`,
    )
  }
  if (target !== undefined) attach(versions, move.stage, target)
  else if (move.stage === 'AWSCURRENT') {
    throw invalid(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    )
  } else holder?.stages.delete(move.stage)
}

/** Labels of the versions that have any, as DescribeSecret shows them. */
export function stagesByVersion(versions: SecretVersions): Record<string, string[]> {
  const labelled = [...versions.values()].filter(({ stages }) => stages.size > 0)
  return Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]]))
}

/** Where AWSCURRENT comes from becomes AWSPREVIOUS: there is always one known-good value to go back to. */
function attach(versions: SecretVersions, stage: string, target: SecretVersion): void {
  const holder = holderOf(versions, stage)
  if (holder === target) return
  holder?.stages.delete(stage)
  target.stages.add(stage)
  if (stage === 'AWSCURRENT' && holder !== undefined) attach(versions, 'AWSPREVIOUS', holder)
}

/** The version that has the label. */
export function holderOf(versions: SecretVersions, stage: string): SecretVersion | undefined {
  return [...versions.values()].find(({ stages }) => stages.has(stage))
}

function noSuchVersion({ versionId, stage = 'AWSCURRENT' }: Parameters<typeof findVersion>[1]): AwsError {
  const which = versionId === undefined ? `staging label: ${stage}` : `VersionId: ${versionId}`
  return new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${which}`)
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}
