// The implementations of AWS, written by others, that the contract suite is held to: the one place that excuses a statement.
import type { KnownDifference } from './known-difference.ts'
import { miniStackDifferences } from './ministack.ts'
import { motoDifferences } from './moto.ts'

export const implementations = { moto: motoDifferences, ministack: miniStackDifferences } as const satisfies Record<
  string,
  readonly KnownDifference[]
>

/** Differ on every one of them: these statements rest on AWS's pages alone. */
export const keptByNone = motoDifferences
  .map(({ statement }) => statement)
  .filter((text) => Object.values(implementations).every((table) => table.some(({ statement }) => statement === text)))

export type Implementation = keyof typeof implementations

export function isImplementation(name: string): name is Implementation {
  return Object.hasOwn(implementations, name)
}
