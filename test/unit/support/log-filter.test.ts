import { describe, expect, it } from 'vitest'
import { alternatives, fieldsOf, matchesLogFilter, parseLogFilter } from '../../support/log-filter.ts'

const matches = (pattern: string, event: Record<string, unknown>): boolean =>
  matchesLogFilter(parseLogFilter(pattern), event)

describe('a filter pattern for JSON', () => {
  it('compares texts to the letter, and takes * for any characters', () => {
    expect(matches('{ $.message = "incomplete (1)" }', { message: 'incomplete (1)' })).toBe(true)
    expect(matches('{ $.message = "incomplete" }', { message: 'incomplete (1)' })).toBe(false)
    expect(matches('{ $.message = "incom*" }', { message: 'incomplete (1)' })).toBe(true)
    expect(matches('{ $.message = "*plete" }', { message: 'incomplete (1)' })).toBe(false)
  })

  it('takes no number for the text of it', () => {
    expect(matches('{ $.status = "401" }', { status: '401' })).toBe(true)
    expect(matches('{ $.status = "401" }', { status: 401 })).toBe(false)
    expect(matches('{ $.status >= 429 }', { status: '500' })).toBe(false)
  })

  it('compares numbers, the limit included', () => {
    expect(matches('{ $.status >= 429 }', { status: 429 })).toBe(true)
    expect(matches('{ $.status >= 429 }', { status: 428 })).toBe(false)
  })

  it('knows a field that is there from one that is not', () => {
    expect(matches('{ $.seal_ms = * }', { seal_ms: 0 })).toBe(true)
    expect(matches('{ $.seal_ms = * }', {})).toBe(false)
    expect(matches('{ $.seal_ms NOT EXISTS }', {})).toBe(true)
    expect(matches('{ $.seal_ms NOT EXISTS }', { seal_ms: 0 })).toBe(false)
    expect(matches('{ $.reason != "a" }', {})).toBe(false)
    expect(matches('{ $.reason != "a" }', { reason: 'b' })).toBe(true)
  })

  it('joins conditions, && before ||', () => {
    const pattern = '{ $.a = "1" || $.b = "1" && $.c = "1" }'

    expect(matches(pattern, { a: '1' })).toBe(true)
    expect(matches(pattern, { b: '1' })).toBe(false)
    expect(matches('{ ($.a = "1" || $.b = "1") && $.c = "1" }', { a: '1' })).toBe(false)
  })

  it('falls into its alternatives, of which each asks for all that it needs', () => {
    const ways = alternatives(parseLogFilter('{ (($.a = "1") || ($.b = "1")) && ($.c = *) }'))

    expect(ways.map(fieldsOf)).toEqual([
      ['a', 'c'],
      ['b', 'c'],
    ])
  })

  it.each([
    ['message', 'not a pattern for JSON'],
    ['{ $.a = /x/ }', 'not understood'],
    ['{ $.a = 1 }', 'not a comparison'],
    ['{ $.a >= "1" }', 'not a comparison'],
    ['{ ($.a = * }', 'the pattern ends too early'],
    ['{ $.a = * $.b = * }', 'more than one condition'],
    ['{ "a" = * }', 'not a field'],
  ])('that is not understood is refused: %s', (pattern, reason) => {
    expect(() => parseLogFilter(pattern)).toThrow(reason)
  })
})
