// Parses JSON whose text must not be quoted in an error, as the parser's own errors do.

/** The value, or undefined for what is not JSON. (JSON itself has no undefined.) */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
