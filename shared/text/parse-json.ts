// Parses JSON whose text must not be quoted in an error, as the parser's own errors do.

/** The value, or undefined for what is not JSON. (JSON itself has no undefined.) */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

/** The same for an object; undefined for any other value. */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text)
  return isObject(value) ? value : undefined
}

/** Of the values of JSON: an object, or a list, which has no member of a name. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null
}
