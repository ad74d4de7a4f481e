// App1's two functions in front of one App2 and one store of jobs, which holds a job; and attacks of which nothing may come.
import { expect, type TestContext } from 'vitest'
import { createApp as createApp1Provisioner } from '#services/app1-provisioner/app.ts'
import { createApp } from '#services/app1-provisioner/jobs/app.ts'
import { permissions, type Permission } from '#shared/access-rules.ts'
import { parseRoleArn, type RoleArn } from '#shared/aws/role-arn.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import { manualClock } from '../../support/clock.ts'
import { farDeadline } from '../../support/deadlines.ts'
import { httpEvent, lambdaContext } from '../../support/events.ts'
import { fakeApp2, type Asked } from '../../support/fake-app2.ts'
import { fakeJobStore, type FakeJobStore } from '../../support/fake-job-store.ts'
import { fakeDataKeys, jobId, keptJob, reader } from '../../support/jobs.ts'
import { recordingLogger } from '../../support/logger.ts'
import { fakeMachine } from '../../support/machine-secrets.ts'
import { countAttack } from './repel.ts'

const sessionOf = (name: string): string => `arn:aws:sts::111111111111:assumed-role/${name}/session`
export const roleOf = (name: string): RoleArn => parseRoleArn(`arn:aws:iam::111111111111:role/${name}`) ?? expect.fail()
/** On the list as its owner is, and none of its jobs are this one's. */
export const billing = 'billing'

type Request = {
  readonly body?: unknown
  readonly text?: string
  readonly id?: string
  readonly query?: string
  readonly key?: string
  readonly by?: string
}

export type JobsBench = {
  /** By `orders` unless told. The answer is without the id of the request, by which any two differ. */
  readonly call: (routeKey: string, request?: Request) => Promise<Answer>
  /** All that jobs keep and do. */
  readonly state: () => string
  readonly store: FakeJobStore
  readonly app2: { readonly asked: readonly Asked[] }
}

type Answer = {
  readonly status: number
  readonly text: string
  readonly headers: string
  readonly body: Readonly<Record<string, unknown>>
}

type Options = { readonly granted?: readonly Permission[]; readonly hasDryRuns?: boolean }

/** Both functions of App1 in front of one App2, and `orders`' job of three rows, of which one is done. */
export async function setUpJobs({ granted = permissions, hasDryRuns = true }: Options = {}): Promise<JobsBench> {
  const store = fakeJobStore()
  const logger = recordingLogger()
  const { now } = manualClock()
  const app2 = fakeApp2(({ path, body }) => {
    if (path === '/admin/check-users') return { rows: (body['rows'] as unknown[]).map(() => ({ would: 'create' })) }
    return Promise.reject(new Error('asked to create'))
  })
  const shared = {
    ...{ now, logger, app2, machine: fakeMachine() },
    allowedCallers: [
      ...['orders', billing].map((name) => ({ role: roleOf(name), permissions: ['create'] as const })),
      { role: roleOf('granted'), permissions: granted },
    ],
  }
  const jobs = createLambdaHandler(
    createApp({ ...shared, ...store, passwordReaders: [reader], makeDataKey: fakeDataKeys().make }),
    logger,
  )
  const sealer = { seal: () => Promise.resolve('sealed') }
  const single = createLambdaHandler(createApp1Provisioner({ ...shared, sealer, hasDryRuns }), logger)

  store.kept.set(jobId, keptJob({ rows: 3 }))
  const rows = [0, 1, 2].map((row) => ({
    row,
    username: `secret-name-${row}`,
    humanUserId: 'alice',
    password: { deliverTo: reader },
  }))
  await store.rows.add(keptJob(), rows, 0, farDeadline())
  const done = { state: 'done', provisioningId: 'v1.x.y', secretArn: 'arn:secret' } as const
  await store.rows.settle({ job: jobId, row: 0 }, done, { attempts: 1, now: 0 }, farDeadline())

  const call = async (routeKey: string, { body, text, id, query = '', key, by = 'orders' }: Request = {}) => {
    const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) }
    const given = text ?? (body === undefined ? null : JSON.stringify(body))
    const event = httpEvent({ routeKey, userArn: sessionOf(by), headers, body: given })
    const parameters = { ...(id !== undefined && { pathParameters: { id } }), rawQueryString: query }
    const handler = routeKey.includes(' /jobs') ? jobs : single
    const answer = await handler(Object.assign(event, parameters), lambdaContext())
    const { request_id: requestId = '', ...said } = JSON.parse(answer.body) as Record<string, unknown>
    const withoutId = answer.body.replaceAll(String(requestId), '')
    return { status: answer.statusCode, text: withoutId, headers: JSON.stringify(answer.headers), body: said }
  }
  const state = (): string =>
    JSON.stringify([[...store.kept], [...store.keptRows], [...store.open], store.sent, app2.asked])
  return { app2, call, state, store }
}

/** Answered so, and nothing is kept, sent or asked. */
export async function expectRefused(
  bench: JobsBench,
  routeKey: string,
  request: Request,
  expected: { readonly status: number; readonly code: string },
  { task }: Pick<TestContext, 'task'>,
): Promise<void> {
  const before = bench.state()
  const { status, body } = await bench.call(routeKey, request)
  countAttack(task, [status < 400 || bench.state() !== before])
  expect({ status, code: body['code'] }).toEqual(expected)
  expect(bench.state()).toBe(before)
}
