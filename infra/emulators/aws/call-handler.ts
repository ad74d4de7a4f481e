// Takes one HTTP request through protocol, latency, quotas and faults to its operation; it knows no operation by name.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsError } from './aws-error.ts'
import type { CallLog } from './call-log.ts'
import type { CallPlan, FaultKind } from './faults.ts'
import { readCall, writeError, writeResult, type AwsCall } from './json-protocol.ts'
import type { ErrorNames, MessageMember, Operation, Service } from './operation.ts'
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
  readonly messageMember: MessageMember | undefined
}

/** How answers go out: in the protocol that the call came in. */
type Writer = {
  readonly result: (operation: string, result: object) => void
  readonly error: (error: AwsError, messageMember?: MessageMember) => void
}

/** A function that answers one request. It resolves when the answer is written or the connection is gone. */
export function createCallHandler(
  deps: CallHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const requestId = randomUUID()
    const isForm = isQuery(request)
    const writer = isForm ? queryWriter(response, requestId) : jsonWriter(response, requestId)
    let call: AwsCall
    let target: Target
    try {
      call = await (isForm ? readQueryCall(request) : readCall(request))
      target = findTarget(deps.services, call)
    } catch (error) {
      // What is no AwsError is the client going away while it sends: the answer will reach nobody.
      writer.error(error instanceof AwsError ? error : new AwsError('InternalFailure', '', 500))
      return
    }
    const end = deps.log.start(target.name)
    const plan = deps.planCall(target.name)
    if (deps.latencyMs > 0) await sleep(deps.latencyMs)
    const outcome = plan.before ?? (await perform(deps, target, call))
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
  const { errorNames, messageMember } = service
  return { name, operation, errorNames: { ...errorNames, ...operation.errorNames }, messageMember }
}

async function perform(
  deps: CallHandlerDeps,
  { name, operation, errorNames }: Target,
  { input, accessKeyId }: AwsCall,
): Promise<object> {
  if (!deps.admits(name)) return new AwsError(errorNames.throttled, 'Rate exceeded')
  try {
    return await operation.run(input, deps.principalOf(accessKeyId))
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
  writer.error(result, target.messageMember)
  return result.name
}

function jsonWriter(response: ServerResponse, requestId: string): Writer {
  return {
    result: (_operation, result) => {
      writeResult(response, requestId, result)
    },
    error: (error, messageMember) => {
      writeError(response, requestId, error, messageMember)
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
