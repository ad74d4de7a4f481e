import { describe, expect, it } from 'vitest'
import { humanOfJob } from '#services/app2-accounts/create-user/human-of-job.ts'
import { ServiceError } from '#shared/errors.ts'
import type { EvidenceReading, OpenEvidence } from '#shared/human/job-evidence.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { human } from '#test/support/human-tokens.ts'
import { jobId, owner } from '#test/support/jobs.ts'

const job = { jobId, requestedBy: owner }
const evidence = {
  issuer: 'https://idp.example.com',
  sub: 'human-1',
  jti: 'j',
  humanUserId: human,
  ...job,
  notAfter: 1,
}
const row = { ...job, sealedEvidence: 'sealed', claimed: human }

async function ask(
  reading: EvidenceReading | Error,
  { issuers = [evidence.issuer], claimed = human, has = ['human', 'openEvidence'] } = {},
) {
  const asked: unknown[] = []
  const openEvidence: OpenEvidence = (sealed, of, { signal }) => {
    expect(signal).toBeInstanceOf(AbortSignal)
    asked.push([sealed, of])
    return reading instanceof Error ? Promise.reject(reading) : Promise.resolve(reading)
  }
  const verifier = { verify: () => Promise.reject(new Error('not asked')), warmUp: () => Promise.resolve() }
  const deps = {
    ...(has.includes('human') && { human: { identity: 'verified' as const, issuers, verifier } }),
    ...(has.includes('openEvidence') && { openEvidence }),
  }
  const timer = createStepTimer(() => 0)
  const context = { deadline: farDeadline(), timer }
  const outcome = await humanOfJob({ ...row, claimed }, deps, context).catch((error: unknown) => error)
  return { asked, outcome, timed: timer.fields() }
}

describe('the human of a job’s row', () => {
  it('is whom App1 verified when it accepted the job', async () => {
    const { asked, outcome, timed } = await ask({ ok: true, evidence })

    expect(outcome).toEqual({
      humanUserId: human,
      proof: { kind: 'verified', issuer: evidence.issuer, sub: 'human-1', jti: 'j' },
    })
    expect([asked, timed]).toEqual([[['sealed', job]], { human_ms: 0 }])
  })

  it('is nobody else', async () => {
    const { outcome } = await ask({ ok: true, evidence }, { claimed: 'mallory@example.com' })

    expect(outcome).toMatchObject({ code: 'human_mismatch' })
  })

  it('is nobody of an issuer that this function does not list', async () => {
    for (const issuers of [[], ['https://other.example.com']]) {
      expect((await ask({ ok: true, evidence }, { issuers })).outcome).toMatchObject({
        ...{ code: 'human_token_invalid', reason: 'evidence_unknown_issuer' },
      })
    }
  })

  it('is nobody where the evidence is refused', async () => {
    expect((await ask({ ok: false, reason: 'expired' })).outcome).toMatchObject({
      ...{ code: 'human_token_invalid', reason: 'evidence_expired' },
    })
  })

  it.each([[[]], [['human']], [['openEvidence']]])(
    'is nobody where no issuer is configured any more, for good: with %j alone',
    async (has) => {
      const { asked, outcome } = await ask({ ok: true, evidence }, { has })

      expect(outcome).toMatchObject({ code: 'human_token_invalid', reason: 'evidence_not_configured' })
      expect(asked).toEqual([])
    },
  )

  it('is not judged where the evidence cannot be opened: nothing was done', async () => {
    const { outcome } = await ask(new ServiceError('throttled'))
    expect(outcome).toMatchObject({ code: 'throttled', outcome: 'none' })

    const failure = new TypeError('ours')
    expect((await ask(failure)).outcome).toBe(failure)
  })
})
