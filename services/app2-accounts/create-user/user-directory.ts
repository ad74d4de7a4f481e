// What create-user needs of a user directory. A user is addressed by `sub` once it exists, never by name.
import type { ExistingUser } from '#shared/recognise-user.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'

export type NewUser = {
  readonly username: string
  readonly humanUserId: string
  /** As the user keeps it; absent of a human that is merely claimed. */
  readonly humanProof?: string | undefined
  readonly provisioningId: string
}

export type CreateResult =
  | {
      /** The user exists, cannot sign in yet, and belongs to no group. */
      readonly kind: 'created'
      readonly sub: string
      /** The directory's time. */
      readonly createdAt: Date
      /** It took one attempt: none that was given up is still under way, to make the user again once it is removed. */
      readonly atOnce: boolean
    }
  | { readonly kind: 'name_taken' }

type CallOptions = { readonly signal: AbortSignal }

/** All writes but removal throw `UserMissingError` when there is no such user, or none that this part of the directory shows yet. */
export type UserDirectory = {
  create(user: NewUser, options: CallOptions): Promise<CreateResult>
  /** By `sub` or by name. Throws UserMissingError as well. */
  read(subOrUsername: string, options: CallOptions): Promise<ExistingUser>
  addToGroup(sub: string, group: string, options: CallOptions): Promise<void>
  /** From here on the user can sign in. Throws `weak_password` if the directory's own policy refuses it. */
  setPermanentPassword(sub: string, password: SecretValue, options: CallOptions): Promise<void>
  /**
   * `missing` when there was no such user, or none that this part of the directory shows yet: who has just been made
   * may still come to light.
   */
  remove(sub: string, options: CallOptions): Promise<'removed' | 'missing'>
}
