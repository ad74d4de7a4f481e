import { describe, expect, it } from 'vitest'
import { checkRows } from '#services/app1-provisioner/jobs/check-rows.ts'
import { ServiceError } from '#shared/errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { reader } from '#test/support/jobs.ts'
import { goodPassword, serviceUserRequest } from '#test/support/requests.ts'

const rowsOf = (count: number): unknown[] =>
  Array.from({ length: count }, (_, row) => serviceUserRequest({ username: `worker-${row}` }))
const generated = (deliver_to: string) => ({ generate: { deliver_to } })

function refusal(
  rows: unknown,
  readers: readonly string[] = [reader],
  humanUserId?: string,
): Pick<ServiceError, 'code' | 'errors'> {
  try {
    checkRows({ rows }, { passwordReaders: readers, humanUserId })
  } catch (error) {
    if (error instanceof ServiceError) return { code: error.code, errors: error.errors }
    throw error
  }
  return expect.fail('not refused')
}

describe('the rows of a job', () => {
  it.each([1, 10_000])('%i are taken', (count) => {
    expect(checkRows({ rows: rowsOf(count) }, { passwordReaders: [] })).toHaveLength(count)
  })

  it.each([
    [0, 'must have at least one row'],
    [10_001, 'must have at most 10000 rows'],
  ])('%i are refused as a whole', (count, detail) => {
    expect(refusal(rowsOf(count))).toEqual({ code: 'invalid_request', errors: [{ pointer: '/rows', detail }] })
  })

  it.each([{}, { rows: 'x' }, [], null, { rows: rowsOf(1), more: 1 }])('%j is no job', (body) => {
    expect(() => checkRows(body, { passwordReaders: [] })).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  it('are a list', () => {
    expect(refusal('rows')).toEqual({
      code: 'invalid_request',
      errors: [{ pointer: '/rows', detail: 'must be a list' }],
    })
  })

  it('are kept as they will be created: a username in lower case, a password as a secret', () => {
    const [given, made] = checkRows(
      { rows: [serviceUserRequest({ username: 'Orders' }), serviceUserRequest({ password: generated(reader) })] },
      { passwordReaders: [reader] },
    )

    expect(given).toMatchObject({ username: 'orders', humanUserId: 'alice@example.com' })
    expect(given?.password).toBeInstanceOf(SecretValue)
    expect(made?.password).toEqual({ deliverTo: reader })
  })

  it('are refused with every problem of every row in one answer, and nothing of what they hold', () => {
    const rows = [
      serviceUserRequest({ username: 'Doubled' }),
      serviceUserRequest({ username: 'no good', password: 'canary' }),
      serviceUserRequest({ username: 'doubled', canary: 1 }),
      serviceUserRequest({ username: 'worker', password: generated('arn:aws:iam::111111111111:role/other') }),
      serviceUserRequest({ username: 'other', human_user_id: '', password: generated('arn:aws:iam::1:role/*') }),
      'canary',
    ]

    const { code, errors = [] } = refusal(rows)

    expect(code).toBe('invalid_rows')
    expect(errors).toEqual([
      expect.objectContaining({ pointer: '/rows/1/username' }),
      {
        pointer: '/rows/1/password',
        detail: expect.stringMatching(/^must have at least 12 characters; must hold an upper-case letter/) as string,
      },
      { pointer: '/rows/2', detail: 'holds 1 unknown field(s)' },
      { pointer: '/rows/2/username', detail: 'must not be that of an earlier row' },
      {
        pointer: '/rows/3/password/generate/deliver_to',
        detail: expect.stringContaining('not one that generated passwords may be delivered to') as string,
      },
      expect.objectContaining({ pointer: expect.stringMatching(/^\/rows\/4\/password/) as string }),
      expect.objectContaining({ pointer: '/rows/4/human_user_id' }),
      { pointer: '/rows/5', detail: 'must be a JSON object' },
    ])
    expect(JSON.stringify(errors)).not.toContain('canary')
  })

  it('name no reader where none is configured', () => {
    expect(refusal([serviceUserRequest({ password: generated(reader) })], [])).toMatchObject({ code: 'invalid_rows' })
  })

  it('that are all wrong are all told, and of more problems than an answer holds, that there are more', () => {
    const weak = rowsOf(10_000).map((row) => ({ ...(row as object), password: '' }))

    const { errors = [] } = refusal(weak)
    expect(errors).toHaveLength(10_000)
    expect(JSON.stringify(errors).length).toBeLessThan(4_500_000)

    const worse = refusal(weak.map((row) => ({ ...row, human_user_id: '' })))
    expect(worse.errors).toHaveLength(10_001)
    expect(worse.errors?.at(-1)).toEqual({ pointer: '/rows', detail: 'has more problems than are listed' })
  })

  it('are not told what a good password is', () => {
    expect(JSON.stringify(refusal([serviceUserRequest({ username: '-', password: goodPassword })]))).not.toContain(
      goodPassword,
    )
  })
})

describe('the human of a job', () => {
  const alice = 'alice@example.com'
  const unnamed = (username: string) => serviceUserRequest({ username, human_user_id: undefined })

  it('whom a token names is every row’s, named there or not', () => {
    const rows = checkRows(
      { rows: [unnamed('one'), serviceUserRequest({ username: 'two', human_user_id: alice })] },
      { passwordReaders: [], humanUserId: alice },
    )

    expect(rows.map(({ humanUserId }) => humanUserId)).toEqual([alice, alice])
  })

  it('whom a token names is no other row’s: each is named, and nothing else is', () => {
    const other = (username: string) => serviceUserRequest({ username, human_user_id: 'mallory' })
    const rows = [
      other('one'),
      unnamed('two'),
      other('three'),
      serviceUserRequest({ username: 'four', password: 'weak' }),
    ]

    expect(refusal(rows, [], alice)).toEqual({
      code: 'human_mismatch',
      errors: [0, 2].map((row) => ({
        pointer: `/rows/${row}/human_user_id`,
        detail: 'The human_user_id is not the human that the token names.',
      })),
    })
  })

  it('has to be named by each row where no token names one', () => {
    expect(refusal([serviceUserRequest({ username: 'one' }), unnamed('two')])).toEqual({
      code: 'invalid_rows',
      errors: [{ pointer: '/rows/1/human_user_id', detail: 'must be a string' }],
    })
  })
})
