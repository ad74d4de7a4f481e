// The JSON that travels between caller, App1 and App2: types and their schemas. It never puts input into an error.
import * as z from 'zod/mini'
import { ServiceError, type FieldError } from './errors.ts'
import { passwordProblems } from './password-policy.ts'

/** Largest request body that either app reads, in bytes. */
export const longestBodyBytes = 16_384

/** Carries App1's request id to App2, for the log alone: it is not part of what was asked for. */
export const callerRequestIdHeader = 'x-latchkey-request-id'

/** No service user may look like a machine user: their names open sign-ins that App1 depends on. */
export const machineUserPrefix = 'latchkey-machine-'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

// Cognito accepts a `sub`, which is a UUID, wherever it accepts a username: a user named like another one's `sub`
// could be taken for that one.
const anyUsername = z.pipe(
  z.pipe(
    z
      .string('must be a string')
      .check(
        z.regex(
          /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
          'must be 1 to 128 letters, digits, dots, underscores or hyphens of ASCII, and begin with a letter or digit',
        ),
      ),
    z.transform((text) => text.toLowerCase()),
  ),
  z.string().check(z.refine((name) => !uuid.test(name), 'must not have the form of a UUID')),
)

const username = z.pipe(
  anyUsername,
  z.string().check(z.refine((name) => !name.startsWith(machineUserPrefix), 'must not begin with a reserved prefix')),
)

const visibleAscii = (longest: number): z.ZodMiniString =>
  z
    .string('must be a string')
    .check(z.regex(new RegExp(`^[\\x21-\\x7e]{1,${longest}}$`), `must be 1 to ${longest} visible ASCII characters`))

const humanUserId = visibleAscii(256)

/** `v1.<id>.<fp>`, each part 128 bits as unpadded base64url (22 characters, the last one of four possible). */
export const provisioningIdPattern = /^v1\.[A-Za-z0-9_-]{21}[AQgw]\.[A-Za-z0-9_-]{21}[AQgw]$/

const provisioningId = z
  .string('must be a string')
  .check(z.regex(provisioningIdPattern, 'must be a provisioning id of version 1'))

const timestamp = z.string().check(z.iso.datetime())

/** What a caller sends to App1. The password's rules have a code of their own, so they are not checked here. */
export const createServiceUserRequest = z.strictObject({
  username,
  password: z.string('must be a string'),
  human_user_id: humanUserId,
})

const encryptedPassword = z
  .string('must be a string')
  .check(z.minLength(1, 'must not be empty'), z.maxLength(12_288, 'must be at most 12288 characters'))

/** Cognito names no limit; a longer one would not fit into the address of App1's next page. */
const longestPaginationToken = 6_000

/** What App1 sends to App2. `requested_by` is the principal that API Gateway verified in front of App1. */
export const createUserRequest = z.strictObject({
  username,
  encrypted_password: encryptedPassword,
  human_user_id: humanUserId,
  provisioning_id: provisioningId,
  requested_by: visibleAscii(1024),
})

/** What both apps answer to a creation. `created_at` is when Cognito made the user (RFC 3339, UTC). */
export const createdUser = z.object({
  message: z.string(),
  username: z.string(),
  group: z.literal('service-user'),
  created_by: z.string(),
  created_at: timestamp,
  provisioning_id: provisioningId,
})

/** The groups that the table of routes has for service users. */
const serviceGroup = z.enum(['service-user'], 'must be a group of service users')

/** A service user as the pool has it. `disabled` is told before `incomplete`, which has no permanent password yet. */
export const listedUser = z.object({
  username: z.string(),
  /** The pool's `sub`. */
  user_id: z.string(),
  status: z.enum(['active', 'disabled', 'incomplete']),
  human_user_id: z.string(),
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

export const resetPasswordRequest = z.strictObject({ password: z.string('must be a string') })

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

/** `reset_id` binds the sealed password to this one request. */
export const sealedPasswordRequest = z.strictObject({
  username: anyUsername,
  encrypted_password: encryptedPassword,
  reset_id: provisioningId,
  requested_by: requestedBy,
})

export const listRequest = z.strictObject({
  prefix: z.optional(prefix),
  limit: z.int('must be a whole number').check(z.gte(1, 'must be 1 or more'), z.lte(60, 'must be 60 at most')),
  pagination_token: z.optional(visibleAscii(longestPaginationToken)),
  requested_by: requestedBy,
})

/** `pagination_token` is Cognito's. */
export const userList = z.object({ users: z.array(listedUser), pagination_token: z.optional(z.string()) })

export const sampleRequest = z.strictObject({
  data: z.strictObject({ request_id: visibleAscii(128), payload: z.unknown() }),
})

export const sampleResponse = z.object({
  message: z.string(),
  request_id: z.string(),
  processed_by: z.string(),
  processed_at: timestamp,
})

/** RFC 9457, with our extension members. Read leniently: API Gateway's own answers have no `code`. */
export const problemDocument = z.object({
  code: z.string(),
  errors: z.optional(z.array(z.object({ pointer: z.optional(z.string()), detail: z.string() }))),
  outcome: z.optional(z.enum(['none', 'unknown', 'partial'])),
})

export type CreateUserRequest = z.infer<typeof createUserRequest>
export type CreatedUser = z.infer<typeof createdUser>
export type SampleResponse = z.infer<typeof sampleResponse>
export type ServiceUser = z.infer<typeof serviceUser>
export type EndedUser = z.infer<typeof endedUser>
export type DeletedUser = z.infer<typeof deletedUser>
export type ListedUser = z.infer<typeof listedUser>
export type UserList = z.infer<typeof userList>
export type UserPage = z.infer<typeof userPage>
export type ServiceGroup = z.infer<typeof serviceGroup>
export type UserRequest = z.infer<typeof userRequest>
export type MembershipRequest = z.infer<typeof membershipRequest>
export type DeletionRequest = z.infer<typeof deletionRequest>
export type SealedPasswordRequest = z.infer<typeof sealedPasswordRequest>
export type ListRequest = z.infer<typeof listRequest>
export type ProblemDocument = z.infer<typeof problemDocument>

/** `body` as `schema` describes it. Throws `invalid_request` with one entry for each field that is wrong. */
export function parseRequest<Schema extends z.ZodMiniType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, body)
  if (parsed.success) return parsed.data
  throw new ServiceError('invalid_request', { errors: parsed.error.issues.map(toFieldError) })
}

/** Parameters of a path or a query as `schema` describes them. Throws `invalid_request` with one entry for each that is wrong. */
export function parseParameters<Schema extends z.ZodMiniType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, given)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map((issue) => {
    const { detail } = toFieldError(issue)
    const [name] = issue.path
    return { parameter: name === undefined ? '' : String(name), detail }
  })
  throw new ServiceError('invalid_request', { errors })
}

/** Throws `weak_password`, naming each rule that the password breaks and nothing of the password. */
export function checkPassword(password: string): void {
  const problems = passwordProblems(password)
  if (problems.length === 0) return
  throw new ServiceError('weak_password', {
    errors: problems.map((detail) => ({ pointer: '/password', detail })),
  })
}

function toFieldError(issue: z.core.$ZodIssue): FieldError {
  const pointer = issue.path.map((step) => `/${String(step)}`).join('')
  // The names of unknown fields are input, so they are counted and not repeated.
  if (issue.code === 'unrecognized_keys') {
    return { pointer, detail: `holds ${issue.keys.length} unknown field(s)` }
  }
  if (issue.code === 'invalid_type' && issue.expected === 'object') return { pointer, detail: 'must be a JSON object' }
  // Zod's own sentence, which its locales make longer, and not one of ours.
  const isUnnamed = issue.message.startsWith('Invalid input')
  return { pointer, detail: isUnnamed ? 'is missing or of the wrong type' : issue.message }
}
