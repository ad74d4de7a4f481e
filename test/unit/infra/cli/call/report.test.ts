import { expect, it } from 'vitest'
import type { Result } from '#infra/cli/call/ask-app1.ts'
import { readCommand } from '#infra/cli/call/config.ts'
import { textReport } from '#infra/cli/call/report.ts'

const command = readCommand([
  ...['--url', 'https://abc.execute-api.eu-west-1.amazonaws.com', '--user', 'orders', '--human', "o'neill"],
])
if (command.kind === 'help') throw new Error('not a call')
const call = { ...command, region: 'eu-west-1' }

const throttled: Result = {
  kind: 'refused',
  status: 429,
  problem: { title: 'Too many requests', code: 'throttled', detail: 'Later.', outcome: 'none', request_id: 'r-1' },
  retryAfter: '7',
}
const text = (result: Result) => textReport(result, call, 'k-1')

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
  expect(text({ ...throttled, retryAfter: 'soon\u001b' })).toContain('with the same password:\n')
  expect(textReport(throttled, { ...call, format: 'json' }, 'k-1')).toContain('--idempotency-key k-1 --json\n')
})

it('a refusal for good says why, shows control sequences and does not obey them, and says nothing about repeating', () => {
  const problem = { title: '\u001b[2J', code: '\u202e', detail: 'é\n', errors: [{ pointer: '/a', detail: 'is bad' }] }

  expect(text({ kind: 'refused', status: 400, problem })).toBe('400 \\u001b[2J (\\u202e): \\u00e9\\n\n  /a is bad\n')
})
