// An app's OpenAPI 3.1 document, made from the table of routes; no function has it.
import {
  createDocument,
  type ZodOpenApiMediaTypeObject,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import * as z from 'zod/mini'
import { checkPassword, createdUser, parseParameters, parseRequest } from '#shared/contract.ts'
import { acceptedJob, dryCreation, dryJob, jobRow, jobStatus } from '#shared/job-contract.ts'
import { deletedUser, endedUser, listedUser, resetUser, serviceUser } from '#shared/user-contract.ts'
import { errorTable, ServiceError, toServiceError, type ErrorCode } from '#shared/errors.ts'
import { problemResponse, toProblem, type WriteContext, type Problem } from '#shared/http/problem.ts'
import { routes, type App1Route, type App2Route, type RequestHeader } from '#shared/routes.ts'

type Route = App1Route | App2Route
type Documents = { readonly app1: object; readonly app2: object }

/** The documents of both apps. Throws for a schema that JSON Schema cannot express. */
export function openApiDocuments(version: string, rows: typeof routes = routes): Documents {
  return {
    app1: toDocument(rows.app1, {
      info: { title: 'Latchkey App1', version, description: 'Services ask it for service users of App2.' },
      servers: [server('https://{apiId}.execute-api.{region}.amazonaws.com', {})],
      gatewayMessages: httpApiMessages,
      schemas: namedInApp1,
    }),
    app2: toDocument(rows.app2, {
      info: { title: 'Latchkey App2', version, description: 'Has the service users, and what they may call.' },
      servers: [server('https://{apiId}.execute-api.{region}.amazonaws.com/{stage}', { stage: { default: 'dev' } })],
      gatewayMessages: restApiMessages,
      schemas: named,
    }),
  }
}

/** RFC 9457 with our members. Each answer narrows `status` and `code`. */
export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(Object.keys(errorTable) as ErrorCode[]),
  request_id: z.string(),
  errors: z.exactOptional(
    z.array(
      z.union([
        z.strictObject({ pointer: z.string(), detail: z.string() }),
        z.strictObject({ header: z.string(), detail: z.string() }),
        z.strictObject({ parameter: z.string(), detail: z.string() }),
      ]),
    ),
  ),
  idempotency_key: z.exactOptional(z.string()),
  outcome: z.exactOptional(z.enum(['none', 'unknown', 'partial'])),
}) satisfies z.ZodMiniType<unknown, Problem>

/** What gets a name of its own in the documents, and so a type in what is generated from them. */
const named = {
  CreatedUser: createdUser,
  ListedUser: listedUser,
  ServiceUser: serviceUser,
  EndedUser: endedUser,
  ResetUser: resetUser,
  DeletedUser: deletedUser,
}

const namedInApp1 = {
  ...named,
  DryCreation: dryCreation,
  AcceptedJob: acceptedJob,
  DryJob: dryJob,
  JobStatus: jobStatus,
  JobRow: jobRow,
}

const gatewayMessage = z.strictObject({ message: z.string() })

/** What API Gateway says in its own words, by status; a REST API's other answers are problem documents. */
type GatewayMessages = Readonly<Record<string, string>>

const restApiMessages = { 413: 'Request Too Long', 431: 'Request Header Fields Too Large' } satisfies GatewayMessages
const httpApiMessages = {
  ...restApiMessages,
  403: 'Forbidden',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} satisfies GatewayMessages

/** Of a path that cannot be decoded, and of one that is no route any more when it is: see http-route-table.ts. */
const parameterMessages = { 400: 'Bad Request', 404: 'Not Found' } satisfies GatewayMessages

const securitySchemes = {
  sigv4: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'AWS Signature Version 4 for the service `execute-api`.',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of the user pool.',
  },
} as const

const requestHeaders = {
  'idempotency-key': {
    name: 'Idempotency-Key',
    description: 'The same for each repeat of a request; one is made, and told in a failure, where it is absent.',
    schema: {
      type: 'string',
      pattern: '^([!#-+\\x2d-\\x5b\\x5d-\\x7e]{1,255}|"[!#-+\\x2d-\\x5b\\x5d-\\x7e]{1,255}")$',
    },
    example: 'orders-1',
  },
  'x-latchkey-request-id': {
    name: 'X-Latchkey-Request-Id',
    description: 'App1’s id of the request, for the log alone. One value, in ASCII; what is no UUID is ignored.',
    schema: { type: 'string', minLength: 1 },
    example: '4fed7296-52bc-4f10-943c-5e9b315c1469',
  },
  'x-human-token': {
    name: 'X-Human-Token',
    description:
      'An access token (JWT) of the human on whose behalf the request is made, of an issuer in `HUMAN_ISSUERS`. With ' +
      '`HUMAN_IDENTITY=verified` it is required.',
    schema: { type: 'string', minLength: 1, maxLength: 4096 },
    example: 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSJ9.c2lnbmF0dXJl',
  },
} as const satisfies Record<RequestHeader, object>

const responseHeaders = {
  'WWW-Authenticate': { description: 'RFC 6750, section 3.', schema: { type: 'string' } },
  'Retry-After': { description: 'In seconds.', schema: { type: 'integer', minimum: 1 } },
} as const

const requestId = '4fed7296-52bc-4f10-943c-5e9b315c1469'

function server(url: string, variables: Readonly<Record<string, { readonly default: string }>>) {
  return { url, variables: { apiId: { default: 'abcdef1234' }, region: { default: 'us-east-1' }, ...variables } }
}

type Setting = Required<Pick<ZodOpenApiObject, 'info' | 'servers'>> & {
  readonly gatewayMessages: GatewayMessages
  readonly schemas: Readonly<Record<string, z.ZodMiniType>>
}

function toDocument(rows: readonly Route[], { info, servers, gatewayMessages, schemas }: Setting): object {
  const used = Object.entries(securitySchemes).filter(([name]) =>
    rows.some((route) => securityOf(route).some((scheme) => name in scheme)),
  )
  return createDocument({
    openapi: '3.1.1',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers,
    paths: Object.fromEntries(
      [...Map.groupBy(rows, ({ path }) => path)].map(([path, ofPath]) => [
        path,
        Object.fromEntries(ofPath.map((route) => [route.method.toLowerCase(), toOperation(route, gatewayMessages)])),
      ]),
    ),
    components: {
      schemas: { Problem: problem, GatewayMessage: gatewayMessage, ...schemas },
      securitySchemes: Object.fromEntries(used),
    },
  })
}

function toOperation(route: Route, gatewayMessages: GatewayMessages): ZodOpenApiOperationObject {
  const { operation, summary, description = '', parameters, request, success, dryRun, headers = [] } = route
  const json = ({ schema, example }: { schema: z.ZodMiniType; example: unknown }) => ({
    'application/json': { schema, example },
  })
  return {
    operationId: operation,
    summary,
    description: [description, whoMay(route), sizeOf(route)].filter((text) => text !== '').join(' '),
    security: securityOf(route),
    ...(headers.length > 0 && { parameters: headers.map((name) => ({ in: 'header', ...requestHeaders[name] })) }),
    ...(parameters && { requestParams: parameters }),
    ...(request && { requestBody: { required: true, content: json(request) } }),
    responses: {
      ...(dryRun && { [dryRun.status]: { description: 'What it would do.', content: json(dryRun) } }),
      [success.status]: { description: 'Done.', content: json(success) },
      ...failures(route, { ...gatewayMessages, ...(parameters?.path && parameterMessages) }),
    },
  }
}

function sizeOf({ longestBodyBytes }: Route): string {
  return longestBodyBytes === undefined ? '' : `The body has at most ${longestBodyBytes.toLocaleString('en')} bytes.`
}

function securityOf({ access }: Route): Record<string, string[]>[] {
  if (access === 'public') return []
  if (typeof access === 'string') return [{ sigv4: [] }]
  return [{ bearer: [] }, ...(access.principal === undefined ? [] : [{ sigv4: [] }])]
}

function whoMay({ access }: Route): string {
  switch (access) {
    case 'public':
      return 'Open to anyone.'
    case 'signed':
      return 'For anyone whom IAM lets through.'
    case 'create':
    case 'read':
    case 'write':
    case 'delete':
      return `For the IAM roles that \`ALLOWED_CALLERS\` gives the permission \`${access}\`.`
    default: {
      const { client, group, scope, principal } = access
      const token = `For a token of the ${client} client, of a user in the group \`${group}\` or with the scope \`${scope}\``
      return principal === undefined ? `${token}.` : `${token}; in \`sigv4\` for the role of App1.`
    }
  }
}

function failures(route: Route, gatewayMessages: GatewayMessages): Record<string, ZodOpenApiResponseObject> {
  // In the order of the table of errors.
  const errors = (Object.keys(errorTable) as ErrorCode[])
    .filter((code) => route.codes.includes(code))
    .map((code) => exampleOf(code, route))
  const statuses = new Set([...errors.map(({ status }) => String(status)), ...Object.keys(gatewayMessages)])
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      toFailure(
        errors.filter((error) => String(error.status) === status),
        { message: gatewayMessages[status], write: writeOf(route) },
      ),
    ]),
  )
}

type FailureOptions = { readonly message: string | undefined; readonly write: WriteContext | undefined }

function toFailure(errors: readonly ServiceError[], { message, write }: FailureOptions): ZodOpenApiResponseObject {
  const answers = errors.map((error) => problemResponse(error, requestId))
  const headers = Object.entries(responseHeaders).filter(([name]) => answers.some((answer) => answer.headers.has(name)))
  return {
    description: errors.map(({ code }) => `${errorTable[code].title}.`).join(' ') || 'In API Gateway’s own words.',
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    content: {
      ...(errors.length > 0 && { 'application/problem+json': problemContent(errors, write) }),
      ...(message !== undefined && { 'application/json': { schema: gatewayMessage, example: { message } } }),
    },
  }
}

function problemContent(errors: readonly ServiceError[], write: WriteContext | undefined): ZodOpenApiMediaTypeObject {
  const properties = {
    status: { enum: [...new Set(errors.map(({ status }) => status))] },
    code: { enum: errors.map(({ code }) => code) },
  }
  return {
    schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties }] },
    examples: Object.fromEntries(errors.map((error) => [error.code, { value: toProblem(error, requestId, write) }])),
  }
}

/** What the failures of a write tell beside the error. */
function writeOf(route: Route): WriteContext | undefined {
  if (route.headers?.includes('idempotency-key')) return { idempotencyKey: requestHeaders['idempotency-key'].example }
  return isWrite(route) ? {} : undefined
}

function isWrite({ method, access, function: served }: Route): boolean {
  if (served === 'check-users') return false
  if (typeof access === 'string') return method !== 'GET'
  return access.client === 'machine' && access.scope !== 'app2/users.read'
}

/** As our code throws it. */
function exampleOf(code: ErrorCode, { request, parameters }: Route): ServiceError {
  if (code === 'weak_password') return thrownBy(checkPassword, 'correct-horse')
  if (code === 'invalid_rows') {
    const errors = thrownBy(checkPassword, 'Correct-Horse').errors?.map((error) => ({
      ...error,
      pointer: '/rows/3/password',
    }))
    return new ServiceError(code, { ...(errors && { errors }) })
  }
  if (code === 'throttled') return new ServiceError(code, { retryAfterSeconds: 1 })
  if (code !== 'invalid_request') return new ServiceError(code)
  if (request !== undefined) return thrownBy((body) => parseRequest(request.schema, body), {})
  const { path, query } = parameters ?? {}
  if (path) return thrownBy((given) => parseParameters(path, given), { [Object.keys(path.shape)[0] ?? '']: '-' })
  if (query) return thrownBy((given) => parseParameters(query, given), { limit: '0' })
  return new ServiceError(code, { errors: [{ header: 'content-type', detail: 'must be sent once, with one value' }] })
}

function thrownBy<Input>(check: (input: Input) => unknown, refused: Input): ServiceError {
  try {
    check(refused)
  } catch (error) {
    return toServiceError(error)
  }
  throw new Error('nothing was refused')
}
