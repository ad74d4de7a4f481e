// The one table of the routes of both apps: to each row of access-rules.ts, what it takes and answers. For types, tests and
// documents alone: no bundle has it.
import * as z from 'zod/mini'
import { accessRules, app1Rules, type AccessRule, type App1Rule } from './access-rules.ts'
import {
  createdUser,
  createServiceUserRequest,
  createUserRequest,
  longerBodies,
  sampleRequest,
  sampleResponse,
} from './contract.ts'
import {
  deletedUser,
  deletionQuery,
  deletionRequest,
  endedUser,
  listQuery,
  listRequest,
  membershipRequest,
  ofMembership,
  ofUser,
  passwordRequest,
  resetPasswordRequest,
  resetUser,
  serviceUser,
  userList,
  userPage,
  userRequest,
} from './user-contract.ts'
import {
  acceptedJob,
  checkedUsers,
  checkUsersRequest,
  dryCreation,
  dryJob,
  dryRunQuery,
  jobRequest,
  jobRows,
  jobRowsQuery,
  jobStatus,
  ofJob,
} from './job-contract.ts'
import type { ErrorCode } from './errors.ts'

export type App = 'app1' | 'app2'

/** Who serves a route of App1. */
export type App1Function = 'app1-provisioner' | 'jobs'

/** Who serves a route of App2. */
export type App2Function = 'create-user' | 'check-users' | 'manage-users' | 'sample'

type Contract = {
  /** Its name in the documents, unique in its app. */
  readonly operation: string
  readonly summary: string
  /** What the schemas cannot say. */
  readonly description?: string
  /** The request headers that it reads, but for those of the body. */
  readonly headers?: readonly RequestHeader[]
  /** The parameters of the path, and those of the query. */
  readonly parameters?: { readonly path?: z.ZodMiniObject; readonly query?: z.ZodMiniObject }
  /** The body; none where there is no schema. */
  readonly request?: { readonly schema: z.ZodMiniType; readonly example: unknown }
  /** Its largest body in bytes, where that is not the usual one. */
  readonly longestBodyBytes?: number
  readonly success: Success<200 | 201 | 202>
  /** The answer to `?dry_run=true`. */
  readonly dryRun?: Success<200>
  /** Of its problem documents, API Gateway's in front of App2 included. */
  readonly codes: readonly ErrorCode[]
}

type Success<Status> = { readonly status: Status; readonly schema: z.ZodMiniType; readonly example: unknown }

/** App1's are of the function app1-provisioner where they name no other. */
type App1Contract = Contract & { readonly function?: App1Function }

type App2Contract = Contract & { readonly function: App2Function }

export type RequestHeader = 'idempotency-key' | 'x-latchkey-request-id' | 'x-human-token'

/** `POST /sample` */
type NameOf<Rule> = Rule extends { readonly method: infer M extends string; readonly path: infer P extends string }
  ? `${M} ${P}`
  : never

const ofBody = ['invalid_request', 'payload_too_large', 'unsupported_media_type'] as const
const ofCreation = ['weak_password', 'user_exists', 'idempotency_key_reused', 'partial_provision'] as const
/** What Cognito, KMS and Secrets Manager bring, or API Gateway in front of App2. */
const ofUpstream = [
  'throttled',
  'internal_error',
  'upstream_error',
  'upstream_unavailable',
  'upstream_timeout',
] as const
const ofGate = ['unauthorized', 'forbidden'] as const
const ofHuman = ['human_token_missing', 'human_token_invalid', 'human_mismatch'] as const
const ofDelivery = ['reader_not_allowed', 'secret_missing'] as const
const ofMachine = ['forbidden', ...ofUpstream, 'not_ready', 'sign_in_unavailable'] as const
const ofApp1 = ['invalid_request', ...ofMachine] as const
const ofManaging = [...ofBody, ...ofGate, ...ofUpstream] as const

const creation = { username: 'orders-worker', human_user_id: 'alice@example.com' }

const usernameRules =
  'The username is kept in lower case; it has not the form of a UUID and does not begin with `latchkey-machine-`.'

const created = {
  status: 201,
  schema: createdUser,
  example: {
    message: 'Service user created',
    username: creation.username,
    group: 'service-user',
    created_by: creation.human_user_id,
    created_at: '2026-11-28T09:51:06.362Z',
    provisioning_id: 'v1.9VCJYrc2d1jnKHvUGh8cVQ.cGquHb7mCyx6uX0fMco_dQ',
  },
} as const

const user = {
  username: creation.username,
  user_id: 'e60426f4-111e-4dd5-9f8c-57fbb2653906',
  status: 'active',
  human_user_id: creation.human_user_id,
  human_proof: 'claimed',
  created_at: created.example.created_at,
  updated_at: '2026-11-28T09:51:06.401Z',
  provisioning_id: created.example.provisioning_id,
} as const
const groups = ['service-user'] as const
const access_ends_at = '2026-11-28T10:08:12.000Z'
const requested_by = 'arn:aws:iam::123456789012:role/orders'
const { username } = creation

const shown = { status: 200, schema: serviceUser, example: { ...user, groups } } as const
const ended = {
  status: 200,
  schema: endedUser,
  example: { ...user, status: 'disabled', groups, access_ends_at },
} as const
const reset = {
  status: 200,
  schema: resetUser,
  example: { ...ended.example, status: 'active' },
} as const
const deleted = {
  status: 200,
  schema: deletedUser,
  example: { username, user_id: user.user_id, access_ends_at },
} as const

const job_id = 'pGWd6pVJ2c5WnV8M4sSl2A'
const job = {
  job_id,
  state: 'running',
  created_at: created.example.created_at,
  rows: { total: 10_000, waiting: 7_500, done: 2_499, failed: 1, cancelled: 0 },
  rows_per_second: 15,
  estimated_end: '2026-11-28T10:02:12.000Z',
  expires_at: '2026-12-28T09:51:06.362Z',
} as const
const ofJobs = ['invalid_request', 'forbidden', 'job_not_found', ...ofUpstream] as const

const ofMember = { path: ofMembership } as const
const endsAt =
  '`access_ends_at` is the instant after which no token of before, and no answer that a gateway remembers, opens App2.'
const toOneUser = { schema: userRequest, example: { username, requested_by } } as const
const toOneMember = { schema: membershipRequest, example: { username, group: 'service-user', requested_by } } as const

const healthy = { status: 200, schema: z.object({ status: z.literal('ok') }), example: { status: 'ok' } } as const

/** A row of access-rules.ts without a contract, and a contract without a row, do not compile. */
export const contracts = {
  app1: {
    'POST /create-service-user': {
      operation: 'createServiceUser',
      summary: 'Creates a service user',
      description: `${usernameRules} The password follows the pool’s policy: see \`weak_password\`. A repeat is safe with the same body and \`Idempotency-Key\`. The human is named by a token in \`X-Human-Token\`, by \`human_user_id\` where a token is not required, or by both alike.`,
      headers: ['idempotency-key', 'x-human-token'],
      parameters: { query: dryRunQuery },
      request: {
        schema: createServiceUserRequest,
        example: { ...creation, password: 'Correct-Horse-7-Battery' },
      },
      success: created,
      dryRun: { status: 200, schema: dryCreation, example: { username, would: 'create' } },
      codes: [...ofBody, ...ofHuman, ...ofCreation, ...ofDelivery, ...ofMachine],
    },
    'GET /service-users': {
      operation: 'listServiceUsers',
      summary: 'Lists service users, a page at a time',
      description:
        'A page may be short, or empty, and still have a `cursor`: the next one. Cognito’s lists lag behind: a user that was made or changed a moment ago may be absent or old in them.',
      parameters: { query: listQuery },
      success: {
        status: 200,
        schema: userPage,
        example: { users: [user], cursor: 'v1.Y29nbml0bw.pGWd6pVJ2c5WnV8M4sSl2A' },
      },
      codes: ofApp1,
    },
    'GET /service-users/{username}': {
      operation: 'getServiceUser',
      summary: 'A service user as the pool has it',
      parameters: { path: ofUser },
      success: shown,
      codes: [...ofApp1, 'user_not_found'],
    },
    'POST /service-users/{username}/disable': {
      operation: 'disableServiceUser',
      summary: 'Disables a service user and ends its sessions',
      description: endsAt,
      parameters: { path: ofUser },
      success: ended,
      codes: [...ofApp1, 'user_not_found'],
    },
    'POST /service-users/{username}/enable': {
      operation: 'enableServiceUser',
      summary: 'Lets a disabled service user sign in again',
      parameters: { path: ofUser },
      success: shown,
      codes: [...ofApp1, 'user_not_found'],
    },
    'POST /service-users/{username}/reset-password': {
      operation: 'resetServiceUserPassword',
      summary: 'Gives a service user another password and ends its sessions',
      description: `The password follows the pool’s policy: see \`weak_password\`. ${endsAt}`,
      parameters: { path: ofUser },
      request: { schema: resetPasswordRequest, example: { password: 'Correct-Horse-8-Battery' } },
      success: reset,
      codes: [...ofMachine, ...ofBody, ...ofDelivery, 'weak_password', 'user_not_found', 'user_incomplete'],
    },
    'PUT /service-users/{username}/groups/{group}': {
      operation: 'addServiceUserToGroup',
      summary: 'Puts a service user into a group of service users',
      parameters: ofMember,
      success: shown,
      codes: [...ofApp1, 'user_not_found'],
    },
    'DELETE /service-users/{username}/groups/{group}': {
      operation: 'removeServiceUserFromGroup',
      summary: 'Takes a service user out of a group',
      description: endsAt,
      parameters: ofMember,
      success: { ...ended, example: { ...ended.example, status: 'active', groups: [] } },
      codes: [...ofApp1, 'user_not_found'],
    },
    'DELETE /service-users/{username}': {
      operation: 'deleteServiceUser',
      summary: 'Deletes a disabled service user',
      description: `With \`force=true\` an enabled one too, which is disabled first. It cannot be undone; a repeat answers \`user_not_found\`. ${endsAt}`,
      parameters: { path: ofUser, query: deletionQuery },
      success: deleted,
      codes: [...ofApp1, 'user_not_found', 'user_enabled'],
    },
    'POST /jobs': {
      function: 'jobs',
      operation: 'createJob',
      summary: 'Creates up to 10,000 service users, one after another',
      description:
        'All rows are checked first; where any is refused, nothing is kept. A repeat is safe with the same body and `Idempotency-Key`.',
      headers: ['idempotency-key', 'x-human-token'],
      parameters: { query: dryRunQuery },
      longestBodyBytes: longerBodies['POST /jobs'],
      request: {
        schema: jobRequest,
        example: { rows: [{ ...creation, password: 'Correct-Horse-7-Battery' }] },
      },
      success: { status: 202, schema: acceptedJob, example: { job_id, status_url: `/jobs/${job_id}` } },
      dryRun: { status: 200, schema: dryJob, example: { rows: [{ row: 0, username, would: 'create' }] } },
      codes: [...ofBody, ...ofHuman, ...ofMachine, 'invalid_rows', 'idempotency_key_reused'],
    },
    'GET /jobs/{id}': {
      function: 'jobs',
      operation: 'getJob',
      summary: 'How far a job is',
      description: 'A job is visible to the role that made it.',
      parameters: { path: ofJob },
      success: { status: 200, schema: jobStatus, example: job },
      codes: [...ofJobs],
    },
    'GET /jobs/{id}/rows': {
      function: 'jobs',
      operation: 'listJobRows',
      summary: 'The rows of a job, a page at a time',
      parameters: { path: ofJob, query: jobRowsQuery },
      success: {
        status: 200,
        schema: jobRows,
        example: { rows: [{ row: 17, username, state: 'failed', code: 'user_exists' }] },
      },
      codes: [...ofJobs],
    },
    'POST /jobs/{id}/cancel': {
      function: 'jobs',
      operation: 'cancelJob',
      summary: 'Ends a job before its end; what was made stays',
      parameters: { path: ofJob },
      success: { status: 200, schema: jobStatus, example: { ...job, state: 'cancelling' } },
      codes: [...ofJobs],
    },
    'GET /health': {
      operation: 'health',
      summary: 'Says that App1 runs; calls nothing',
      success: healthy,
      codes: ['invalid_request', 'internal_error'],
    },
  } as const satisfies Record<NameOf<(typeof app1Rules)[number]>, App1Contract>,
  app2: {
    'POST /admin/create-user': {
      function: 'create-user',
      operation: 'createUser',
      summary: 'Creates a service user for App1',
      description: `${usernameRules} The password is sealed to this one request.`,
      headers: ['x-latchkey-request-id', 'x-human-token'],
      request: {
        schema: createUserRequest,
        example: {
          ...creation,
          encrypted_password: 'latchkey.v1.kms.AQICAHg',
          provisioning_id: created.example.provisioning_id,
          requested_by,
        },
      },
      success: created,
      codes: [...ofBody, ...ofGate, ...ofHuman, ...ofCreation, ...ofDelivery, 'password_unreadable', ...ofUpstream],
    },
    'POST /admin/check-users': {
      function: 'check-users',
      operation: 'checkUsers',
      summary: 'What creations would do, for App1; writes nothing',
      headers: ['x-latchkey-request-id'],
      longestBodyBytes: longerBodies['POST /admin/check-users'],
      request: {
        schema: checkUsersRequest,
        example: { rows: [{ username, provisioning_id: created.example.provisioning_id }], requested_by },
      },
      success: { status: 200, schema: checkedUsers, example: { rows: [{ would: 'create' }] } },
      codes: [...ofManaging],
    },
    'POST /admin/users/read': {
      function: 'manage-users',
      operation: 'readUser',
      summary: 'A service user, for App1',
      headers: ['x-latchkey-request-id'],
      request: toOneUser,
      success: shown,
      codes: [...ofManaging, 'user_not_found'],
    },
    'POST /admin/users/list': {
      function: 'manage-users',
      operation: 'listUsers',
      summary: 'A page of service users, for App1',
      headers: ['x-latchkey-request-id'],
      request: { schema: listRequest, example: { prefix: 'orders-', limit: 20, requested_by } },
      success: { status: 200, schema: userList, example: { users: [user], pagination_token: 'Y29nbml0bw' } },
      codes: [...ofManaging],
    },
    'POST /admin/users/disable': {
      function: 'manage-users',
      operation: 'disableUser',
      summary: 'Disables a service user and ends its sessions',
      headers: ['x-latchkey-request-id'],
      request: toOneUser,
      success: ended,
      codes: [...ofManaging, 'user_not_found'],
    },
    'POST /admin/users/enable': {
      function: 'manage-users',
      operation: 'enableUser',
      summary: 'Lets a disabled service user sign in again',
      headers: ['x-latchkey-request-id'],
      request: toOneUser,
      success: shown,
      codes: [...ofManaging, 'user_not_found'],
    },
    'POST /admin/users/reset-password': {
      function: 'manage-users',
      operation: 'resetPassword',
      summary: 'Gives a service user another password and ends its sessions',
      headers: ['x-latchkey-request-id'],
      request: {
        schema: passwordRequest,
        example: {
          username,
          encrypted_password: 'latchkey.v1.kms.AQICAHg',
          reset_id: created.example.provisioning_id,
          requested_by,
        },
      },
      success: reset,
      codes: [
        ...ofManaging,
        ...ofDelivery,
        'user_not_found',
        'user_incomplete',
        'weak_password',
        'password_unreadable',
      ],
    },
    'POST /admin/users/add-to-group': {
      function: 'manage-users',
      operation: 'addToGroup',
      summary: 'Puts a service user into a group of service users',
      headers: ['x-latchkey-request-id'],
      request: toOneMember,
      success: shown,
      codes: [...ofManaging, 'user_not_found'],
    },
    'POST /admin/users/remove-from-group': {
      function: 'manage-users',
      operation: 'removeFromGroup',
      summary: 'Takes a service user out of a group',
      headers: ['x-latchkey-request-id'],
      request: toOneMember,
      success: ended,
      codes: [...ofManaging, 'user_not_found'],
    },
    'POST /admin/users/delete': {
      function: 'manage-users',
      operation: 'deleteUser',
      summary: 'Deletes a service user',
      headers: ['x-latchkey-request-id'],
      request: { schema: deletionRequest, example: { username, force: false, requested_by } },
      success: deleted,
      codes: [...ofManaging, 'user_not_found', 'user_enabled'],
    },
    'POST /sample': {
      function: 'sample',
      operation: 'sample',
      summary: 'An example of what a service user may call',
      request: { schema: sampleRequest, example: { data: { request_id: 'r-1', payload: { hello: 'world' } } } },
      success: {
        status: 200,
        schema: sampleResponse,
        example: {
          message: 'Processed',
          request_id: 'r-1',
          processed_by: 'e60426f4-111e-4dd5-9f8c-57fbb2653906',
          processed_at: '2026-11-28T09:51:06.737Z',
        },
      },
      codes: [...ofBody, ...ofGate, ...ofUpstream],
    },
    'GET /health': {
      function: 'sample',
      operation: 'health',
      summary: 'Says that App2 runs; calls nothing',
      success: healthy,
      codes: ['invalid_request', ...ofUpstream],
    },
  } as const satisfies Record<NameOf<(typeof accessRules)[number]>, App2Contract>,
}

/** Each route's contract by its method and path. */
export type Contracts = (typeof contracts)['app1'] & (typeof contracts)['app2']

export type App1Route = App1Rule & App1Contract
export type App2Route = AccessRule & App2Contract

/** The rows of both apps, each with its contract, in the order of access-rules.ts. */
export const routes: { readonly app1: readonly App1Route[]; readonly app2: readonly App2Route[] } = {
  app1: join<App1Rule, App1Contract>(app1Rules, contracts.app1),
  app2: join<AccessRule, App2Contract>(accessRules, contracts.app2),
}

function join<Rule extends AccessRule | App1Rule, C extends Contract>(
  rules: readonly Rule[],
  contracts: Readonly<Record<string, C>>,
): (Rule & C)[] {
  return rules.flatMap((rule) => {
    const contract = contracts[`${rule.method} ${rule.path}`]
    return contract === undefined ? [] : [{ ...rule, ...contract }]
  })
}
