import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ask, askMfaCode } from '#infra/cli/ask.ts'
import { testStreams } from './streams.ts'

describe('ask', () => {
  it.each([
    ['yes\n', 'yes'],
    [' yes \r\n', 'yes'],
    ['yes please\n', 'yes please'],
    ['\n', ''],
    ['no\nyes\n', 'no'],
    ['\u0003', ''],
    ['\u0004', ''],
  ])('on a terminal where %j is typed answers %j', async (typed, answer) => {
    const { stdin, stderr } = testStreams()

    const answered = ask({ question: 'Remove? ', input: stdin, output: Object.assign(stderr, { isTTY: true }) })
    stdin.write(typed)

    expect(await answered).toBe(answer)
  })

  it('is without an answer when the input ends', async () => {
    const answered = ask({ question: 'Remove? ', input: new PassThrough().end(), output: new PassThrough() })

    expect(await answered).toBe('')
  })
})

describe('askMfaCode', () => {
  it('names the device, and reads its code', async () => {
    const { stdin, stderr, written } = testStreams()

    const code = askMfaCode({
      stdin: Object.assign(stdin, { isTTY: true }),
      stderr: Object.assign(stderr, { isTTY: true }),
    })?.('arn:aws:iam::123456789012:mfa/alice')
    stdin.write('123456\n')

    expect(await code).toBe('123456')
    expect(written().stdout).toBe('')
    expect(written().stderr).toContain('MFA code for arn:aws:iam::123456789012:mfa/alice: ')
  })

  it.each([
    [false, true],
    [true, false],
  ])('is no function where input (%s) or output (%s) is no terminal', (input, output) => {
    const { stdin, stderr } = testStreams()

    const ask = askMfaCode({
      stdin: Object.assign(stdin, { isTTY: input }),
      stderr: Object.assign(stderr, { isTTY: output }),
    })

    expect(ask).toBeUndefined()
  })
})
