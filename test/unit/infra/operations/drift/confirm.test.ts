import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { confirm } from '../../../../../infra/operations/drift/confirm.ts'
import { recordingStream } from './drift-pool.ts'

describe('the question before a removal', () => {
  it.each([
    ['yes\n', true],
    [' yes \r\n', true],
    ['y\n', false],
    ['YES\n', false],
    ['yes please\n', false],
    ['\n', false],
    ['no\nyes\n', false],
  ])('answered by %j is %s', async (typed, agreed) => {
    const input = new PassThrough()
    const output = recordingStream()

    const answer = confirm({ question: 'Remove? ', input, output: output.stream })
    input.write(typed)

    expect(await answer).toBe(agreed)
    expect(output.text()).toBe('Remove? ')
  })

  it('is a no when the input ends without an answer', async () => {
    const input = new PassThrough()

    const answer = confirm({ question: 'Remove? ', input, output: recordingStream().stream })
    input.end()

    expect(await answer).toBe(false)
  })

  it('is a no when it is interrupted', async () => {
    const input = new PassThrough()
    const output = Object.assign(recordingStream().stream, { isTTY: true })

    const answer = confirm({ question: 'Remove? ', input, output })
    input.write('\u0003')

    expect(await answer).toBe(false)
  })
})
