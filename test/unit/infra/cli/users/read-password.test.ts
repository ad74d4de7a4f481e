import { describe, expect, it } from 'vitest'
import { UsageError } from '#infra/cli/command-line.ts'
import { readPassword } from '#infra/cli/users/read-password.ts'
import { testStreams } from '../streams.ts'

const read = async (input: string) => (await readPassword(testStreams(input))).expose()

/** A terminal on which somebody types `keys` once the prompt is there. */
async function type(keys: string) {
  const streams = testStreams()
  streams.stdin.isTTY = true
  const reading = readPassword(streams).then(
    (password) => password.expose(),
    (error: unknown) => error,
  )
  streams.stdin.write(keys)
  return { result: await reading, ...streams.written() }
}

describe('readPassword from a pipe', () => {
  it.each(['Pass-Word-1', 'Pass-Word-1\n', 'Pass-Word-1\r\n'])('%j is its line without the end', async (input) => {
    expect(await read(input)).toBe('Pass-Word-1')
  })

  it('blanks and UTF-8 are left as they are: App1 is to judge them', async () => {
    expect(await read(' pä ss ')).toBe(' pä ss ')
  })

  it.each([
    ['', 'There is no password on the standard input.'],
    ['\n', 'There is no password on the standard input.'],
    ['a\nb', 'The standard input has more than one line.'],
    ['a\n\n', 'The standard input has more than one line.'],
    ['x'.repeat(4097), 'The standard input is too long for a password.'],
  ])('%j is wrong usage', async (input, message) => {
    await expect(read(input)).rejects.toThrow(new UsageError(message))
  })

  it('4096 characters are read', async () => {
    expect(await read('x'.repeat(4096))).toHaveLength(4096)
  })
})

describe('readPassword from a terminal', () => {
  it('asks twice, shows nothing of what is typed, and honours the backspace', async () => {
    const { result, stdout, stderr } = await type('Pass-Word-12\u007f\rPass-Word-1\r')

    expect(result).toBe('Pass-Word-1')
    expect(stderr).toBe('New password: \nOnce more: \n')
    expect(stdout).toBe('')
  })

  it('takes none that is typed in two ways', async () => {
    const { result } = await type('Pass-Word-1\rPass-Word-2\r')

    expect(result).toEqual(new UsageError('What was typed is not the same twice. Nothing was sent.'))
  })

  it.each(['\u0003', '\u0004', '\r', 'Pass-Word-1\r\u0003'])('left by %j there is none', async (key) => {
    const { result } = await type(key)

    expect(result).toEqual(new UsageError('There is no password on the standard input.'))
  })
})
