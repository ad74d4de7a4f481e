// The JSON of a service user's life, between caller, App1 and App2: types and their schemas. Apart from contract.ts, since not
// every function has a part in it.
import * as z from 'zod/mini'
import {
  anyUsername,
  newPassword,
  onePassword,
  passwordForApp2,
  provisioningId,
  timestamp,
  visibleAscii,
} from './contract.ts'

/** The groups that the table of routes has for service users. */
export const serviceGroups = ['service-user'] as const

const serviceGroup = z.enum(serviceGroups, 'must be a group of service users')

/** A service user as the pool has it. `disabled` is told before `incomplete`, which has no permanent password yet. */
export const listedUser = z.object({
  username: z.string(),
  /** The pool's `sub`. */
  user_id: z.string(),
  status: z.enum(['active', 'disabled', 'incomplete']),
  human_user_id: z.string(),
  /** By what the human was known when the user was made; `human_issuer` is the issuer of a verified token. */
  human_proof: z._default(z.enum(['claimed', 'verified']), 'claimed'),
  human_issuer: z.optional(z.string()),
  created_at: timestamp,
  updated_at: timestamp,
  provisioning_id: provisioningId,
})

export const serviceUser = z.extend(listedUser, { groups: z.array(serviceGroup) })

/**
 * By when the last token of the user is dead, and the last answer about it that a gateway remembers: after the change, the
 * life of an access token and of the gateway's memory.
 */
const ending = { access_ends_at: timestamp }

export const endedUser = z.extend(serviceUser, ending)

/** `secret_arn` is where a generated password is. */
export const resetUser = z.extend(endedUser, { secret_arn: z.optional(z.string()) })

export const deletedUser = z.object({ username: z.string(), user_id: z.string(), ...ending })

const prefix = z
  .string('must be a string')
  .check(z.regex(/^[a-z0-9][a-z0-9._-]{0,127}$/, 'must be the beginning of a username, in lower case'))

// --- App1: what stands in the path and in the query.

export const ofUser = z.strictObject({ username: anyUsername })

export const ofMembership = z.strictObject({ username: anyUsername, group: serviceGroup })

export const listQuery = z.strictObject({
  prefix: z.optional(prefix),
  limit: z._default(
    z.pipe(
      z.string().check(z.regex(/^([1-9]|[1-5]\d|60)$/, 'must be a whole number from 1 to 60')),
      z.transform(Number),
    ),
    20,
  ),
  cursor: z.optional(z.string()),
})

export const deletionQuery = z.strictObject({
  force: z._default(z.enum(['true', 'false'], 'must be true or false'), 'false'),
})

export const resetPasswordRequest = z.strictObject({ password: newPassword })

export const userPage = z.object({ users: z.array(listedUser), cursor: z.optional(z.string()) })

// --- App2: what App1 asks it. `requested_by` as in a creation.

const requestedBy = visibleAscii(1024)

export const userRequest = z.strictObject({ username: anyUsername, requested_by: requestedBy })

export const membershipRequest = z.strictObject({
  username: anyUsername,
  group: serviceGroup,
  requested_by: requestedBy,
})

export const deletionRequest = z.strictObject({
  username: anyUsername,
  force: z.boolean('must be true or false'),
  requested_by: requestedBy,
})

/** `reset_id` binds a sealed password to this one request. */
export const passwordRequest = z
  .strictObject({ username: anyUsername, ...passwordForApp2, reset_id: provisioningId, requested_by: requestedBy })
  .check(onePassword)

/** Cognito names no limit; a longer one would not fit into the address of App1's next page. */
const longestPaginationToken = 6_000

export const listRequest = z.strictObject({
  prefix: z.optional(prefix),
  limit: z.int('must be a whole number').check(z.gte(1, 'must be 1 or more'), z.lte(60, 'must be 60 at most')),
  pagination_token: z.optional(visibleAscii(longestPaginationToken)),
  requested_by: requestedBy,
})

/** `pagination_token` is Cognito's. */
export const userList = z.object({ users: z.array(listedUser), pagination_token: z.optional(z.string()) })

export type ServiceUser = z.infer<typeof serviceUser>
export type ResetUser = z.infer<typeof resetUser>
export type EndedUser = z.infer<typeof endedUser>
export type DeletedUser = z.infer<typeof deletedUser>
export type ListedUser = z.infer<typeof listedUser>
export type UserList = z.infer<typeof userList>
export type UserPage = z.infer<typeof userPage>
export type ServiceGroup = z.infer<typeof serviceGroup>
export type UserRequest = z.infer<typeof userRequest>
export type MembershipRequest = z.infer<typeof membershipRequest>
export type DeletionRequest = z.infer<typeof deletionRequest>
export type PasswordRequest = z.infer<typeof passwordRequest>
export type ListRequest = z.infer<typeof listRequest>
