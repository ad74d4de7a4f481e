// Says which part of the set-up failed; its message never holds a secret.
import type * as z from 'zod/mini'

/** `what` names the file, the resource or the step; `problem` says what is wrong with it. */
export class SetUpError extends Error {
  override readonly name = 'SetUpError'

  constructor(what: string, problem: string, options: { readonly cause?: unknown } = {}) {
    super(`${what}: ${problem}`, options)
  }
}

/** Each place of a template that a schema refused, and the keys that it does not know. For people who edit templates. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .map((issue) => {
      const place = issue.path.length === 0 ? 'the top' : issue.path.join('.')
      if (issue.code === 'unrecognized_keys')
        return `${place} has ${issue.keys.join(', ')}, which this set-up does not know`
      return `${place} is missing or not as this set-up expects it`
    })
    .join('; ')
}
