// The text that the machine secret holds, as this function writes it and App1 reads it; no part of it is ever printed.
import * as z from 'zod/mini'
import { parseJson } from '#shared/text/parse-json.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

/** Of a machine user, for `password`. */
export type UserCredentials = {
  /** Secret as well: who knows the name can lock the machine user out. */
  readonly username: SecretValue
  readonly password: SecretValue
  readonly clientId: string
  readonly clientSecret: SecretValue
}

/** Of the app client that gets tokens of its own, for the scope modes. */
export type ClientCredentials = {
  readonly clientId: string
  readonly clientSecret: SecretValue
  /** Cognito's name for this one of the client's two secrets. */
  readonly clientSecretId: string
}

/** Which credentials are there is a matter of the modes: none before the first rotation, both while a team moves over. */
export type StoredSecret = {
  /** The key of the provisioning ids. It never changes: with another one no repeated request would be recognised. */
  readonly idempotencySecret: SecretValue
  readonly user: UserCredentials | undefined
  readonly client: ClientCredentials | undefined
}

const nonEmpty = z.string().check(z.minLength(1))

const born = { idempotency_secret: z.string().check(z.minLength(32)) }
const ofUser = { username: nonEmpty, password: nonEmpty, client_id: nonEmpty, client_secret: nonEmpty }
const ofClient = { scope_client_id: nonEmpty, scope_client_secret: nonEmpty, scope_client_secret_id: nonEmpty }

const stored = z.union([
  z.strictObject(born),
  z.strictObject({ ...ofUser, ...born }),
  z.strictObject({ ...ofClient, ...born }),
  z.strictObject({ ...ofUser, ...ofClient, ...born }),
])

/**
 * Undefined for anything but a secret as it was born or as a rotation left it: what somebody has put beside the known
 * members would be lost with the next version.
 */
export function parseStoredSecret(text: SecretValue): StoredSecret | undefined {
  const parsed = z.safeParse(stored, parseJson(text.expose()))
  if (!parsed.success) return undefined
  const secret = parsed.data
  return {
    idempotencySecret: new SecretValue(secret.idempotency_secret),
    user:
      'username' in secret
        ? {
            username: new SecretValue(secret.username),
            password: new SecretValue(secret.password),
            clientId: secret.client_id,
            clientSecret: new SecretValue(secret.client_secret),
          }
        : undefined,
    client:
      'scope_client_id' in secret
        ? {
            clientId: secret.scope_client_id,
            clientSecret: new SecretValue(secret.scope_client_secret),
            clientSecretId: secret.scope_client_secret_id,
          }
        : undefined,
  }
}

export function serializeStoredSecret({ idempotencySecret, user, client }: StoredSecret): SecretValue {
  const secret: z.infer<typeof stored> = {
    ...(user && {
      username: user.username.expose(),
      password: user.password.expose(),
      client_id: user.clientId,
      client_secret: user.clientSecret.expose(),
    }),
    ...(client && {
      scope_client_id: client.clientId,
      scope_client_secret: client.clientSecret.expose(),
      scope_client_secret_id: client.clientSecretId,
    }),
    idempotency_secret: idempotencySecret.expose(),
  }
  return new SecretValue(JSON.stringify(secret))
}
