// The one table of the routes of both apps: to each row of access-rules.ts, what it takes and answers. For types, tests and
// documents alone: no bundle has it.
import * as z from 'zod/mini'
import { accessRules, app1Rules, type AccessRule, type App1Rule } from './access-rules.ts'
import { createdUser, createServiceUserRequest, createUserRequest, sampleRequest, sampleResponse } from './contract.ts'
import type { ErrorCode } from './errors.ts'

export type App = 'app1' | 'app2'

/** Who serves a route of App2; App1 is one function. */
export type App2Function = 'create-user' | 'sample'

type Contract = {
  /** Its name in the documents, unique in its app. */
  readonly operation: string
  readonly summary: string
  /** What the schemas cannot say. */
  readonly description?: string
  /** The request headers that it reads, but for those of the body. */
  readonly headers?: readonly RequestHeader[]
  /** The body; none where there is no schema. */
  readonly request?: { readonly schema: z.ZodMiniType; readonly example: unknown }
  readonly success: { readonly status: 200 | 201; readonly schema: z.ZodMiniType; readonly example: unknown }
  /** Of its problem documents, API Gateway's in front of App2 included. */
  readonly codes: readonly ErrorCode[]
}

type App2Contract = Contract & { readonly function: App2Function }

export type RequestHeader = 'idempotency-key' | 'x-latchkey-request-id'

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

const healthy = { status: 200, schema: z.object({ status: z.literal('ok') }), example: { status: 'ok' } } as const

/** A row of access-rules.ts without a contract, and a contract without a row, do not compile. */
export const contracts = {
  app1: {
    'POST /create-service-user': {
      operation: 'createServiceUser',
      summary: 'Creates a service user',
      description: `${usernameRules} The password follows the pool’s policy: see \`weak_password\`. A repeat is safe with the same body and \`Idempotency-Key\`.`,
      headers: ['idempotency-key'],
      request: {
        schema: createServiceUserRequest,
        example: { ...creation, password: 'Correct-Horse-7-Battery' },
      },
      success: created,
      codes: [...ofBody, 'forbidden', ...ofCreation, ...ofUpstream, 'not_ready', 'sign_in_unavailable'],
    },
    'GET /health': {
      operation: 'health',
      summary: 'Says that App1 runs; calls nothing',
      success: healthy,
      codes: ['invalid_request', 'internal_error'],
    },
  } as const satisfies Record<NameOf<(typeof app1Rules)[number]>, Contract>,
  app2: {
    'POST /admin/create-user': {
      function: 'create-user',
      operation: 'createUser',
      summary: 'Creates a service user for App1',
      description: `${usernameRules} The password is sealed to this one request.`,
      headers: ['x-latchkey-request-id'],
      request: {
        schema: createUserRequest,
        example: {
          ...creation,
          encrypted_password: 'latchkey.v1.kms.AQICAHg',
          provisioning_id: created.example.provisioning_id,
          requested_by: 'arn:aws:iam::123456789012:role/orders',
        },
      },
      success: created,
      codes: [...ofBody, ...ofGate, ...ofCreation, 'password_unreadable', ...ofUpstream],
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

export type App1Route = App1Rule & Contract
export type App2Route = AccessRule & App2Contract

/** The rows of both apps, each with its contract, in the order of access-rules.ts. */
export const routes: { readonly app1: readonly App1Route[]; readonly app2: readonly App2Route[] } = {
  app1: join<App1Rule, Contract>(app1Rules, contracts.app1),
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
