// Carries a string that must never be printed; it never shows it unless somebody writes `.expose()`.

const redacted = '[redacted]'

/**
 * A password, token, hash or key on its way through the program. Every implicit way of turning it into text
 * (template literals, `JSON.stringify`, `console.log`, `util.inspect`, string concatenation) gives `[redacted]`.
 */
export class SecretValue {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The text itself. Call it only in the argument list of the call that needs it. */
  expose(): string {
    return this.#value
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted
  }
}
