import { describe, expect, it } from 'vitest'
import { digits, letters, lowerCase, randomText } from '../../../../../infra/local/set-up/random-text.ts'

describe('randomText', () => {
  it('has the length that is asked for', () => {
    expect([0, 1, 64].map((length) => randomText(length, digits).length)).toEqual([0, 1, 64])
  })

  it('draws every character of the alphabet and no other', () => {
    const drawn = new Set(randomText(5_000, letters + digits))

    expect(drawn).toEqual(new Set(letters + digits))
  })

  it('is another one each time', () => {
    expect(randomText(26, lowerCase)).not.toBe(randomText(26, lowerCase))
  })
})
