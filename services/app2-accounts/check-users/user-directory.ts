// What check-users needs of a user directory: it reads, and nothing else.
import type { ExistingUser } from '#shared/recognise-user.ts'

export type UserDirectory = {
  /** Throws UserMissingError when there is no such user; else ServiceError. */
  readonly read: (username: string, options: { readonly signal: AbortSignal }) => Promise<ExistingUser>
}
