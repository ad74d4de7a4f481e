// Takes one HTTP request through protocol, latency, quotas and faults to its operation; it knows no operation by name.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsError } from './aws-error.ts'
import type { CallLog } from './call-log.ts'
import type { CallPlan, FaultKind } from './faults.ts'
import { readCall, writeError, writeResult, type AwsCall, type ErrorForm, type Reply } from './json-protocol.ts'
import type { ErrorNames, JsonVersion, Operation, Service } from './operation.ts'
import type { Principal } from './principal.ts'
import { isQuery, readQueryCall, writeQueryError, writeQueryResult } from './query-protocol.ts'

export type CallHandlerDeps = {
  readonly services: readonly Service[]
  readonly log: CallLog
  readonly latencyMs: number
  /** Whether a request quota admits the call. */
  readonly admits: (operation: string) => boolean
  readonly planCall: (operation: string) => CallPlan
  readonly principalOf: (accessKeyId: string | undefined) => Principal
}

type SilentFault = Extract<FaultKind, 'timeout' | 'connection_reset'>

type Target = {
  readonly name: string
  readonly operation: Operation
  readonly errorNames: ErrorNames
  readonly errorForm: ErrorForm
  readonly onlyAccount: string | undefined
}

/** How answers go out: in the protocol that the call came in. */
type Writer = {
  readonly result: (operation: string, result: object) => void
  readonly error: (error: AwsError, form?: ErrorForm) => void
}

/** A function that answers one request. It resolves when the answer is written or the connection is gone. */
export function createCallHandler(
  deps: CallHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const requestId = randomUUID()
    const isForm = isQuery(request)
    const version = versionFor(request, deps.services)
    const writer = isForm ? queryWriter(response, requestId) : jsonWriter(response, { requestId, version })
    let call: AwsCall
    let target: Target
    try {
      call = await (isForm ? readQueryCall(request) : readCall(request, version))
      target = findTarget(deps.services, call)
    } catch (error) {
      // What is no AwsError is the client going away while it sends: the answer will reach nobody.
      writer.error(error instanceof AwsError ? error : new AwsError('InternalFailure', '', 500))
      return
    }
    const end = deps.log.start(target.name)
    const plan = deps.planCall(target.name)
    if (deps.latencyMs > 0) await sleep(deps.latencyMs)
    const { run: runWhole, runHalf = runWhole } = target.operation
    const caller = deps.principalOf(call.accessKeyId)
    const run = () => {
      requireAccount(target, caller)
      return (plan.partial ? runHalf : runWhole)(call.input, caller, closing(response))
    }
    const outcome = plan.before ?? (await perform(deps, target, run))
    end(await answer({ response, writer, target, outcome: plan.after ?? outcome }))
  }
}

/** Takes the answer away: a reset at once, or silence until the client gives up or the server closes. */
export async function withholdAnswer(response: ServerResponse, kind: SilentFault): Promise<void> {
  if (kind === 'connection_reset') response.socket?.resetAndDestroy()
  if (!response.destroyed) await once(response, 'close')
}

/** A failure on purpose, in the words of the service. */
function faultError(errorNames: ErrorNames, kind: Exclude<FaultKind, SilentFault>): AwsError {
  switch (kind) {
    case 'throttled':
      return new AwsError(errorNames.throttled, 'Rate exceeded')
    case 'internal_error':
      return new AwsError(errorNames.internal, 'An internal error occurred.', 500)
    case 'access_denied':
      return new AwsError('AccessDeniedException', 'The caller is not authorized to perform this operation.')
  }
}

function findTarget(services: readonly Service[], { target, isSigned }: AwsCall): Target {
  const [prefix, name = ''] = target.split('.')
  const service = services.find(({ targetPrefix }) => targetPrefix === prefix)
  const operation =
    service !== undefined && Object.hasOwn(service.operations, name) ? service.operations[name] : undefined
  if (service === undefined || operation === undefined) throw new AwsError('UnknownOperationException', '')
  if (operation.access === 'signed' && !isSigned) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  const { onlyAccount } = service
  return {
    name,
    operation,
    errorNames: { ...service.errorNames, ...operation.errorNames },
    errorForm: service,
    onlyAccount,
  }
}

/** Throws AccessDeniedException for a caller of another account, where the service has no policies that could let it in. */
function requireAccount({ name, operation, onlyAccount }: Target, { arn, accountId }: Principal): void {
  if (onlyAccount === undefined || operation.access === 'unsigned' || accountId === onlyAccount) return
  throw new AwsError('AccessDeniedException', `User: ${arn} is not authorized to perform: ${name}`)
}

/** The version that the service of the call's target speaks; of no service that there is, 1.1. */
function versionFor(request: IncomingMessage, services: readonly Service[]): JsonVersion {
  const prefix = String(request.headers['x-amz-target']).split('.', 1)[0]
  return services.find(({ targetPrefix }) => targetPrefix === prefix)?.jsonVersion ?? '1.1'
}

function closing(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => {
    controller.abort()
  })
  return controller.signal
}

async function perform(
  deps: CallHandlerDeps,
  { name, errorNames }: Target,
  run: () => Promise<object>,
): Promise<object> {
  if (!deps.admits(name)) return new AwsError(errorNames.throttled, 'Rate exceeded')
  try {
    return await run()
  } catch (error) {
    if (error instanceof AwsError) return error
    reportDefect(name, error)
    return new AwsError(errorNames.internal, 'An internal error occurred.', 500)
  }
}

/** Where local AWS itself broke: the stack without its message, which might repeat what was sent. */
function reportDefect(operation: string, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '))
  console.error([`local AWS: ${operation} failed unexpectedly`, ...frames].join('\n'))
}

/** Writes the answer, or withholds it, and says what the call log should keep of it. */
async function answer(options: {
  readonly response: ServerResponse
  readonly writer: Writer
  readonly target: Target
  readonly outcome: object | FaultKind
}): Promise<string | undefined> {
  const { response, writer, target, outcome } = options
  if (outcome === 'timeout' || outcome === 'connection_reset') {
    await withholdAnswer(response, outcome)
    return outcome
  }
  const result = typeof outcome === 'string' ? faultError(target.errorNames, outcome) : outcome
  if (!(result instanceof AwsError)) {
    writer.result(target.name, result)
    return undefined
  }
  writer.error(result, target.errorForm)
  return result.name
}

function jsonWriter(response: ServerResponse, reply: Reply): Writer {
  return {
    result: (_operation, result) => {
      writeResult(response, reply, result)
    },
    error: (error, form) => {
      writeError(response, reply, error, form)
    },
  }
}

function queryWriter(response: ServerResponse, requestId: string): Writer {
  return {
    result: (operation, result) => {
      writeQueryResult(response, { requestId, operation, result })
    },
    error: (error) => {
      writeQueryError(response, requestId, error)
    },
  }
}
