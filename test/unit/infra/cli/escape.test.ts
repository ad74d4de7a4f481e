import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asciiJson, escapeText } from '#infra/cli/escape.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 200 })

describe('text from outside', () => {
  it.each([
    ['orders-worker', 'orders-worker'],
    ['~!"{}', '~!"{}'],
    ['', ''],
    ['\u001b[2J', '\\u{1b}[2J'],
    ['\u009b2J', '\\u{9b}2J'],
    ['a\nb\rc\td', 'a\\u{a}b\\u{d}c\\u{9}d'],
    ['\u007f', '\\u{7f}'],
    ['a b', 'a\\u{20}b'],
    ['\u202ecod.exe', '\\u{202e}cod.exe'],
    ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['\u2028', '\\u{2028}'],
    ['\u200b', '\\u{200b}'],
    // Cyrillic.
    ['\u0430dmin', '\\u{430}dmin'],
    ['\u{1f600}', '\\u{1f600}'],
    ['\ud800', '\\u{d800}'],
    // What looks like one of these escapes is none.
    ['\\u{1b}', '\\u{5c}u{1b}'],
  ])('%j is printed as %s', (text, printed) => {
    expect(escapeText(text)).toBe(printed)
  })

  it('is visible ASCII whatever it was, and no two texts print alike', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const printed = escapeText(text)
        const restored = printed.replace(/\\u\{([\da-f]+)\}/g, (_, code: string) =>
          String.fromCodePoint(parseInt(code, 16)),
        )

        expect(printed).toMatch(/^[\x21-\x7e]*$/)
        expect(restored).toBe(text)
      }),
    )
  })
})

describe('JSON', () => {
  it('is ASCII without control characters, and means what it was made of', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = asciiJson({ text })

        expect(json).toMatch(/^[\x20-\x7e]*$/)
        expect(JSON.parse(json)).toEqual({ text })
      }),
    )
  })

  it('escapes DEL and the C1 controls, which JSON itself would leave', () => {
    expect(asciiJson('\u007f\u009b\u202e')).toBe('"\\u007f\\u009b\\u202e"')
  })
})
