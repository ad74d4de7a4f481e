// Holds the input of an operation to its service model and words what is wrong as AWS does; it never echoes a value.
import * as z from 'zod/mini'
import { AwsError } from './aws-error.ts'

type Bounds = { readonly min?: number; readonly max?: number }

type Parsing<T> = {
  readonly schema: z.ZodMiniType<T>
  /** What this service calls a value outside its constraints, `InvalidParameterException` or `ValidationException`. */
  readonly errorName: string
  readonly input: unknown
}

/**
 * The input as the schema types it; members that the schema does not name are dropped, as AWS ignores them. Throws
 * `SerializationException` where JSON of another type stands than the model has, and `errorName` for everything else.
 */
export function parseInput<T>({ schema, errorName, input }: Parsing<T>): T {
  const result = z.safeParse(schema, input)
  if (result.success) return result.data
  const failures = result.error.issues.map((issue) => describe(issue, input))
  if (failures.includes(undefined)) {
    throw new AwsError('SerializationException', 'A member of the request has another JSON type than the model says.')
  }
  const errors = `${failures.length} validation error${failures.length === 1 ? '' : 's'} detected: `
  throw new AwsError(errorName, errors + failures.join('; '))
}

/** A string of `min` to `max` characters that matches `pattern`, as the service model writes it, from end to end. */
export function text({ min, max, pattern }: Bounds & { readonly pattern?: string } = {}): z.ZodMiniString {
  const checks = [...lengthChecks<string>({ ...bounds(min, max), lengthOf: (value) => value.length })]
  if (pattern !== undefined) checks.push(patternCheck(pattern))
  return z.string().check(...checks)
}

/** A whole number from `min` to `max`. */
export function integer({ min, max }: Bounds): z.ZodMiniNumber {
  const above = z.refine<number>((value) => min === undefined || value >= min, {
    error: `Member must have value greater than or equal to ${min}`,
  })
  const below = z.refine<number>((value) => max === undefined || value <= max, {
    error: `Member must have value less than or equal to ${max}`,
  })
  return z.int().check(above, below)
}

/** `min` to `max` bytes, which travel as base64. */
export function blob({ min, max }: Bounds): z.ZodMiniType<Buffer> {
  const bytes = z.pipe(
    z.base64(),
    z.transform((encoded: string) => Buffer.from(encoded, 'base64')),
  )
  return bytes.check(...lengthChecks<Buffer>({ ...bounds(min, max), lengthOf: (value) => value.length }))
}

/** A JSON object whose values are strings. */
export const stringMap = z.record(z.string(), z.string())

function bounds(min: number | undefined, max: number | undefined): Bounds {
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
}

function lengthChecks<T>({ min = 0, max = Infinity, lengthOf }: Bounds & { readonly lengthOf: (value: T) => number }) {
  return [
    z.refine<T>((value) => lengthOf(value) >= min, {
      error: `Member must have length greater than or equal to ${min}`,
    }),
    z.refine<T>((value) => lengthOf(value) <= max, { error: `Member must have length less than or equal to ${max}` }),
  ]
}

function patternCheck(pattern: string) {
  const whole = new RegExp(`^(?:${pattern})$`, 'u')
  return z.refine<string>((value) => whole.test(value), {
    error: `Member must satisfy regular expression pattern: ${pattern}`,
  })
}

/** AWS's sentence about one issue, or undefined where the JSON itself has the wrong shape. */
function describe(issue: z.core.$ZodIssue, input: unknown): string | undefined {
  const where = `'${issue.path.map((part, index) => memberName(part, index)).join('.')}' failed to satisfy constraint:`
  if (issue.code === 'custom') return `Value at ${where} ${issue.message}`
  const value = valueAt(input, issue.path)
  if (value === undefined && issue.path.length > 0) return `Value null at ${where} Member must not be null`
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    return `Value at ${where} Member must satisfy enum value set: [${issue.values.join(', ')}]`
  }
  // Lists: strings and numbers are held to their bounds by checks of our own.
  if (issue.code === 'too_big')
    return `Value at ${where} Member must have length less than or equal to ${issue.maximum}`
  if (issue.code === 'too_small') {
    return `Value at ${where} Member must have length greater than or equal to ${issue.minimum}`
  }
  return undefined
}

function memberName(part: PropertyKey, index: number): string {
  if (typeof part === 'number') return `${part + 1}.member`
  const name = String(part)
  return index === 0 ? name.charAt(0).toLowerCase() + name.slice(1) : name
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    input,
  )
}
