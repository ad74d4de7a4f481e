// The text that the machine secret holds, as this function writes it and App1 reads it; no part of it is ever printed.
import * as z from 'zod/mini'
import { parseJson } from '../../shared/parse-json.ts'
import { SecretValue } from '../../shared/secret-value.ts'

export type MachineCredentials = {
  /** Secret as well: who knows the name can lock the machine user out. */
  readonly username: SecretValue
  readonly password: SecretValue
  readonly clientId: string
  readonly clientSecret: SecretValue
}

export type StoredSecret = {
  /** The key of the provisioning ids. It never changes: with another one no repeated request would be recognised. */
  readonly idempotencySecret: SecretValue
  /** Absent until the first rotation. */
  readonly credentials: MachineCredentials | undefined
}

const nonEmpty = z.string().check(z.minLength(1))

const born = { idempotency_secret: z.string().check(z.minLength(32)) }

const rotated = z.strictObject({
  username: nonEmpty,
  password: nonEmpty,
  client_id: nonEmpty,
  client_secret: nonEmpty,
  ...born,
})

const stored = z.union([z.strictObject(born), rotated])

/**
 * Undefined for anything but a secret as it was born or as a rotation left it: what somebody has put beside the known
 * members would be lost with the next version.
 */
export function parseStoredSecret(text: SecretValue): StoredSecret | undefined {
  const parsed = z.safeParse(stored, parseJson(text.expose()))
  if (!parsed.success) return undefined
  const secret = parsed.data
  const idempotencySecret = new SecretValue(secret.idempotency_secret)
  if (!('username' in secret)) return { idempotencySecret, credentials: undefined }
  return {
    idempotencySecret,
    credentials: {
      username: new SecretValue(secret.username),
      password: new SecretValue(secret.password),
      clientId: secret.client_id,
      clientSecret: new SecretValue(secret.client_secret),
    },
  }
}

export function serializeStoredSecret(idempotencySecret: SecretValue, credentials: MachineCredentials): SecretValue {
  const secret: z.infer<typeof rotated> = {
    username: credentials.username.expose(),
    password: credentials.password.expose(),
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret.expose(),
    idempotency_secret: idempotencySecret.expose(),
  }
  return new SecretValue(JSON.stringify(secret))
}
