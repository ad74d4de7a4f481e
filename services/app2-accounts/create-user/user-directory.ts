// What create-user needs of a user directory. A user is addressed by `sub` once it exists, never by name.
import type { SecretValue } from '../../../shared/secret-value.ts'

export type NewUser = {
  readonly username: string
  readonly humanUserId: string
  readonly provisioningId: string
}

export type CreateResult =
  /** The user exists, cannot sign in yet, and belongs to no group. `createdAt` is the directory's time. */
  { readonly kind: 'created'; readonly sub: string; readonly createdAt: Date } | { readonly kind: 'name_taken' }

type CallOptions = { readonly signal: AbortSignal }

export type UserDirectory = {
  create(user: NewUser, options: CallOptions): Promise<CreateResult>
  addToGroup(sub: string, group: string, options: CallOptions): Promise<void>
  /** From here on the user can sign in. Throws `weak_password` if the directory's own policy refuses it. */
  setPermanentPassword(sub: string, password: SecretValue, options: CallOptions): Promise<void>
}
