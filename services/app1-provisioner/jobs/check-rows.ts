// What is wrong with the rows of a job, before anything of it is kept: all of it, by index, and nothing of the rows themselves.
import * as z from 'zod/mini'
import { createServiceUserRequest, fieldErrorsOf, parseRequest, type NewPassword } from '#shared/contract.ts'
import { errorTable, ServiceError, type FieldError } from '#shared/errors.ts'
import { mostRows } from '#shared/job-contract.ts'
import { passwordProblems } from '#shared/password-policy.ts'
import { wantedPassword } from '../password-for-app2.ts'
import type { WantedPassword } from '../provisioning-id.ts'

export type CheckedRow = {
  readonly username: string
  readonly humanUserId: string
  readonly password: WantedPassword
}

/** The rows are looked at one by one, and not by the schema of the route, so that every problem has the same code. */
const envelope = z.strictObject({
  rows: z
    .array(z.unknown(), 'must be a list')
    .check(z.minLength(1, 'must have at least one row'), z.maxLength(mostRows, `must have at most ${mostRows} rows`)),
})

/** An answer of Lambda holds 6 MB. */
const mostProblems = 10_000

type Rules = {
  /** ARNs of the roles that generated passwords may be delivered to. */
  readonly passwordReaders: readonly string[]
  /** Whom a token names. Absent: each row names its human itself. */
  readonly humanUserId?: string | undefined
}

/**
 * The rows, each a creation that a single request would be taken for. Throws `invalid_request` for a body that is no list of 1 to
 * 10,000 rows, `invalid_rows` with every problem of every row, one entry for each field, and `human_mismatch` for rows in another name
 * than the token's.
 */
export function checkRows(body: unknown, { passwordReaders, humanUserId }: Rules): readonly CheckedRow[] {
  const { rows } = parseRequest(envelope, body)
  const problems: FieldError[] = []
  const checked: CheckedRow[] = []
  const others: FieldError[] = []
  const usernames = new Set<string>()

  for (const [index, given] of rows.entries()) {
    const at = `/rows/${index}`
    const parsed = z.safeParse(createServiceUserRequest, given)
    if (!parsed.success) {
      problems.push(
        ...fieldErrorsOf(parsed.error).map(({ pointer, detail }) => ({ pointer: `${at}${pointer}`, detail })),
      )
    }
    // Of a row that is wrong elsewhere too: who mends it need not come back for the rest.
    const { username, password } = parsed.data ?? readable(given)
    if (username !== undefined && usernames.has(username)) {
      problems.push({ pointer: `${at}/username`, detail: 'must not be that of an earlier row' })
    }
    if (username !== undefined) usernames.add(username)
    if (password !== undefined) problems.push(...passwordErrors(password, passwordReaders, at))
    if (parsed.success) {
      const { username, human_user_id: claimed = humanUserId, password } = parsed.data
      const pointer = `${at}/human_user_id`
      if (claimed === undefined) problems.push({ pointer, detail: 'must be a string' })
      else if (claimed !== (humanUserId ?? claimed)) others.push({ pointer, detail: errorTable.human_mismatch.detail })
      else checked.push({ username, humanUserId: claimed, password: wantedPassword(password) })
    }
  }

  if (others.length > 0) throw new ServiceError('human_mismatch', { errors: listed(others) })
  if (problems.length > 0) throw new ServiceError('invalid_rows', { errors: listed(problems) })
  return checked
}

function listed(problems: readonly FieldError[]): FieldError[] {
  if (problems.length <= mostProblems) return [...problems]
  return [...problems.slice(0, mostProblems), { pointer: '/rows', detail: 'has more problems than are listed' }]
}

/** What can be read of a row that is not one. */
function readable(given: unknown): {
  readonly username?: string | undefined
  readonly password?: NewPassword | undefined
} {
  const { username, password } = createServiceUserRequest.shape
  const fields = z.safeParse(z.looseObject({}), given).data ?? {}
  return {
    username: z.safeParse(username, fields['username']).data,
    password: z.safeParse(password, fields['password']).data,
  }
}

function passwordErrors(password: NewPassword, passwordReaders: readonly string[], at: string): FieldError[] {
  if (typeof password === 'string') {
    const broken = passwordProblems(password)
    return broken.length === 0 ? [] : [{ pointer: `${at}/password`, detail: broken.join('; ') }]
  }
  if (passwordReaders.includes(password.generate.deliver_to)) return []
  return [{ pointer: `${at}/password/generate/deliver_to`, detail: errorTable.reader_not_allowed.detail }]
}
