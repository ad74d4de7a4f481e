import { describe, expect, it } from 'vitest'
import { createUntilFinal, type Answer, type CreationDeps } from '../../../../gate/bench/load/creation.ts'

const request = { username: 'ada', password: 'Ada-password-1', humanUserId: 'alice', idempotencyKey: 'key-1' }
const told = { createdAt: '2026-01-01T00:00:00.000Z', provisioningId: 'v1.a.b' }

const answered = (status: number, changes: Partial<Extract<Answer, { kind: 'answered' }>> = {}): Answer => ({
  kind: 'answered',
  status,
  code: undefined,
  retryAfterSeconds: undefined,
  user: undefined,
  ...changes,
})
const created = answered(201, { user: told })
const hungUp: Answer = { kind: 'unanswered', reason: 'hung_up' }

/** App1 gives `answers` in turn, the last one for ever; each takes 10 ms, and only waits move the clock besides. */
function against(answers: readonly Answer[]): {
  readonly deps: CreationDeps
  readonly sent: { readonly key: string; readonly hangUpAfterMs: number | undefined }[]
  readonly waits: number[]
} {
  const clock = { now: 0 }
  const sent: { key: string; hangUpAfterMs: number | undefined }[] = []
  const waits: number[] = []
  const deps: CreationDeps = {
    send: ({ idempotencyKey }, { hangUpAfterMs }) => {
      sent.push({ key: idempotencyKey, hangUpAfterMs })
      clock.now += 10
      return Promise.resolve(answers[Math.min(sent.length, answers.length) - 1] ?? created)
    },
    sleep: (ms) => {
      waits.push(ms)
      clock.now += ms
      return Promise.resolve()
    },
    now: () => clock.now,
    random: () => 0,
  }
  return { deps, sent, waits }
}

const run = (deps: CreationDeps, hangUpAfterMs?: number) => createUntilFinal(request, deps, { hangUpAfterMs })

describe('a creation', () => {
  it('that succeeds at once is one request', async () => {
    const { deps, sent } = against([created])

    const record = await run(deps)

    expect(sent).toEqual([{ key: 'key-1', hangUpAfterMs: undefined }])
    expect(record).toEqual({
      username: 'ada',
      humanUserId: 'alice',
      verdict: { kind: 'created', user: told },
      requests: 1,
      answerMs: [10],
      totalMs: 10,
      repeatedFor: [],
    })
  })

  it('is repeated with the same key after the waits that were asked for, and remembers why', async () => {
    const throttled = answered(429, { code: 'throttled', retryAfterSeconds: 2 })
    const { deps, sent, waits } = against([throttled, answered(500), { kind: 'unanswered', reason: 'no_connection' }])

    const record = await run({ ...deps, send: async (...args) => (sent.length === 3 ? created : deps.send(...args)) })

    expect(sent.map(({ key }) => key)).toEqual(['key-1', 'key-1', 'key-1'])
    expect(waits).toEqual([2_000, 0, 0])
    expect(record).toMatchObject({
      verdict: { kind: 'created', user: told },
      requests: 4,
      repeatedFor: ['throttled', 'status_500', 'no_connection'],
      totalMs: 2_030,
    })
  })

  it('hangs up on its first request only, and counts the time of the others', async () => {
    const { deps, sent } = against([hungUp, created])

    const record = await run(deps, 7)

    expect(sent.map(({ hangUpAfterMs }) => hangUpAfterMs)).toEqual([7, undefined])
    expect(record).toMatchObject({ requests: 2, answerMs: [10], repeatedFor: ['hung_up'] })
  })

  it.each([
    [answered(409, { code: 'user_exists' }), 'user_exists'],
    [answered(403), 'status_403'],
    // A 201 that does not say whom it made is no success.
    [answered(201), 'status_201'],
  ])('that is refused for good ends with the code', async (answer, code) => {
    const { deps, sent } = against([answer])

    const record = await run(deps)

    expect(sent).toHaveLength(1)
    expect(record.verdict).toEqual({ kind: 'refused', code })
  })

  it('that is never answered finally ends when the patience is over', async () => {
    const { deps } = against([answered(503, { code: 'upstream_unavailable', retryAfterSeconds: 60 })])

    const record = await run(deps)

    expect(record.verdict).toEqual({ kind: 'gave_up' })
    expect(record.totalMs).toBeLessThanOrEqual(600_000)
    expect(record.requests).toBe(record.answerMs.length)
    expect(record.repeatedFor).toHaveLength(record.requests - 1)
  })
})
