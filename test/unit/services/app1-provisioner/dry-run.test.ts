import { describe, expect, it } from 'vitest'
import { dryRunJob } from '#services/app1-provisioner/jobs/dry-run-job.ts'
import { makeJobId } from '#services/app1-provisioner/jobs/job-identity.ts'
import { createApp2Client } from '#services/app1-provisioner/app2-client.ts'
import { makeProvisioningId } from '#services/app1-provisioner/provisioning-id.ts'
import { longerBodies } from '#shared/contract.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { answerOf } from '#test/support/answers.ts'
import { fakeJobStore } from '#test/support/fake-job-store.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeMachine } from '#test/support/machine-secrets.ts'
import { goodPassword } from '#test/support/requests.ts'

const requestedBy = 'arn:aws:iam::123456789012:role/orders'
const longestRole = `arn:aws:iam::123456789012:role/${'p'.repeat(1024 - 32 - 64)}/${'r'.repeat(64)}`

type Sent = { readonly rows: readonly Readonly<Record<string, string>>[]; readonly requested_by: string }

function setUp(answerTo: (sent: Sent) => unknown) {
  const sent: Sent[] = []
  const bytes: number[] = []
  const send = async ({ makeBody }: { makeBody: () => Promise<Uint8Array> }) => {
    const body = await makeBody()
    bytes.push(body.length)
    sent.push(JSON.parse(Buffer.from(body).toString()) as Sent)
    return answerOf(answerTo(sent.at(-1) ?? expect.fail()))
  }
  const app2 = createApp2Client({ baseUrl: new URL('https://app2.example') })
  const timer = createStepTimer(Date.now)
  const context = {
    requestId: 'r',
    deadline: createDeadline({ now: Date.now, budgetMs: 28_000 }),
    logger: recordingLogger(),
    timer,
  }
  const machine = { ...fakeMachine() }
  const current = async (...args: Parameters<typeof machine.current>) => ({ ...(await machine.current(...args)), send })
  const run = (rows: Parameters<typeof dryRunJob>[0]['rows']) =>
    dryRunJob(
      { idempotencyKey: 'key-1', requestedBy, rows },
      { machine: { current }, app2, jobs: fakeJobStore().jobs },
      context,
    )
  return { run, sent, bytes, secret: async () => (await machine.current(context.deadline)).idempotencySecret }
}

const row = (index: number) => ({
  username: `orders-${index}`,
  humanUserId: 'alice',
  password: new SecretValue(goodPassword),
})
const createAll = ({ rows }: Sent) => ({ rows: rows.map(() => ({ would: 'create' })) })

describe('the dry run of a job', () => {
  it('asks for each row under the key that it will have in the job', async () => {
    const { run, sent, secret } = setUp(({ rows }) => ({
      rows: rows.map((_, index) => (index === 1 ? { would: 'refuse', code: 'user_exists' } : { would: 'create' })),
    }))

    const answer = await run([row(0), { ...row(1), password: { deliverTo: longestRole } }])

    expect(answer.rows).toEqual([
      { row: 0, username: 'orders-0', would: 'create' },
      { row: 1, username: 'orders-1', would: 'refuse', code: 'user_exists' },
    ])
    const jobId = makeJobId(await secret(), { requestedBy, idempotencyKey: 'key-1' })
    const request = { ...row(0), requestedBy, idempotencyKey: `job,${jobId},0` }
    expect(sent).toEqual([
      {
        requested_by: requestedBy,
        rows: [
          { username: 'orders-0', provisioning_id: makeProvisioningId(await secret(), request) },
          { username: 'orders-1', provisioning_id: expect.any(String) as string, deliver_to: longestRole },
        ],
      },
    ])
    expect(JSON.stringify(sent)).not.toContain(goodPassword)
  })

  it('of 1,000 rows asks in parts that App2 takes, however long they are, and keeps their order', async () => {
    const { run, sent, bytes } = setUp(createAll)
    const rows = Array.from({ length: 1_000 }, (_, index) => ({
      ...row(index),
      username: `${'x'.repeat(124)}${String(index).padStart(4, '0')}`,
      password: { deliverTo: longestRole },
    }))

    const answer = await run(rows)

    expect(longestRole).toHaveLength(1024)
    expect(answer.rows.map(({ row, username }) => [row, username])).toEqual(
      rows.map(({ username }, index) => [index, username]),
    )
    expect(sent.map((question) => question.rows.length)).toEqual([500, 500])
    expect(Math.max(...bytes)).toBeLessThan(longerBodies['POST /admin/check-users'])
  })

  it('of 1,001 rows is refused before App2 is asked', async () => {
    const { run, sent } = setUp(createAll)

    await expect(run(Array.from({ length: 1_001 }, (_, index) => row(index)))).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/rows', detail: 'must have at most 1000 rows in a dry run' }],
    })
    expect(sent).toEqual([])
  })

  it.each<[string, unknown]>([
    ['fewer rows', { rows: [] }],
    ['more rows', { rows: [{ would: 'create' }, { would: 'create' }] }],
    ['another word', { rows: [{ would: 'delete' }] }],
    ['a code that is none', { rows: [{ would: 'refuse', code: 'canary' }] }],
  ])('is not told what App2 answers with %s', async (_, answer) => {
    const { run } = setUp(() => answer)

    await expect(run([row(0)])).rejects.toMatchObject({ code: 'upstream_error', reason: 'app2_malformed_answer' })
  })
})
