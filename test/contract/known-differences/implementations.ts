// The implementations of AWS, written by others, that the contract suite is held to: the one place that excuses a statement.
import { miniStackDifferences } from './ministack.ts'
import { motoDifferences } from './moto.ts'

export const implementations = { moto: motoDifferences, ministack: miniStackDifferences } as const

export type Implementation = keyof typeof implementations

export function isImplementation(name: string): name is Implementation {
  return Object.hasOwn(implementations, name)
}

export function isKnownToDiffer(implementation: Implementation, statement: string): boolean {
  return Object.hasOwn(implementations[implementation], statement)
}

/** Differ on every one of them: these statements rest on AWS's pages alone. */
export const keptByNone = Object.keys(motoDifferences).filter((statement) =>
  Object.values(implementations).every((table) => Object.hasOwn(table, statement)),
)
