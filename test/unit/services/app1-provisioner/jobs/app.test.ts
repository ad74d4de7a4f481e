import { describe, expect, it } from 'vitest'
import { createApp } from '#services/app1-provisioner/jobs/app.ts'
import { openRowPassword } from '#services/app1-provisioner/job-store/job-cipher.ts'
import { writeRowCursor } from '#services/app1-provisioner/jobs/show-job.ts'
import type { App2Client } from '#services/app1-provisioner/app2-client.ts'
import type { Machine } from '#services/app1-provisioner/machine/machine.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { longerBodies } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import type { HumanVerifier } from '#shared/human/human-verifier.ts'
import type { JobEvidence, SealEvidence } from '#shared/human/job-evidence.ts'
import { manualClock } from '#test/support/clock.ts'
import { httpEvent, lambdaContext } from '#test/support/events.ts'
import { failingApp2, fakeApp2 } from '#test/support/fake-app2.ts'
import { fakeJobStore, rowName } from '#test/support/fake-job-store.ts'
import { fakeDataKeys, jobId, keptJob, owner, reader } from '#test/support/jobs.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeMachine } from '#test/support/machine-secrets.ts'
import { goodPassword, provisioningId, serviceUserRequest } from '#test/support/requests.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'
import { farDeadline } from '#test/support/deadlines.ts'

const sessionOf = (name: string): string => `arn:aws:sts::111111111111:assumed-role/${name}/session`
const other = 'arn:aws:iam::111111111111:role/billing'

type Request = {
  readonly body?: unknown
  readonly text?: string
  readonly path?: Record<string, string>
  readonly query?: string
  readonly key?: string
  readonly userArn?: string
  readonly token?: string
}

type Human = Pick<Parameters<typeof createApp>[0], 'human' | 'sealEvidence'>

function setUp({
  machine = fakeMachine(),
  app2 = failingApp2(new Error('App2 is not asked')),
  ...human
}: { machine?: Machine; app2?: App2Client } & Human = {}) {
  const store = fakeJobStore()
  const dataKeys = fakeDataKeys()
  const logger = recordingLogger()
  const clock = manualClock()
  const app = createApp({
    now: clock.now,
    logger,
    allowedCallers: [
      ...[owner, other].map((arn) => ({ role: parseRoleArn(arn) ?? expect.fail(), permissions: ['create'] as const })),
      {
        role: parseRoleArn('arn:aws:iam::111111111111:role/auditor') ?? expect.fail(),
        permissions: ['read', 'write', 'delete'],
      },
    ],
    app2,
    passwordReaders: [reader],
    machine,
    makeDataKey: dataKeys.make,
    ...human,
    ...store,
  })
  const handler = createLambdaHandler(app, logger)
  const call = async (routeKey: string, request: Request = {}) => {
    const { body, text, path = {}, query = '', key, userArn = sessionOf('orders'), token } = request
    const headers = {
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(token !== undefined && { 'x-human-token': token }),
    }
    const given = text ?? (body === undefined ? undefined : JSON.stringify(body))
    const event = {
      ...httpEvent({ routeKey, userArn, headers, ...(given !== undefined && { body: given }) }),
      pathParameters: path,
      rawQueryString: query,
    }
    const result = await handler(event, lambdaContext())
    const answer = JSON.parse(result.body) as Record<string, unknown>
    return { status: result.statusCode, headers: result.headers, body: answer, text: result.body }
  }
  const post = (rows: unknown, request: Request = {}) => call('POST /jobs', { key: 'k', body: { rows }, ...request })
  return { call, clock, dataKeys, logger, post, store }
}

const rowsOf = (count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, row) => serviceUserRequest({ username: `worker-${row}` }))

describe('POST /jobs', () => {
  it('keeps every row, sends every id, and says where to look', async () => {
    const { post, store } = setUp()

    const { status, body } = await post(rowsOf(3))

    const id = String(body['job_id'])
    expect(status).toBe(202)
    expect(body).toEqual({ job_id: expect.stringMatching(/^[\w-]{22}$/) as string, status_url: `/jobs/${id}` })
    expect(store.kept.get(id)).toMatchObject({ requestedBy: owner, rows: 3, state: 'ready' })
    expect(store.open).toEqual(new Set([id]))
    expect([...store.keptRows.keys()]).toEqual([0, 1, 2].map((row) => rowName({ job: id, row })))
    expect(store.sent).toEqual([0, 1, 2].map((row) => ({ job: id, row })))
  })

  it('seals each given password to its row, and keeps none where App2 makes it', async () => {
    const { dataKeys, post, store } = setUp()

    const { body } = await post([
      serviceUserRequest(),
      serviceUserRequest({ username: 'made', password: { generate: { deliver_to: reader } } }),
    ])

    const job = String(body['job_id'])
    const [given, made] = [0, 1].map((row) => store.keptRows.get(rowName({ job, row }))?.password)
    const wrapped = store.kept.get(job)?.dataKeys[0] ?? expect.fail()
    const key = await dataKeys.open(job, wrapped, farDeadline())
    const sealed = given?.sealed ?? expect.fail()
    expect(openRowPassword(key, sealed, { job, row: 0, username: 'orders-worker' }).expose()).toBe(goodPassword)
    expect(made).toEqual({ deliverTo: reader })
  })

  it('needs no data key where App2 makes every password', async () => {
    const { post, store } = setUp()

    const { body } = await post([serviceUserRequest({ password: { generate: { deliver_to: reader } } })])

    expect(store.kept.get(String(body['job_id']))?.dataKeys).toEqual([])
  })

  it('has no password in a message, a line or what is kept in clear', async () => {
    const { logger, post, store } = setUp()

    const { text } = await post(rowsOf(2))

    const kept = [...store.keptRows.values()]
    const sealed = kept.map(({ password }) => Buffer.from(password?.sealed ?? []).toString('latin1'))
    const given = [text, JSON.stringify([store.sent, logger.lines, kept, [...store.kept]]), ...sealed].join('\n')
    expect(sealed.map(({ length }) => length)).toEqual([51, 51])
    expect(secretsFoundIn(given, [goodPassword])).toEqual([])
  })

  it('with a row that is refused keeps and sends nothing', async () => {
    const { post, store } = setUp()

    const answer = await post([...rowsOf(2), serviceUserRequest({ password: 'weak' })])

    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'invalid_rows', errors: [{ pointer: '/rows/2/password' }] },
    })
    expect(store.kept.size + store.keptRows.size + store.sent.length).toBe(0)
  })

  it('repeated gives the same job, and changes and sends nothing', async () => {
    const { post, store } = setUp()

    const first = await post(rowsOf(2))
    await store.rows.settle(
      { job: String(first.body['job_id']), row: 0 },
      { state: 'cancelled' },
      { attempts: 0, now: 0 },
      farDeadline(),
    )
    const before = JSON.stringify([...store.kept, ...store.keptRows])
    const second = await post(rowsOf(2), { key: '"k"' })

    expect(second).toMatchObject({ status: 202, body: first.body })
    expect(JSON.stringify([...store.kept, ...store.keptRows])).toBe(before)
    expect(store.sent).toHaveLength(2)
  })

  it.each<[string, unknown[]]>([
    ['one row more', rowsOf(3)],
    ['another order', rowsOf(2).toReversed()],
    ['another password', [rowsOf(1)[0], { ...rowsOf(2)[1], password: `${goodPassword}!` }]],
    ['another human', [rowsOf(1)[0], { ...rowsOf(2)[1], human_user_id: 'bob' }]],
    ['a password that App2 makes', [rowsOf(1)[0], { ...rowsOf(2)[1], password: { generate: { deliver_to: reader } } }]],
  ])('repeated with %s is refused', async (_, rows) => {
    const { post, store } = setUp()

    await post(rowsOf(2))

    expect(await post(rows)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    expect(store.keptRows.size).toBe(2)
  })

  it.each([
    ['while its items are there still', false],
    ['while DynamoDB has removed the job and not yet its rows', true],
  ])('with the key of a job that has expired is a new one, %s: it works and counts its own rows', async (_, isGone) => {
    const { call, clock, post, store } = setUp()
    const job = String((await post(rowsOf(4))).body['job_id'])
    for (const row of [0, 3])
      await store.rows.settle({ job, row }, { state: 'failed', code: 'x' }, { attempts: 1, now: 0 }, farDeadline())
    clock.advance(31 * 24 * 60 * 60_000)
    if (isGone) store.kept.delete(job)
    store.sent.length = 0

    expect(await post(rowsOf(2))).toMatchObject({ status: 202, body: { job_id: job } })

    expect(store.sent).toEqual([0, 1].map((row) => ({ job, row })))
    expect((await call('GET /jobs/{id}', { path: { id: job } })).body).toMatchObject({
      rows: { total: 2, waiting: 2, failed: 0 },
    })
    const { body } = await call('GET /jobs/{id}/rows', { path: { id: job } })
    expect(body['rows']).toMatchObject([0, 1].map((row) => ({ row, state: 'waiting' })))
  })

  it('is refused while its caller has 200 open jobs, and another caller’s is not', async () => {
    const { post, store } = setUp()
    const keepOpen = (count: number): void => {
      for (let at = 0; at < count; at += 1) {
        store.open.add(`open-${at}`)
        store.kept.set(`open-${at}`, keptJob({ id: `open-${at}` }))
      }
    }

    keepOpen(199)
    expect((await post(rowsOf(1))).status).toBe(202)
    expect(await post(rowsOf(1), { key: 'another' })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      body: { code: 'throttled', outcome: 'none' },
    })
    expect(store.sent).toHaveLength(1)
    // A repeat is no other job.
    expect((await post(rowsOf(1))).status).toBe(202)
    expect((await post(rowsOf(1), { userArn: sessionOf('billing') })).status).toBe(202)
  })

  it('with the same key of another caller is another job', async () => {
    const { post, store } = setUp()

    const mine = await post(rowsOf(2))
    const theirs = await post(rowsOf(1), { userArn: sessionOf('billing') })

    expect(theirs.status).toBe(202)
    expect(theirs.body['job_id']).not.toBe(mine.body['job_id'])
    expect(store.kept.get(String(theirs.body['job_id']))?.requestedBy).toBe(other)
  })

  it('without a key is another job each time', async () => {
    const { call } = setUp()

    const ids = [
      await call('POST /jobs', { body: { rows: rowsOf(1) } }),
      await call('POST /jobs', { body: { rows: rowsOf(1) } }),
    ]

    expect(new Set(ids.map(({ body }) => body['job_id'])).size).toBe(2)
  })

  it.each(['claim', 'present', 'add', 'complete'] as const)(
    'that fails at %s says how to repeat it, and the repeat goes on there',
    async (operation) => {
      const { post, store } = setUp()
      store.fail(operation, new ServiceError('upstream_unavailable'))

      const failed = await post(rowsOf(3))
      expect(failed).toMatchObject({ status: 503, body: { idempotency_key: 'k', outcome: 'unknown' } })
      expect(store.sent).toEqual([])
      const kept = new Map(store.keptRows)
      const repeated = await post(rowsOf(3))

      expect(repeated.status).toBe(202)
      expect(store.keptRows.size).toBe(3)
      for (const [name, row] of kept) expect(store.keptRows.get(name)).toBe(row)
      expect(store.sent).toHaveLength(3)
    },
  )

  it('that was killed among its rows writes the missing ones under a key of their own', async () => {
    const { clock, dataKeys, post, store } = setUp()
    const first = await post(rowsOf(3))
    const job = String(first.body['job_id'])
    const kept = store.kept.get(job) ?? expect.fail()
    store.kept.set(job, { ...kept, state: 'loading', loadingUntil: clock.now() })
    store.keptRows.delete(rowName({ job, row: 1 }))

    await post(rowsOf(3))

    expect([0, 1, 2].map((row) => store.keptRows.get(rowName({ job, row }))?.password)).toMatchObject([
      { key: 0 },
      { key: 1 },
      { key: 0 },
    ])
    const { sealed = expect.fail() } = store.keptRows.get(rowName({ job, row: 1 }))?.password ?? {}
    const key = await dataKeys.open(job, store.kept.get(job)?.dataKeys[1] ?? expect.fail(), farDeadline())
    expect(openRowPassword(key, sealed, { job, row: 1, username: 'worker-1' }).expose()).toBe(goodPassword)
  })

  it('while another request writes the same job has to come again, until that one’s time is over', async () => {
    const { clock, post, store } = setUp()
    const { body } = await post(rowsOf(1))
    const job = String(body['job_id'])
    const kept = store.kept.get(job) ?? expect.fail()
    store.kept.set(job, { ...kept, state: 'loading', loadingUntil: clock.now() + 7_000 })

    expect(await post(rowsOf(1))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '7' },
      body: { code: 'throttled', idempotency_key: 'k', outcome: 'unknown' },
    })
    clock.advance(7_000)
    expect(await post(rowsOf(1))).toMatchObject({ status: 202 })
  })

  it('whose rows another request completed in the meantime is accepted, and sends nothing', async () => {
    const { post, store } = setUp()
    const { body } = await post(rowsOf(1))
    const job = String(body['job_id'])
    const ready = store.kept.get(job) ?? expect.fail()
    store.kept.set(job, { ...ready, state: 'loading' })
    const original = { ...store.jobs }
    Object.assign(store.jobs, {
      claim: (...given: Parameters<typeof store.jobs.claim>) => {
        store.kept.set(job, ready)
        return original.claim(...given)
      },
    })

    expect(await post(rowsOf(1))).toMatchObject({ status: 202, body: { job_id: job } })
    expect(store.sent).toHaveLength(1)
  })

  it('whose messages are not all sent is accepted: the sweeper sends them', async () => {
    const { logger, post, store } = setUp()
    store.unsent = 2

    expect(await post(rowsOf(3))).toMatchObject({ status: 202 })
    expect(store.sent).toHaveLength(1)
    expect(logger.lines).toContainEqual(expect.objectContaining({ message: 'job accepted', outcome: 'sent in part' }))
  })

  it('without the machine’s secret keeps nothing, and says so', async () => {
    const { post, store } = setUp({ machine: { current: () => Promise.reject(new ServiceError('not_ready')) } })

    expect(await post(rowsOf(1))).toMatchObject({ status: 503, body: { code: 'not_ready', outcome: 'none' } })
    expect(store.kept.size).toBe(0)
  })

  it('with dry_run=yes is refused, and never ignored', async () => {
    const { post, store } = setUp()

    expect(await post(rowsOf(1), { query: 'dry_run=yes' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ parameter: 'dry_run', detail: 'must be true or false' }] },
    })
    expect(store.kept.size).toBe(0)
  })

  it('with dry_run=true is checked and answered, and nothing of it is kept', async () => {
    const asked = fakeApp2(() => ({ rows: [{ would: 'refuse', code: 'user_exists' }] }))
    const { post, store } = setUp({ app2: asked })

    expect(await post([{ ...rowsOf(1)[0], password: 'weak' }], { query: 'dry_run=true' })).toMatchObject({
      status: 422,
    })
    expect(await post(rowsOf(1), { query: 'dry_run=true' })).toMatchObject({
      status: 200,
      body: { rows: [{ row: 0, would: 'refuse', code: 'user_exists' }] },
    })
    expect(asked.asked).toMatchObject([{ path: '/admin/check-users' }])
    expect([store.kept.size, store.sent]).toEqual([0, []])
  })

  it('of as many bytes as the route takes is read, and of one more is not', async () => {
    const { post } = setUp()
    const padded = (bytes: number): string => JSON.stringify({ rows: [] }).padEnd(bytes)

    expect(await post([], { text: padded(longerBodies['POST /jobs']) })).toMatchObject({ status: 400 })
    expect(await post([], { text: padded(longerBodies['POST /jobs'] + 1) })).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    })
  })

  it.each([
    ['user', 'arn:aws:iam::111111111111:user/orders'],
    ['role that is not on the list', sessionOf('nobody')],
    ['role that may not create', sessionOf('auditor')],
  ])('by a %s is refused before the body is read', async (_, userArn) => {
    const { post, store } = setUp()

    expect(await post([], { text: 'no JSON', userArn })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(store.kept.size).toBe(0)
  })

  it('with a key that could be a row’s is refused', async () => {
    const { post } = setUp()

    expect(await post(rowsOf(1), { key: `"job,${jobId},0"` })).toMatchObject({
      status: 400,
      body: { errors: [{ header: 'idempotency-key' }] },
    })
  })
})

const path = { id: jobId }

describe('a job that was accepted', () => {
  async function setUpJob(rows = 4) {
    const all = setUp()
    all.store.kept.set(jobId, keptJob({ rows }))
    const added = Array.from({ length: rows }, (_, row) => ({
      row,
      username: `worker-${row}`,
      humanUserId: 'alice',
      password: { deliverTo: reader },
    }))
    await all.store.rows.add(keptJob(), added, 0, farDeadline())
    const settle = (row: number, settlement: Parameters<typeof all.store.rows.settle>[1]) =>
      all.store.rows.settle({ job: jobId, row }, settlement, { attempts: 1, now: 0 }, farDeadline())
    return { ...all, settle }
  }

  it('is told with its counts, and with its rate once a row was worked off', async () => {
    const { call, clock, settle } = await setUpJob()

    expect((await call('GET /jobs/{id}', { path })).body).toEqual({
      job_id: jobId,
      state: 'running',
      created_at: '2026-01-01T00:00:00.000Z',
      rows: { total: 4, waiting: 4, done: 0, failed: 0, cancelled: 0 },
      expires_at: '2026-01-31T00:00:00.000Z',
    })

    await settle(0, { state: 'done', provisioningId, secretArn: undefined })
    await settle(1, { state: 'failed', code: 'user_exists' })
    clock.advance(8_000)
    expect((await call('GET /jobs/{id}', { path })).body).toMatchObject({
      state: 'running',
      rows: { waiting: 2, done: 1, failed: 1 },
      rows_per_second: 0.25,
      estimated_end: '2026-01-01T00:00:16.000Z',
    })
  })

  it('has its rows in pages, in their order', async () => {
    const { call, settle } = await setUpJob(5)
    await settle(1, { state: 'done', provisioningId, secretArn: 'arn:secret' })
    await settle(2, { state: 'failed', code: 'user_exists' })

    const first = await call('GET /jobs/{id}/rows', { path, query: 'limit=3' })
    expect(first.body).toEqual({
      rows: [
        { row: 0, username: 'worker-0', state: 'waiting' },
        { row: 1, username: 'worker-1', state: 'done', provisioning_id: provisioningId, secret_arn: 'arn:secret' },
        { row: 2, username: 'worker-2', state: 'failed', code: 'user_exists' },
      ],
      cursor: writeRowCursor(2),
    })
    const second = await call('GET /jobs/{id}/rows', { path, query: `limit=3&cursor=${String(first.body['cursor'])}` })
    expect(second.body).toMatchObject({ rows: [{ row: 3 }, { row: 4 }] })
    expect(second.body).not.toHaveProperty('cursor')
  })

  it('has its rows by state', async () => {
    const { call, settle } = await setUpJob()
    await settle(2, { state: 'failed', code: 'user_exists' })

    const { body } = await call('GET /jobs/{id}/rows', { path, query: 'state=failed' })

    expect(body).toEqual({ rows: [{ row: 2, username: 'worker-2', state: 'failed', code: 'user_exists' }] })
  })

  it.each([
    '',
    '!',
    'MA==',
    'MB',
    Buffer.from('-1').toString('base64url'),
    Buffer.from('01').toString('base64url'),
    Buffer.from('10000').toString('base64url'),
  ])('takes no cursor that it has not given: %j', async (cursor) => {
    const { call } = await setUpJob()

    expect(await call('GET /jobs/{id}/rows', { path, query: `cursor=${encodeURIComponent(cursor)}` })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ parameter: 'cursor' }] },
    })
  })

  it('with a forged cursor shows its own rows at most', async () => {
    const { call } = await setUpJob()

    const { body } = await call('GET /jobs/{id}/rows', { path, query: `cursor=${writeRowCursor(9_999)}` })

    expect(body).toEqual({ rows: [] })
  })

  it.each(['limit=0', 'limit=1001', 'state=ready', 'x=1', 'limit=1&limit=2'])('refuses %s', async (query) => {
    const { call } = await setUpJob()

    expect(await call('GET /jobs/{id}/rows', { path, query })).toMatchObject({ status: 400 })
  })

  it('is cancelled once, and what was made stays', async () => {
    const { call, settle, store } = await setUpJob()
    await settle(0, { state: 'done', provisioningId, secretArn: undefined })

    expect(await call('POST /jobs/{id}/cancel', { path })).toMatchObject({ status: 200, body: { state: 'cancelling' } })
    for (const row of [1, 2, 3]) await settle(row, { state: 'cancelled' })

    expect(await call('POST /jobs/{id}/cancel', { path })).toMatchObject({
      status: 200,
      body: { state: 'cancelled', rows: { waiting: 0, done: 1, cancelled: 3 } },
    })
    expect(store.kept.get(jobId)?.state).toBe('cancelled')
  })

  it('that is at its end is finished, whatever is cancelled then, and its rate stands still', async () => {
    const { call, clock, settle, store } = await setUpJob(1)
    await settle(0, { state: 'done', provisioningId, secretArn: undefined })
    clock.advance(10_000)
    expect((await call('GET /jobs/{id}', { path })).body).not.toHaveProperty('rows_per_second')
    await store.jobs.close(jobId, new Date(clock.now()).toISOString(), farDeadline())
    clock.advance(60_000)

    const { body } = await call('POST /jobs/{id}/cancel', { path })

    expect(body).toMatchObject({ state: 'finished', rows_per_second: 0.1 })
    expect(body).not.toHaveProperty('estimated_end')
  })

  it('that has expired is forgotten, also while its items are there still', async () => {
    const { call, clock } = await setUpJob()
    clock.advance(30 * 24 * 60 * 60 * 1_000)

    expect(await call('GET /jobs/{id}', { path })).toMatchObject({ status: 404, body: { code: 'job_not_found' } })
  })

  const ofOneJob = ['GET /jobs/{id}', 'GET /jobs/{id}/rows', 'POST /jobs/{id}/cancel']

  it.each(ofOneJob)('does not exist for another caller, nor one with an unknown or malformed id: %s', async (route) => {
    const { call, store } = await setUpJob()

    const answers = [
      await call(route, { path, userArn: sessionOf('billing') }),
      await call(route, { path: { id: `${jobId.slice(1)}x` } }),
      ...(await Promise.all(
        ['', 'x', `${jobId}A`, '../meta', `${jobId.slice(1)}#`].map((id) => call(route, { path: { id } })),
      )),
    ]

    for (const { status, body } of answers) {
      expect({ status, code: body['code'] }).toEqual({ status: 404, code: 'job_not_found' })
    }
    expect(new Set(answers.map(({ body }) => body['detail'])).size).toBe(1)
    expect(store.kept.get(jobId)?.state).toBe('ready')
  })

  it.each(ofOneJob)('does not exist before all its rows are there: %s', async (route) => {
    const { call, store } = await setUpJob()
    store.kept.set(jobId, keptJob({ state: 'loading' }))

    expect(await call(route, { path })).toMatchObject({ status: 404 })
  })

  it.each(ofOneJob)('is for roles that may create: %s', async (route) => {
    const { call } = await setUpJob()

    expect(await call(route, { path, userArn: sessionOf('auditor') })).toMatchObject({ status: 403 })
  })
})

describe('a job that a human’s token asks for', () => {
  const issuer = 'https://idp.example.com'
  const sealed: JobEvidence[] = []
  const sealEvidence: SealEvidence = (evidence) => Promise.resolve(`sealed-${sealed.push(evidence)}`)
  /** The token is the human’s name and the token’s id. */
  const verifier: HumanVerifier = {
    verify: (token) => {
      const [humanUserId = '', jti = ''] = token.expose().split('.')
      return Promise.resolve({ ok: true, claims: { issuer, sub: 'human-1', jti, humanUserId, expiresAt: 0 } })
    },
    warmUp: () => Promise.resolve(),
  }
  const human = { identity: 'verified', issuers: [issuer], verifier } as const
  const unnamed = serviceUserRequest({ human_user_id: undefined })

  it('keeps what names the token, and what is sealed for App2, and the token nowhere', async () => {
    const { clock, logger, post, store } = setUp({ human, sealEvidence })

    const { body } = await post([unnamed], { token: 'alice.token-1.canary' })

    const id = String(body['job_id'])
    const kept = store.kept.get(id)
    expect(kept?.human).toEqual({ issuer, sub: 'human-1', jti: 'token-1', evidence: `sealed-${sealed.length}` })
    const notAfter = clock.now() / 1_000 + 3 * 24 * 3_600
    expect(sealed.at(-1)).toEqual({
      ...{ issuer, sub: 'human-1', jti: 'token-1', humanUserId: 'alice', jobId: id, requestedBy: owner, notAfter },
    })
    expect(store.keptRows.get(rowName({ job: id, row: 0 }))?.humanUserId).toBe('alice')
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        message: 'job accepted',
        human_proof: 'verified',
        human_issuer: issuer,
        human_sub: 'human-1',
      }),
    )
    expect(JSON.stringify([[...store.kept], [...store.keptRows], store.sent, logger.lines])).not.toContain('canary')
  })

  it('keeps the first token’s where a repeat brings another, of which nothing is sealed', async () => {
    const { post, store } = setUp({ human, sealEvidence })
    const first = await post([unnamed], { token: 'alice.token-1.x' })
    const sealedBefore = sealed.length

    const repeat = await post([unnamed], { token: 'alice.token-2.x' })

    expect(repeat.body).toEqual(first.body)
    expect(store.kept.get(String(first.body['job_id']))?.human?.jti).toBe('token-1')
    expect(sealed).toHaveLength(sealedBefore)
  })

  it('is another job’s rows in another human’s name, under the same key', async () => {
    const { post } = setUp({ human, sealEvidence })
    await post([unnamed], { token: 'alice.token-1.x' })

    expect(await post([unnamed], { token: 'mallory.token-2.x' })).toMatchObject({ status: 422 })
  })

  it('keeps nothing where it cannot be sealed, and says so', async () => {
    const failure = new ServiceError('throttled', { retryAfterSeconds: 1 })
    for (const failing of [{ sealEvidence: () => Promise.reject(failure) }, {}]) {
      const { post, store } = setUp({ human, ...failing })

      const { status, body } = await post([unnamed], { token: 'alice.token-1.x' })

      expect([status, body['code']]).toEqual('sealEvidence' in failing ? [429, 'throttled'] : [500, 'internal_error'])
      expect(body['outcome']).toBe('sealEvidence' in failing ? 'none' : 'unknown')
      expect(store.kept.size).toBe(0)
    }
  })
})
