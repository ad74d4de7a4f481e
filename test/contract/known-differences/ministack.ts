// Where MiniStack differs from AWS.
import type { KnownDifference } from './known-difference.ts'

/** As of MiniStack 1.5.33. */
export const miniStackDifferences: readonly KnownDifference[] = []
