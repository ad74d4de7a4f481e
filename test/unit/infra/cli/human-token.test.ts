import { describe, expect, it } from 'vitest'
import { UsageError } from '#infra/cli/command-line.ts'
import { humanHeaders, readHumanToken } from '#infra/cli/human-token.ts'

const read = (LATCHKEY_HUMAN_TOKEN?: string) => readHumanToken({ LATCHKEY_HUMAN_TOKEN })

describe('the human’s token of an operator', () => {
  it('is read from the environment as a secret, and sent as a header', () => {
    expect(humanHeaders(read('aa.bb.cc'))).toEqual({ 'X-Human-Token': 'aa.bb.cc' })
    expect(JSON.stringify(read('aa.bb.cc'))).toBe('"[redacted]"')
  })

  it('may be absent, and is refused where it is empty, as when the command that gets it failed', () => {
    expect(humanHeaders(read())).toEqual({})
    expect(() => read('')).toThrow(
      new UsageError('LATCHKEY_HUMAN_TOKEN is set and empty: give it a token, or unset it. Nothing was sent.'),
    )
  })

  it('has 4,096 characters at most', () => {
    expect(read(`a.b.${'c'.repeat(4_092)}`)).toBeDefined()
    expect(() => read(`a.b.${'c'.repeat(4_093)}`)).toThrow(UsageError)
  })

  it.each(['canary', 'canary.b', 'canary.b.c.d', 'Bearer canary.b.c', 'canary.b.c ', 'canary..c', 'canary.b.c='])(
    '%j is none, and is not repeated',
    (text) => {
      expect(() => read(text)).toThrow(expect.not.stringContaining('canary') as unknown)
      expect(() => read(text)).toThrow('LATCHKEY_HUMAN_TOKEN is no access token')
    },
  )
})
