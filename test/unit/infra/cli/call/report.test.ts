import { describe, expect, it } from 'vitest'
import type { Result } from '#infra/cli/call/ask-app1.ts'
import { readCommand } from '#infra/cli/call/config.ts'
import { jsonReport, textReport } from '#infra/cli/call/report.ts'

const command = readCommand([
  ...['--url', 'https://abc.execute-api.eu-west-1.amazonaws.com', '--user', 'orders', '--human', "o'neill"],
])
if (command.kind === 'help') throw new Error('not a call')
const call = { ...command, region: 'eu-west-1' }

const created: Result = {
  kind: 'created',
  user: {
    message: 'Made.',
    username: 'orders',
    group: 'service-user',
    created_by: "o'neill",
    created_at: '2026-11-21T11:00:00Z',
    provisioning_id: 'v1.a.b',
  },
}
const throttled: Result = {
  kind: 'refused',
  status: 429,
  problem: { title: 'Too many requests', code: 'throttled', detail: 'Later.', outcome: 'none', request_id: 'r-1' },
  retryAfter: '7',
}

const text = (result: Result) => textReport(result, call, 'k-1')
const json = (result: Result) => JSON.parse(jsonReport(result, 'k-1')) as unknown

describe('textReport', () => {
  it('a created user is told in two lines', () => {
    expect(text(created)).toBe(
      "201 Created: orders, in the group service-user, at 2026-11-21T11:00:00Z, asked for by o'neill.\n" +
        'Provisioning id: v1.a.b\n',
    )
  })

  it('throttling says what happened and how to repeat it, as a line to paste', () => {
    expect(text(throttled)).toBe(
      '429 Too many requests (throttled): Later.\n' +
        'Request id: r-1\n' +
        'Nothing was done.\n' +
        'Idempotency key: k-1\n' +
        'This repeats the call safely, with the same password, not before 7 seconds have passed:\n' +
        '  npm run call -- --url https://abc.execute-api.eu-west-1.amazonaws.com/create-service-user ' +
        "--region eu-west-1 --user orders --human 'o'\\''neill' --idempotency-key k-1\n",
    )
  })

  it('a refusal for good says why, and nothing about repeating', () => {
    const refused: Result = {
      kind: 'refused',
      status: 400,
      problem: {
        title: 'Password refused',
        code: 'weak_password',
        errors: [{ pointer: '/password', detail: 'is too short' }, { header: 'x', detail: 'y' }, { detail: 'z' }],
      },
    }

    expect(text(refused)).toBe('400 Password refused (weak_password)\n  /password is too short\n  x y\n   z\n')
  })

  it('API Gateway’s own answer is its message', () => {
    expect(text({ kind: 'refused', status: 403, problem: { message: 'Forbidden' } })).toBe(
      '403 Forbidden\nThat was IAM, before App1: look at the credentials, the Region, and the right to invoke this API.\n',
    )
    expect(text({ kind: 'refused', status: 404, problem: {} })).toBe('404 Refused\n')
  })

  it.each<[Result, string]>([
    [{ kind: 'no_answer', reason: 'timeout' }, 'App1 did not answer in time.'],
    [{ kind: 'no_answer', reason: 'unreachable' }, 'App1 could not be reached, or the connection broke.'],
    [
      { kind: 'no_answer', reason: 'unreachable', error: 'ENOTFOUND' },
      'App1 could not be reached, or the connection broke. (ENOTFOUND)',
    ],
    [{ kind: 'no_answer', reason: 'unreadable' }, 'App1 answered 201, and the answer could not be read.'],
    [{ kind: 'refused', status: 503, problem: { message: 'Service Unavailable' } }, '503 Service Unavailable'],
  ])('%j leaves it open whether the user was made', (result, first) => {
    const lines = text(result).split('\n')

    expect(lines.slice(0, 3)).toEqual([first, 'It is not known whether the user was made.', 'Idempotency key: k-1'])
    expect(lines[3]).toBe('This repeats the call safely, with the same password:')
  })

  it('control sequences of an answer are shown and not obeyed', () => {
    const problem = { title: '\u001b[2J', code: '\u202e', detail: 'é\n' }

    expect(text({ kind: 'refused', status: 400, problem })).toBe('400 \\u001b[2J (\\u202e): \\u00e9\\n\n')
  })

  it('a Retry-After that is no number of seconds is not repeated', () => {
    expect(text({ ...throttled, retryAfter: 'soon\u001b' })).toContain('with the same password:\n')
  })

  it('a call that asked for JSON is repeated so', () => {
    expect(textReport(throttled, { ...call, format: 'json' }, 'k-1')).toContain('--idempotency-key k-1 --json\n')
  })
})

describe('jsonReport', () => {
  it('tells all a program needs to go on', () => {
    expect(json(created)).toMatchObject({
      created: true,
      status: 201,
      user: { username: 'orders' },
      idempotency_key: 'k-1',
    })
    expect(json(throttled)).toEqual({
      created: false,
      status: 429,
      problem: throttled.problem,
      outcome: 'none',
      repeatable: true,
      retry_after: '7',
      idempotency_key: 'k-1',
    })
    expect(json({ kind: 'refused', status: 409, problem: { code: 'user_exists' } })).toEqual({
      created: false,
      status: 409,
      problem: { code: 'user_exists' },
      outcome: 'none',
      repeatable: false,
      idempotency_key: 'k-1',
    })
    expect(json({ kind: 'no_answer', reason: 'unreachable', error: 'ENOTFOUND' })).toMatchObject({
      reason: 'unreachable',
      error: 'ENOTFOUND',
    })
    expect(json({ kind: 'no_answer', reason: 'timeout' })).toEqual({
      created: false,
      reason: 'timeout',
      outcome: 'unknown',
      repeatable: true,
      idempotency_key: 'k-1',
    })
  })
})
