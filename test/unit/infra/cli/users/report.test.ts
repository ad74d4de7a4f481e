import { expect, it } from 'vitest'
import { readCommand } from '#infra/cli/users/config.ts'
import { jsonReport, textReport } from '#infra/cli/users/report.ts'
import type { Failure } from '#shared/client/answer.ts'

const url = 'https://abc.execute-api.eu-west-1.amazonaws.com'
const command = (...args: string[]) => readCommand([...args, '--url', url]) ?? expect.fail()
const text = (data: object, ...args: string[]) =>
  textReport({ ok: true, status: 200, data, attempts: 1 }, command(...args))

const user = { username: 'orders', status: 'active', human_user_id: 'alice', created_at: 'c', updated_at: 'u' }
const throttled: Failure = {
  ok: false,
  code: 'throttled',
  message: 'Later.',
  status: 429,
  outcome: 'none',
  retryAfterSeconds: 7,
  idempotencyKey: 'k-1',
  attempts: 4,
  problem: {
    type: 'urn:latchkey:error:throttled',
    title: 'Too many requests',
    status: 429,
    detail: 'Later.',
    code: 'throttled',
    request_id: 'r-1',
  },
}

it('a user is a line for each field', () => {
  const groups = ['a', 'b']

  expect(text({ message: 'Made.', ...user, groups }, 'show', 'orders')).toBe(
    'username       orders\nstatus         active\nhuman_user_id  alice\ncreated_at     c\nupdated_at     u\n' +
      'groups         a,b\n',
  )
})

it('a list is a table, in which nothing of a user passes for a column or moves the cursor', () => {
  const users = [user, { ...user, username: 'a b\u001b[2J', status: null, human_user_id: undefined }]

  expect(text({ users }, 'list')).toBe(
    'USERNAME           STATUS  HUMAN_USER_ID  CREATED_AT  UPDATED_AT\n' +
      'orders             active  alice          c           u\n' +
      'a\\u{20}b\\u{1b}[2J  null                   c           u\n',
  )
  expect(text({ users: [] }, 'list')).toBe('USERNAME  STATUS  HUMAN_USER_ID  CREATED_AT  UPDATED_AT\n')
})

it('throttling says what happened and how to repeat it, as a line to paste', () => {
  expect(textReport(throttled, command('create', 'orders', '--human', "o'neill", '--json'))).toBe(
    '429 throttled: Later.\n' +
      'Request id: r-1\n' +
      'Nothing was done.\n' +
      'This repeats it, with the same password, not before 7 seconds have passed:\n' +
      "  npm run users -- create orders --url https://abc.execute-api.eu-west-1.amazonaws.com/ --region eu-west-1 --human 'o'\\''neill' --idempotency-key k-1 --json\n",
  )
})

it('a creation with a token says that its repeat takes one of the same human', () => {
  const created = { ...command('create', 'orders', '--human', 'alice'), isNamed: true }

  expect(textReport(throttled, created)).toContain(
    'This repeats it, with the same password, with a good token of the same human in LATCHKEY_HUMAN_TOKEN, not before 7',
  )
})

it.each<[Partial<Failure>, string[], string]>([
  [
    { outcome: 'unknown' },
    ['remove-from-group', 'orders', 'service-user'],
    'It is not known what was done.\nThis repeats it:\n  npm run users -- remove-from-group orders service-user --url',
  ],
  [{ outcome: 'partial' }, ['delete', 'orders', '--force', '--yes'], 'It was begun, and is not finished.\n'],
  [{ status: 500, outcome: 'none' }, ['enable', 'orders'], 'Nothing was done.\nThis repeats it:\n'],
  [{ status: 404, outcome: 'unknown' }, ['delete', 'orders'], 'It is not known what was done.\nThis repeats it:\n'],
  [{ outcome: 'unknown' }, ['list', '--prefix', 'or', '--limit', '5'], 'unreachable: x\nThis repeats it:\n'],
])('a failure (%j) of %j says what came of it', (changes, args, said) => {
  const failure: Failure = { ok: false, code: 'unreachable', message: 'x', outcome: 'unknown', attempts: 4, ...changes }

  expect(textReport(failure, command(...args))).toContain(said)
})

it('a refusal for good says why, shows control sequences and does not obey them, and nothing about repeating', () => {
  const errors = [
    { pointer: '/a', detail: 'is bad' },
    { parameter: 'limit', detail: 'too' },
  ]
  const failure: Failure = {
    ok: false,
    code: '\u202e',
    message: 'é\n',
    status: 400,
    outcome: 'none',
    attempts: 1,
    problem: { ...(throttled.problem ?? expect.fail()), errors, request_id: '\u001b[2J' },
  }

  expect(textReport(failure, command('show', 'orders'))).toBe(
    '400 \\u202e: \\u00e9\\n\n  /a is bad\n  limit too\nRequest id: \\u001b[2J\n',
  )
})

it('what a gateway or Node says is cut where it could repeat what was sent', () => {
  const message = 'no tunnel by http://u:canary@proxy:1/\nx-amz-security-token:canary'
  const failure: Failure = { ok: false, code: 'unreachable', message, outcome: 'unknown', attempts: 1 }

  expect(textReport(failure, command('show', 'orders'))).toContain(
    'unreachable: no tunnel by http://[redacted]@proxy:1/\n',
  )
  expect(jsonReport(failure)).not.toContain('canary')
})

it('--json is one document', () => {
  expect(JSON.parse(jsonReport({ ok: true, status: 200, data: user, attempts: 1 }))).toEqual({ ok: true, ...user })
  expect(JSON.parse(jsonReport(throttled))).toEqual({
    ok: false,
    code: 'throttled',
    message: 'Later.',
    status: 429,
    outcome: 'none',
    problem: throttled.problem,
    retry_after: 7,
    idempotency_key: 'k-1',
  })
})

it('a creation whose password App2 makes is repeated for the same reader, and with no password', () => {
  const reader = 'arn:aws:iam::123456789012:role/reader'

  expect(textReport(throttled, command('create', 'orders', '--human', 'alice', '--generate-for', reader))).toMatch(
    new RegExp(`This repeats it, not before 7 seconds have passed:\\n.* --generate-for ${reader}\\n$`),
  )
})
