// What of the machine secret each way of proving needs, and under which names; it never takes half of it.
import * as z from 'zod/mini'
import { SecretValue } from '#shared/text/secret-value.ts'

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
