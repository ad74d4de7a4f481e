// Makes text from outside safe to print: a terminal shows it and never obeys it. It loses nothing of the text.

/**
 * Visible ASCII as it is, every other code point and the backslash as `\u{…}`: control sequences, line breaks, characters
 * that turn the direction of writing, blanks that would look like a column's end, and letters that look like others.
 */
export function escapeText(text: string): string {
  return text.replace(/[^\x21-\x5b\x5d-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** JSON of visible ASCII and blanks alone, with JSON's own escapes for the rest. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
