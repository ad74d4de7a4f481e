// The JSON that travels between caller, App1 and App2: types and their schemas. It never puts input into an error.
import * as z from 'zod/mini'
import { ServiceError, type FieldError } from './errors.ts'
import { parseRoleArn } from './aws/role-arn.ts'
import { passwordProblems } from './password-policy.ts'

/** Largest request body that either app reads, in bytes, but for the routes of `longerBodies`. */
export const longestBodyBytes = 16_384

/** Largest body, in bytes, of the routes that take many rows in one request. */
export const longerBodies = {
  'POST /jobs': 6 * 1024 * 1024,
  'POST /admin/check-users': 1024 * 1024,
} as const

/** Largest body of the route, in bytes. */
export function longestBodyOf(method: string, path: string): number {
  const route = Object.entries(longerBodies).find(([name]) => name === `${method} ${path}`)
  return route?.[1] ?? longestBodyBytes
}

/** Carries App1's request id to App2, for the log alone: it is not part of what was asked for. */
export const callerRequestIdHeader = 'x-latchkey-request-id'

/** Carries a token of the human on whose behalf a request is made, from the caller to App1 and on to App2. */
export const humanTokenHeader = 'x-human-token'

/** The routes that take it; on any other it would be passed over in silence, and is refused. */
export const humanTokenRoutes: readonly string[] = [
  'POST /create-service-user',
  'POST /jobs',
  'POST /admin/create-user',
]

/** No service user may look like a machine user: their names open sign-ins that App1 depends on. */
export const machineUserPrefix = 'latchkey-machine-'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

// Cognito accepts a `sub`, which is a UUID, wherever it accepts a username: a user named like another one's `sub`
// could be taken for that one.
export const anyUsername = z.pipe(
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

export const visibleAscii = (longest: number): z.ZodMiniString =>
  z
    .string('must be a string')
    .check(z.regex(new RegExp(`^[\\x21-\\x7e]{1,${longest}}$`), `must be 1 to ${longest} visible ASCII characters`))

const humanUserId = visibleAscii(256)

/** `v1.<id>.<fp>`, each part 128 bits as unpadded base64url (22 characters, the last one of four possible). */
export const provisioningIdPattern = /^v1\.[A-Za-z0-9_-]{21}[AQgw]\.[A-Za-z0-9_-]{21}[AQgw]$/

export const provisioningId = z
  .string('must be a string')
  .check(z.regex(provisioningIdPattern, 'must be a provisioning id of version 1'))

export const timestamp = z.string().check(z.iso.datetime())

const roleArn = z.string('must be a string').check(
  z.maxLength(1024, 'must be at most 1024 characters'),
  z.refine((text) => parseRoleArn(text) !== undefined, 'must be the ARN of an IAM role, without wildcards'),
)

/**
 * A password as it is, or the wish that App2 makes one, which that role alone may read. The password's rules have a code of
 * their own, so they are not checked here.
 */
export const newPassword = z.union(
  [z.string(), z.strictObject({ generate: z.strictObject({ deliver_to: roleArn }) })],
  'must be a string, or {"generate": {"deliver_to": "<ARN of an IAM role>"}}',
)

/** What a caller sends to App1. */
export const createServiceUserRequest = z.strictObject({
  username,
  password: newPassword,
  /** May be absent where a token names the human: see human/identify-human.ts. */
  human_user_id: z.optional(humanUserId),
})

export const encryptedPassword = z
  .string('must be a string')
  .check(z.minLength(1, 'must not be empty'), z.maxLength(12_288, 'must be at most 12288 characters'))

/** Exactly one of the two: a sealed password, or the role that a generated one is for. */
export const passwordForApp2 = {
  encrypted_password: z.optional(encryptedPassword),
  deliver_to: z.optional(roleArn),
}

export const onePassword = z.refine<{ readonly encrypted_password?: unknown; readonly deliver_to?: unknown }>(
  (body) => (body.encrypted_password === undefined) !== (body.deliver_to === undefined),
  'must have one of encrypted_password and deliver_to',
)

/** 22 characters of base64url. */
export const jobId = z.string('must be a string').check(z.regex(/^[A-Za-z0-9_-]{22}$/, 'must be the id of a job'))

/** Of a job's row: the human as App1 verified it when it accepted the job, sealed for that job. Both or none. */
const humanOfJob = {
  job_id: z.optional(jobId),
  human_evidence: z.optional(
    z
      .string('must be a string')
      .check(z.minLength(1, 'must not be empty'), z.maxLength(8_300, 'must be at most 8300 characters')),
  ),
}

const wholeHumanOfJob = z.refine<{ readonly job_id?: unknown; readonly human_evidence?: unknown }>(
  (body) => (body.job_id === undefined) === (body.human_evidence === undefined),
  'must have job_id and human_evidence, or neither',
)

/** What App1 sends to App2. `requested_by` is the principal that API Gateway verified in front of App1. */
export const createUserRequest = z
  .strictObject({
    username,
    ...passwordForApp2,
    human_user_id: humanUserId,
    provisioning_id: provisioningId,
    requested_by: visibleAscii(1024),
    ...humanOfJob,
  })
  .check(onePassword, wholeHumanOfJob)

/**
 * What both apps answer to a creation. `created_at` is when Cognito made the user (RFC 3339, UTC). `secret_arn` is where a
 * generated password is.
 */
export const createdUser = z.object({
  message: z.string(),
  username: z.string(),
  group: z.literal('service-user'),
  created_by: z.string(),
  created_at: timestamp,
  provisioning_id: provisioningId,
  secret_arn: z.optional(z.string()),
})

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

export type NewPassword = z.infer<typeof newPassword>
export type CreateUserRequest = z.infer<typeof createUserRequest>
export type CreatedUser = z.infer<typeof createdUser>
export type SampleResponse = z.infer<typeof sampleResponse>
export type ProblemDocument = z.infer<typeof problemDocument>

/** `body` as `schema` describes it. Throws `invalid_request` with one entry for each field that is wrong. */
export function parseRequest<Schema extends z.ZodMiniType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, body)
  if (parsed.success) return parsed.data
  throw new ServiceError('invalid_request', { errors: fieldErrorsOf(parsed.error) })
}

/** One entry for each field that is wrong, with a fixed sentence. */
export function fieldErrorsOf(error: z.core.$ZodError): PointedError[] {
  return error.issues.map(toFieldError)
}

type PointedError = Extract<FieldError, { readonly pointer: string }>

/** Parameters of a path or a query as `schema` describes them. Throws `invalid_request` with one entry for each that is wrong. */
export function parseParameters<Schema extends z.ZodMiniType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, given)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map((issue) => {
    const [name = ''] = issue.path
    const isUnknown = issue.code === 'unrecognized_keys'
    const detail = isUnknown ? `holds ${issue.keys.length} unknown parameter(s)` : toFieldError(issue).detail
    return { parameter: String(name), detail }
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

function toFieldError(issue: z.core.$ZodIssue): PointedError {
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
