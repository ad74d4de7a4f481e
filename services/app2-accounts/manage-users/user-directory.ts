// What manage-users needs of a user directory. Writes address a user by `sub`, and may all be repeated without harm.
import type { SecretValue } from '#shared/text/secret-value.ts'

export type DirectoryUser = {
  readonly sub: string
  readonly username: string
  readonly enabled: boolean
  /** True until a permanent password was set: nobody can sign in as this user yet. */
  readonly awaitsPassword: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Both are absent for users that Latchkey did not make. */
  readonly provisioningId: string | undefined
  readonly humanUserId: string | undefined
  /** Absent where the human was claimed, and nobody verified it. */
  readonly humanProof?: string | undefined
}

export type DirectoryPage = { readonly users: readonly DirectoryUser[]; readonly nextToken: string | undefined }

export type ListQuery = {
  readonly prefix: string | undefined
  readonly limit: number
  readonly token: string | undefined
}

type CallOptions = { readonly signal: AbortSignal }

/** All but the list throw UserMissingError when there is no such user; all throw ServiceError. */
export type UserDirectory = {
  /** By name or, as Cognito takes it in place of the name, by `sub`. */
  readonly read: (username: string, options: CallOptions) => Promise<DirectoryUser>
  readonly groupsOf: (sub: string, options: CallOptions) => Promise<readonly string[]>
  /** Throws `invalid_request` for a token that the directory does not know, or knows no more. */
  readonly list: (query: ListQuery, options: CallOptions) => Promise<DirectoryPage>
  /** No sign-in and no refresh from here on. */
  readonly disable: (sub: string, options: CallOptions) => Promise<void>
  /** Ends every session: refresh tokens are dead, and access tokens are at Cognito's own API. */
  readonly signOut: (sub: string, options: CallOptions) => Promise<void>
  readonly enable: (sub: string, options: CallOptions) => Promise<void>
  /** Throws `weak_password` if the directory's own policy refuses it. */
  readonly setPermanentPassword: (sub: string, password: SecretValue, options: CallOptions) => Promise<void>
  readonly addToGroup: (sub: string, group: string, options: CallOptions) => Promise<void>
  readonly removeFromGroup: (sub: string, group: string, options: CallOptions) => Promise<void>
  readonly remove: (sub: string, options: CallOptions) => Promise<void>
}
