// The machine secret from Secrets Manager, kept for five minutes, and what of it each mode needs; it never hands out half.
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { mapAwsError, rethrowMapped } from '#shared/aws/aws-errors.ts'
import { createDeadline, withinDeadline, type Deadline } from '#shared/time/deadline.ts'
import { ServiceError, type ErrorCode } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { singleFlight } from '#shared/time/single-flight.ts'

export type PasswordCredentials = {
  /** Secret as well: who knows the name can lock the machine user out. */
  readonly username: SecretValue
  readonly password: SecretValue
  readonly clientId: string
  readonly clientSecret: SecretValue
}

export type ClientCredentials = { readonly clientId: string; readonly clientSecret: SecretValue }

/** `fields` are the names in the secret; `parse` gives undefined when one is missing or not what it should be. */
export type StoredCredentials<Credentials> = {
  readonly fields: readonly string[]
  readonly parse: (stored: unknown) => Credentials | undefined
}

export type MachineSecret<Credentials> = {
  /** Secrets Manager's id of this version; another version holds other credentials. */
  readonly version: string
  readonly idempotencySecret: SecretValue
  readonly credentials: Credentials
}

export type MachineSecretSource<Credentials> = {
  /** The current version, at most five minutes old, or one hour while Secrets Manager is slow or out of reach. */
  current(deadline: Deadline): Promise<MachineSecret<Credentials>>
  /** The current version as Secrets Manager has it now, past the cache. */
  reread(deadline: Deadline): Promise<MachineSecret<Credentials>>
}

type MachineSecretDeps<Credentials> = {
  readonly secretsManager: SecretsManagerClient
  readonly secretArn: string
  /** What App1's mode needs; the fields of other modes may lie beside it, and are left alone. */
  readonly stored: StoredCredentials<Credentials>
  readonly now: () => number
  readonly logger: Logger
}

const nonEmpty = z.string().check(z.minLength(1))
const storedPassword = z.object({
  username: nonEmpty,
  password: nonEmpty,
  client_id: nonEmpty,
  client_secret: nonEmpty,
})
const storedClient = z.object({ scope_client_id: nonEmpty, scope_client_secret: nonEmpty })

/** Of a user of the pool, who signs in with a password through a client that has a secret. */
export const passwordCredentials: StoredCredentials<PasswordCredentials> = {
  fields: Object.keys(storedPassword.shape),
  parse: (stored) => {
    const { data } = z.safeParse(storedPassword, stored)
    return (
      data && {
        username: new SecretValue(data.username),
        password: new SecretValue(data.password),
        clientId: data.client_id,
        clientSecret: new SecretValue(data.client_secret),
      }
    )
  },
}

/** Of an app client that stands for the machine itself. */
export const clientCredentials: StoredCredentials<ClientCredentials> = {
  fields: Object.keys(storedClient.shape),
  parse: (stored) => {
    const { data } = z.safeParse(storedClient, stored)
    return data && { clientId: data.scope_client_id, clientSecret: new SecretValue(data.scope_client_secret) }
  },
}

/** A role's credentials come with the function, not from the secret. */
export const noCredentials: StoredCredentials<null> = { fields: [], parse: () => null }

const maxAgeMs = 5 * 60_000
/** A rotation leaves the version before it valid until the next one; an hour is well within. */
const maxStaleMs = 60 * 60_000
/** After a failure the old one serves without a new attempt, so that an outage does not add seconds to each request. */
const backOffMs = 30_000
/** Failures that say nothing of the secret. One that was emptied, or taken from us, is to be noticed at once. */
const passing = new Set<ErrorCode>(['throttled', 'upstream_unavailable', 'upstream_timeout'])
/** A flight has a deadline of its own, since those who wait for it have different ones. */
const flightMs = 8_000

const commonPart = z.looseObject({ idempotency_secret: z.string().check(z.minLength(32)) })

/**
 * Throws `not_ready` while the secret holds none of the credentials (before its first rotation it has the idempotency
 * secret alone), `internal_error` when it is malformed, gone or not ours to read, and what `mapAwsError` says when
 * Secrets Manager fails.
 */
export function createMachineSecretSource<Credentials>(
  deps: MachineSecretDeps<Credentials>,
): MachineSecretSource<Credentials> {
  let cached: { secret: MachineSecret<Credentials>; readAt: number } | undefined
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

async function readSecret<Credentials>(
  deps: MachineSecretDeps<Credentials>,
  abortSignal: AbortSignal,
): Promise<MachineSecret<Credentials>> {
  const command = new GetSecretValueCommand({ SecretId: deps.secretArn, VersionStage: 'AWSCURRENT' })
  const answer = await deps.secretsManager.send(command, { abortSignal }).catch(rethrowMapped)
  if (answer.VersionId === undefined || answer.SecretString === undefined) {
    throw new ServiceError('upstream_error', { reason: 'secret_without_string' })
  }
  return { version: answer.VersionId, ...parseSecret(answer.SecretString, deps.stored) }
}

function parseSecret<Credentials>(
  text: string,
  { fields, parse }: StoredCredentials<Credentials>,
): Pick<MachineSecret<Credentials>, 'idempotencySecret' | 'credentials'> {
  const { data } = z.safeParse(commonPart, parseJson(text))
  if (data === undefined) throw new ServiceError('internal_error', { reason: 'machine_secret_malformed' })
  const credentials = parse(data)
  if (credentials === undefined) {
    const hasSome = fields.some((field) => Object.hasOwn(data, field))
    throw hasSome
      ? new ServiceError('internal_error', { reason: 'machine_secret_malformed' })
      : new ServiceError('not_ready', { reason: 'machine_secret_without_credentials' })
  }
  return { idempotencySecret: new SecretValue(data.idempotency_secret), credentials }
}
