// The machine user's credentials from Secrets Manager, kept for five minutes; it never hands out half a secret.
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { mapAwsError } from '../../shared/aws-errors.ts'
import { createDeadline, withinDeadline, type Deadline } from '../../shared/deadline.ts'
import { ServiceError, type ErrorCode } from '../../shared/errors.ts'
import type { Logger } from '../../shared/logger.ts'
import { parseJson } from '../../shared/parse-json.ts'
import { SecretValue } from '../../shared/secret-value.ts'
import { singleFlight } from '../../shared/single-flight.ts'

export type MachineSecret = {
  /** Secrets Manager's id of this version; another version may hold another machine user. */
  readonly version: string
  /** Secret as well: who knows the name can lock the machine user out. */
  readonly username: SecretValue
  readonly password: SecretValue
  readonly clientId: string
  readonly clientSecret: SecretValue
  readonly idempotencySecret: SecretValue
}

export type MachineSecretSource = {
  /** The current version, at most five minutes old, or one hour while Secrets Manager is slow or out of reach. */
  current(deadline: Deadline): Promise<MachineSecret>
  /** The current version as Secrets Manager has it now, past the cache. */
  reread(deadline: Deadline): Promise<MachineSecret>
}

type MachineSecretDeps = {
  readonly secretsManager: SecretsManagerClient
  readonly secretArn: string
  readonly now: () => number
  readonly logger: Logger
}

const maxAgeMs = 5 * 60_000
/** Two machine users alternate, so an older version stays good for a whole rotation period; an hour is well within. */
const maxStaleMs = 60 * 60_000
/** After a failure the old one serves without a new attempt, so that an outage does not add seconds to each request. */
const backOffMs = 30_000
/** Failures that say nothing of the secret. One that was emptied, or taken from us, is to be noticed at once. */
const passing = new Set<ErrorCode>(['throttled', 'upstream_unavailable', 'upstream_timeout'])
/** A flight has a deadline of its own, since those who wait for it have different ones. */
const flightMs = 8_000

const nonEmpty = z.string().check(z.minLength(1))

/** Before its first rotation the secret holds the idempotency secret alone. */
const storedSecret = z.object({
  username: nonEmpty,
  password: nonEmpty,
  client_id: nonEmpty,
  client_secret: nonEmpty,
  idempotency_secret: z.string().check(z.minLength(32)),
})

/**
 * Throws `not_ready` while the secret holds no machine user, `internal_error` when it is malformed, gone or not ours to
 * read, and what `mapAwsError` says when Secrets Manager fails.
 */
export function createMachineSecretSource(deps: MachineSecretDeps): MachineSecretSource {
  let cached: { secret: MachineSecret; readAt: number } | undefined
  let failedAt = -Infinity

  const reread = singleFlight(async () => {
    const { signal } = createDeadline({ now: deps.now, budgetMs: flightMs })
    const secret = await readSecret(deps, signal())
    cached = { secret, readAt: deps.now() }
    return secret
  })

  return {
    reread: (deadline) => withinDeadline(reread(), deadline),
    current: async (deadline) => {
      const age = cached === undefined ? Infinity : deps.now() - cached.readAt
      const serves = cached !== undefined && age <= maxStaleMs
      if (cached !== undefined && (age < maxAgeMs || (serves && deps.now() - failedAt < backOffMs)))
        return cached.secret
      try {
        return await withinDeadline(reread(), deadline)
      } catch (error) {
        const failure = mapAwsError(error)
        if (cached === undefined || !serves || !passing.has(failure.code)) throw failure
        failedAt = deps.now()
        deps.logger.warn('machine secret not refreshed, the older one serves', { reason: failure.reason })
        return cached.secret
      }
    },
  }
}

async function readSecret(deps: MachineSecretDeps, abortSignal: AbortSignal): Promise<MachineSecret> {
  const command = new GetSecretValueCommand({ SecretId: deps.secretArn, VersionStage: 'AWSCURRENT' })
  const answer = await deps.secretsManager.send(command, { abortSignal }).catch((error: unknown) => {
    throw mapAwsError(error)
  })
  if (answer.VersionId === undefined || answer.SecretString === undefined) {
    throw new ServiceError('upstream_error', { reason: 'secret_without_string' })
  }
  return parseSecret(answer.SecretString, answer.VersionId)
}

function parseSecret(text: string, version: string): MachineSecret {
  const json = parseJson(text)
  const parsed = z.safeParse(storedSecret, json)
  if (!parsed.success) {
    const hasUser = typeof json === 'object' && json !== null && 'username' in json
    if (hasUser || json === undefined) throw new ServiceError('internal_error', { reason: 'machine_secret_malformed' })
    throw new ServiceError('not_ready', { reason: 'machine_secret_without_user' })
  }
  const { username, password, client_id, client_secret, idempotency_secret } = parsed.data
  return {
    version,
    username: new SecretValue(username),
    password: new SecretValue(password),
    clientId: client_id,
    clientSecret: new SecretValue(client_secret),
    idempotencySecret: new SecretValue(idempotency_secret),
  }
}
