// What an operation of local AWS is to the server; it knows nothing of HTTP and nothing of a particular service.
import type * as z from 'zod/mini'
import { parseInput } from './input.ts'
import type { Principal } from './principal.ts'

/** The names for being throttled and for an internal failure of the service. */
export type ErrorNames = { readonly throttled: string; readonly internal: string }

/** `unsigned` operations are those that AWS lets anybody call: they carry a credential in their input instead. */
export type Operation = {
  readonly access: 'signed' | 'unsigned'
  /** Where the service model has other names for this operation than for the rest of its service. */
  readonly errorNames?: Partial<ErrorNames>
  readonly run: (input: unknown, caller: Principal) => Promise<object>
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
