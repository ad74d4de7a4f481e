import { describe, expect, it } from 'vitest'
import { findLogProblems } from '../../../gate/artifacts/log-lines.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

const ours = JSON.stringify({ level: 'INFO', message: 'user created', service: 'create-user' })
const runtimes = '2026-11-21T12:00:00.000Z\t0f1e-2d\tERROR\tInvoke Error \t{"errorType":"Error"}'
const secrets = [{ what: 'a password', value: new SecretValue('correct-horse') }]

describe('findLogProblems', () => {
  it("passes our JSON lines and the runtime's line for an error that was thrown", () => {
    expect(findLogProblems('create-user', [ours, runtimes], secrets)).toEqual([])
  })

  it.each([
    { what: 'plain text', line: 'user created' },
    { what: 'JSON that is no log line', line: '{"level":"INFO"}' },
    { what: 'another text line of the runtime', line: '2026-11-21T12:00:00.000Z\t0f1e-2d\tINFO\thello' },
  ])('tells $what', ({ line }) => {
    expect(findLogProblems('create-user', [line], secrets)).toEqual([`create-user has printed: ${line}`])
  })

  it('names a secret in a line, and repeats neither the secret nor the line', () => {
    const line = ours.replace('user created', 'correct-horse')

    expect(findLogProblems('create-user', [line], secrets)).toEqual(['create-user has printed a password'])
  })

  it('takes a function that has printed nothing for a problem', () => {
    expect(findLogProblems('create-user', [], secrets)).toEqual(['create-user has printed nothing'])
  })
})
