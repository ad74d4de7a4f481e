// Inputs for the cipher's properties: passwords that the policy admits, and texts that differ in one character.
import fc from 'fast-check'
import { passwordProblems } from '#shared/password-policy.ts'

// Every code point but surrogates; the policy's white space and control characters are dropped, not avoided.
const admitted = fc.string({ unit: 'binary', maxLength: 126 }).map((text) => text.replaceAll(/[\s\p{Cc}]/gu, ''))

/** One character of each class that the policy asks for, amid any Unicode that it admits. */
export const legalPassword: fc.Arbitrary<string> = fc
  .tuple(admitted, fc.constantFrom('Aa1!', '"A\\b2', 'Zz9~'))
  .map(([text, classes]) => `${text}${classes}`.padStart(12, '/'))
  .filter((password) => passwordProblems(password).length === 0)

export const username: fc.Arbitrary<string> = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,127}$/)

export const provisioningId: fc.Arbitrary<string> = fc.stringMatching(
  /^v1\.[A-Za-z0-9_-]{21}[AQgw]\.[A-Za-z0-9_-]{21}[AQgw]$/,
)

type Change = (text: string) => string

/** Replaces, removes or adds one character anywhere; what it makes is never the same text. */
export const oneCharacterChange: fc.Arbitrary<Change> = fc
  .record({
    kind: fc.constantFrom('replace', 'remove', 'insert'),
    at: fc.nat(),
    character: fc.oneof(
      fc.constantFrom(...Array.from('AQgwZz09-_.=+/ \n\0')),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  })
  .map(({ kind, at, character }) => (text) => {
    const index = at % text.length
    const inserted = kind === 'remove' ? '' : character
    const changed = text.slice(0, index) + inserted + text.slice(kind === 'insert' ? index : index + 1)
    return changed === text ? `${text}A` : changed
  })
