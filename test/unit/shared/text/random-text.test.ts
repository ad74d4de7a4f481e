import { describe, expect, it } from 'vitest'
import { alphanumerics, lowerAlphanumerics, randomText } from '#shared/text/random-text.ts'

describe('random text', () => {
  it('has the length that is asked for', () => {
    expect([0, 1, 64].map((length) => randomText({ length, alphabet: lowerAlphanumerics }).length)).toEqual([0, 1, 64])
  })

  it('draws every character of the alphabet and no other', () => {
    const drawn = new Set(randomText({ length: 5_000, alphabet: alphanumerics }))

    expect([...drawn].sort()).toEqual(Array.from(alphanumerics).sort())
  })

  it('is another one each time', () => {
    const draw = (): string => randomText({ length: 26, alphabet: lowerAlphanumerics })

    expect(draw()).not.toBe(draw())
  })
})
