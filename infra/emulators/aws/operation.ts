// What an operation of local AWS is to the server; it knows nothing of HTTP and nothing of a particular service.
import type * as z from 'zod/mini'
import { parseInput } from './input.ts'
import type { Principal } from './principal.ts'

/** The names for being throttled and for an internal failure of the service. */
export type ErrorNames = { readonly throttled: string; readonly internal: string }

export type JsonVersion = '1.0' | '1.1'

/** `unsigned` operations are those that AWS lets anybody call: they carry a credential in their input instead. */
export type Operation = {
  readonly access: 'signed' | 'unsigned'
  /** Where the service model has other names for this operation than for the rest of its service. */
  readonly errorNames?: Partial<ErrorNames>
  /** `gone` aborts when nobody waits for the answer any more. */
  readonly run: (input: unknown, caller: Principal, gone: AbortSignal) => Promise<object>
  /** Of an operation that takes a batch: runs half of it, rounded up, and answers what the rest is. */
  readonly runHalf?: (input: unknown) => Promise<object>
}

export type OperationTable = Readonly<Record<string, Operation>>

/** What the service model calls the sentence of an exception; the SDKs read either. */
export type MessageMember = 'message' | 'Message'

export type Service = {
  /** The part of `X-Amz-Target` before the dot; of a service of the Query protocol, its API version. */
  readonly targetPrefix: string
  readonly operations: OperationTable
  readonly errorNames: ErrorNames
  readonly messageMember?: MessageMember
  /** Of resources that no policy can open to another account: callers of others are refused what has to be signed. */
  readonly onlyAccount?: string
  /** The version of AWS JSON that the service speaks; 1.1 when absent. */
  readonly jsonVersion?: JsonVersion
  /**
   * What the Query protocol calls errors, by their names, where it has other names: errors then carry that code too.
   * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
   */
  readonly queryCodes?: Readonly<Record<string, string>>
}

export type DefineOperation = <Input>(
  schema: z.ZodMiniType<Input>,
  run: (input: Input, caller: Principal) => object | Promise<object>,
  options?: { readonly access: Operation['access'] },
) => Operation

/** Operations whose input is held to its schema first; `invalidInputError` is what the service calls a bad one. */
export function operationsRefusing(invalidInputError: string): DefineOperation {
  return (schema, run, { access } = { access: 'signed' }) => ({
    access,
    run: async (input, caller) => run(parseInput({ schema, errorName: invalidInputError, input }), caller),
  })
}
