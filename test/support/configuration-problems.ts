// What is wrong with a configuration, as the error that refuses it lists it.
import { ConfigurationError } from '#shared/env.ts'

/** Empty for one that `read` takes. What `read` throws besides is thrown on. */
export function configurationProblems(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}
