// Who asks App1's routes of jobs what: other callers' jobs, ids and cursors that mean something else, rows that bring more than a
// row has, and keys that look like a row's.
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { readIdempotencyKey } from '#services/app1-provisioner/idempotency-key.ts'
import { writeRowCursor } from '#services/app1-provisioner/jobs/show-job.ts'
import { idempotencyKeyOfRow, makeProvisioningId } from '#services/app1-provisioner/provisioning-id.ts'
import { permissions, type Permission } from '#shared/access-rules.ts'
import { longerBodies } from '#shared/contract.ts'
import { mostRows } from '#shared/job-contract.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { farDeadline } from '../support/deadlines.ts'
import { jobId, keptJob, owner, reader } from '../support/jobs.ts'
import { machineSecret } from '../support/machine-secrets.ts'
import { goodPassword, serviceUserRequest } from '../support/requests.ts'
import { billing, expectRefused, roleOf, setUpJobs, type JobsBench } from './support/jobs-bench.ts'
import { countAttack } from './support/repel.ts'

let bench: JobsBench
beforeEach(async () => {
  bench = await setUpJobs()
})

const notFound = { status: 404, code: 'job_not_found' }
const invalid = { status: 400, code: 'invalid_request' }
const invalidRows = { status: 422, code: 'invalid_rows' }
const ofOneJob = ['GET /jobs/{id}', 'GET /jobs/{id}/rows', 'POST /jobs/{id}/cancel'] as const

describe('the job of another caller', () => {
  const queries = ['', 'limit=1', 'limit=1000', 'state=done', `cursor=${writeRowCursor(0)}`, 'cursor=!', 'limit=0']

  it('is there for its owner, so that a refusal below means something', async () => {
    for (const route of ofOneJob) expect(await bench.call(route, { id: jobId })).toMatchObject({ status: 200 })
  })

  it.for(ofOneJob.flatMap((route) => queries.map((query) => [route, query] as const)))(
    '%s?%s answers as for an id that there is none of, byte for byte',
    async ([route, query], { task }) => {
      const before = bench.state()
      const theirs = await bench.call(route, { id: jobId, query, by: billing })
      const unknown = await bench.call(route, { id: 'A'.repeat(22), query, by: billing })
      bench.store.kept.set(jobId, keptJob({ rows: 3, state: 'loading' }))
      const loading = await bench.call(route, { id: jobId, query })
      bench.store.kept.set(jobId, keptJob({ rows: 3 }))

      countAttack(
        task,
        [theirs, loading].map((answer) => answer.status < 400 || answer.text !== unknown.text),
      )
      expect(theirs).toEqual(unknown)
      expect(loading).toEqual(unknown)
      // A query that no job takes says as little.
      expect(unknown.status).toBe(['cursor=!', 'limit=0'].includes(query) && route.endsWith('/rows') ? 400 : 404)
      expect(bench.state()).toBe(before)
    },
  )

  it('sent again with the same key by another role is another job, which shows and changes nothing of the first', async ({
    task,
  }) => {
    const body = { rows: [serviceUserRequest()] }
    const mine = await bench.call('POST /jobs', { body, key: 'k' })
    const kept = bench.store.kept.get(String(mine.body['job_id']))
    const theirs = await bench.call('POST /jobs', { body, key: 'k', by: billing })

    countAttack(task, [theirs.body['job_id'] === mine.body['job_id']])
    expect(theirs.status).toBe(202)
    expect(theirs.body['job_id']).not.toBe(mine.body['job_id'])
    expect(bench.store.kept.get(String(mine.body['job_id']))).toBe(kept)
    expect(await bench.call(ofOneJob[0], { id: String(theirs.body['job_id']) })).toMatchObject({ status: 404 })
  })

  it('cannot be had by another body under its key: what is refused is one’s own', async (context) => {
    await bench.call('POST /jobs', { body: { rows: [serviceUserRequest()] }, key: 'k' })
    const other = { rows: [serviceUserRequest({ human_user_id: 'mallory' })] }

    await expectRefused(
      bench,
      'POST /jobs',
      { body: other, key: 'k' },
      { status: 422, code: 'idempotency_key_reused' },
      context,
    )
  })
})

describe('a caller without the permission `create`', () => {
  const without = permissions.filter((permission) => permission !== 'create')
  const sets: readonly (readonly Permission[])[] = [...without.map((one) => [one]), without, []]

  it.for(sets.map((granted) => [granted.join('+') || 'none', granted] as const))(
    '%s: no route of jobs',
    async ([, granted], context) => {
      bench = await setUpJobs({ granted })
      bench.store.kept.set(jobId, keptJob({ rows: 3, requestedBy: roleOf('granted').arn }))
      const forbidden = { status: 403, code: 'forbidden' }

      for (const route of ofOneJob) await expectRefused(bench, route, { id: jobId, by: 'granted' }, forbidden, context)
      for (const query of ['', 'dry_run=true', 'dry_run=false']) {
        const body = { rows: [serviceUserRequest()] }
        await expectRefused(bench, 'POST /jobs', { body, query, by: 'granted' }, forbidden, context)
      }
    },
  )
})

describe('an id that means something else', () => {
  const flipped = Array.from(jobId).map((letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
  it.for([
    ...['', '.', '..', '/', 'open', 'meta', '*', '{id}', 'undefined', 'constructor', '__proto__'],
    ...[jobId.toUpperCase(), jobId.toLowerCase(), flipped.join(''), jobId.slice(0, 21), `${jobId}A`, `A${jobId}`],
    ...[`${jobId} `, ` ${jobId}`, `${jobId}\n`, `${jobId}\u0000`, `${jobId}%00`, `${jobId}/rows`, `${jobId}/cancel`],
    ...[`../jobs/${jobId}`, `./${jobId}`, `${jobId}/..`, `${jobId}?state=done`, `${jobId}#0`, `${jobId.slice(2)}#0`],
    ...[`${jobId.slice(0, 20)}/.`, `${jobId.slice(0, 21)}=`, `${jobId.slice(0, 21)}+`, `${jobId.slice(0, 21)}Ａ`],
    ...[`%70${jobId.slice(1)}`, `${jobId},${jobId}`, `${jobId.slice(0, 21)}B`, 'A'.repeat(100_000)],
  ])('%j', async (id, context) => {
    for (const route of ofOneJob) await expectRefused(bench, route, { id, query: 'limit=1000' }, notFound, context)
  })
})

describe('a cursor that was not given', () => {
  it.for([
    ...['', ' ', '!', '-1', '0', '1', 'MA==', 'MB', 'M', 'bWE', 'null', 'undefined', writeRowCursor(-1)],
    ...['00', '01', '+1', ' 1', '1 ', '1.5', '1e3', '0x1', '10000', '99999', '-0', 'NaN', 'Infinity', '１', '1\n'].map(
      (text) => Buffer.from(text).toString('base64url'),
    ),
    ...[`v1.${writeRowCursor(1)}.AAAA`, JSON.stringify({ job: jobId, row: 1 }), `${jobId}#0`, 'A'.repeat(100_000)],
    Buffer.from('1'.repeat(50_000)).toString('base64url'),
    Buffer.from(JSON.stringify({ job: { S: jobId }, item: { S: 'meta' } })).toString('base64url'),
  ])('%j', async (cursor, context) => {
    const query = `cursor=${encodeURIComponent(cursor)}`

    await expectRefused(bench, 'GET /jobs/{id}/rows', { id: jobId, query }, invalid, context)
  })

  it('twice', (context) =>
    expectRefused(bench, 'GET /jobs/{id}/rows', { id: jobId, query: 'cursor=MA&cursor=MQ' }, invalid, context))

  it.for([0, 1, 2, 3, 999, 1_000, 9_999])(
    'of another job, behind row %i: it moves within one’s own',
    async (row, { task }) => {
      const own = 'B'.repeat(22)
      bench.store.kept.set(own, keptJob({ id: own, requestedBy: roleOf(billing).arn }))
      const password = { deliverTo: reader }
      const added = [{ row: 0, username: 'mine', humanUserId: 'bob', password }]
      await bench.store.rows.add(keptJob({ id: own }), added, 0, farDeadline())

      const { text } = await bench.call('GET /jobs/{id}/rows', {
        ...{ id: own, query: `cursor=${writeRowCursor(row)}`, by: billing },
      })

      countAttack(task, [text.includes('secret')])
      expect(text).toBe('{"rows":[]}')
    },
  )
})

describe('a row that brings more than a row has, or less', () => {
  const withOne = (row: unknown): unknown[] => [
    serviceUserRequest({ username: 'first' }),
    row,
    serviceUserRequest({ username: 'last' }),
  ]

  it.for<[string, unknown]>([
    ['idempotency_key', { idempotency_key: `job,${jobId},0` }],
    ['provisioning_id', { provisioning_id: `v1.${'A'.repeat(22)}.${'A'.repeat(22)}` }],
    ['requested_by', { requested_by: `arn:aws:iam::111111111111:role/${billing}` }],
    ['row', { row: 0 }],
    ['job', { job: jobId }],
    ['state', { state: 'done' }],
    ['attempts', { attempts: 0 }],
    ['key', { key: 0 }],
    ['sealed', { sealed: 'AAAA' }],
    ['encrypted_password', { encrypted_password: 'latchkey.v1.kms.AQICAHg' }],
    ['deliver_to', { deliver_to: reader }],
    ['group', { group: 'api-admin' }],
    ['dry_run', { dry_run: true }],
    ['force', { force: true }],
    ['expires_at', { expires_at: 0 }],
    ['constructor', { constructor: {} }],
    ['an empty name', { '': '' }],
    ['__proto__', JSON.parse('{"__proto__":{"username":"x"}}')],
    ['the name of a machine user', { username: 'latchkey-machine-a1b2c3' }],
    ['the name of a machine user, in capitals', { username: 'LATCHKEY-MACHINE-A1B2C3' }],
    ['a UUID for a name', { username: 'e60426f4-111e-4dd5-9f8c-57fbb2653906' }],
    ['a UUID for a name, in capitals', { username: 'E60426F4-111E-4DD5-9F8C-57FBB2653906' }],
    ['a name with a path', { username: '../admin' }],
    ['a name with a null', { username: 'orders\u0000' }],
    ['a name with a look-alike', { username: 'оrders' }],
    ['a name that is a list', { username: ['orders'] }],
    ['the name of an earlier row', { username: 'first' }],
    ['the name of an earlier row, in capitals', { username: 'FIRST' }],
    ['the name of an earlier row, in both', { username: 'fIrSt' }],
    ['a human with a space', { human_user_id: 'alice bob' }],
    ['a human without end', { human_user_id: 'a'.repeat(257) }],
    ['no human', { human_user_id: undefined }],
    ['a weak password', { password: 'weak' }],
    ['no password', { password: undefined }],
    ['a reader that is not on the list', { password: { generate: { deliver_to: `${reader}2` } } }],
    ['every role for a reader', { password: { generate: { deliver_to: 'arn:aws:iam::111111111111:role/*' } } }],
    ['two readers', { password: { generate: { deliver_to: [reader, `${reader}2`] } } }],
    ['a wish and a length', { password: { generate: { deliver_to: reader, length: 1 } } }],
    ['a wish and a password', { password: { generate: { deliver_to: reader }, password: goodPassword } }],
  ])('%s: nothing of the job is kept', async ([, changes], context) => {
    const row = { ...serviceUserRequest(), ...(changes as object) }
    for (const query of ['', 'dry_run=true']) {
      await expectRefused(bench, 'POST /jobs', { body: { rows: withOne(row) }, query }, invalidRows, context)
    }
  })

  it.for<unknown>([null, 'orders-worker', 7, true, [], [serviceUserRequest()], {}])(
    '%j for a row',
    async (row, context) => {
      await expectRefused(bench, 'POST /jobs', { body: { rows: withOne(row) } }, invalidRows, context)
    },
  )

  const one = serviceUserRequest()
  it.for<[string, unknown]>([
    ['no rows', {}],
    ['an empty list', { rows: [] }],
    ['an object of rows', { rows: { 0: one, length: 1 } }],
    ['a list for the body', [one]],
    ['null', null],
    ['a creation', one],
    ['dry_run', { rows: [one], dry_run: true }],
    ['dry_run, which says no', { rows: [one], dry_run: false }],
    ['requested_by', { rows: [one], requested_by: owner }],
    ['job_id', { rows: [one], job_id: jobId }],
    ['idempotency_key', { rows: [one], idempotency_key: 'k' }],
    ['deliver_to', { rows: [one], deliver_to: reader }],
    ['one row more than there may be', { rows: Array.from({ length: mostRows + 1 }, () => one) }],
  ])('%s for a body', async ([, body], context) => {
    await expectRefused(bench, 'POST /jobs', { body }, invalid, context)
  })

  it('one byte more than there may be', async (context) => {
    const text = JSON.stringify({ rows: [one] }).padEnd(longerBodies['POST /jobs'] + 1)

    await expectRefused(bench, 'POST /jobs', { text }, { status: 413, code: 'payload_too_large' }, context)
  })

  it('as many rows as a body holds, all wrong: the answer stays below Lambda’s 6 MB', async (context) => {
    const body = { rows: Array.from({ length: mostRows }, () => ({ a: 1, b: 2 })) }

    await expectRefused(bench, 'POST /jobs', { body }, invalidRows, context)
    expect((await bench.call('POST /jobs', { body })).text.length).toBeLessThan(6_000_000)
  })
})

describe('a key that looks like a row’s', () => {
  const named = `job,${jobId},0`

  it.for([
    ...[named, `"${named}"`, `"job","${jobId}","0"`, `job, ${jobId}, 0`, `"job\\,${jobId}\\,0"`, `'${named}'`],
    ...[
      `"job,${jobId},0`,
      `""${named}""`,
      `${named}\u0000`,
      `job，${jobId}，0`,
      `\t${named}`,
      `x"${named}"`,
      '',
      ' ',
      '""',
    ],
  ])('%j is refused, of a job and of a creation', async (key, context) => {
    await expectRefused(bench, 'POST /jobs', { body: { rows: [serviceUserRequest()] }, key }, invalid, context)
    await expectRefused(bench, 'POST /create-service-user', { body: serviceUserRequest(), key }, invalid, context)
  })

  it('no header gives a creation the id of a row', ({ task }) => {
    const secret = machineSecret(null).idempotencySecret
    const comma = fc.constantFrom(',', '%2C', '%2c', '&#44;', '\\,', '，', '","', ', ', ';', '\u002c', '\\u002c', '')
    const wrap = fc.constantFrom('', '"', "'", ' ', '\t', '`', '""')
    const words = fc.constantFrom('job', 'JOB', ' job', 'job\u0000')
    const likeRow = fc.tuple(wrap, words, comma, comma).map(
      ([around, word, first, second]) =>
        (row: number) =>
          `${around}${word}${first}${jobId}${second}${row}${around}`,
    )
    const header = fc.oneof(
      likeRow,
      fc.string().map((text) => () => text),
    )
    const of = { requestedBy: owner, username: 'worker', humanUserId: 'alice', password: new SecretValue(goodPassword) }
    const idOf = (idempotencyKey: string): string => makeProvisioningId(secret, { ...of, idempotencyKey })
    const attempt = (given: string): string | undefined => {
      try {
        return idOf(readIdempotencyKey(given))
      } catch {
        return undefined
      }
    }

    fc.assert(
      fc.property(header, fc.nat({ max: mostRows - 1 }), (headerFor, row) => {
        const given = headerFor(row)
        const id = attempt(given)
        countAttack(task, [id === idOf(idempotencyKeyOfRow(jobId, row))])
        expect(id).not.toBe(idOf(idempotencyKeyOfRow(jobId, row)))
        // The key itself has no comma, and a row's has two.
        if (id !== undefined) expect(readIdempotencyKey(given)).not.toContain(',')
      }),
      { numRuns: 100 },
    )
  })
})
