import { describe, expect, it } from 'vitest'
import {
  createEvidenceOpener,
  createEvidenceSealer,
  evidenceContext,
  readEvidence,
  writeEvidence,
  type JobEvidence,
} from '#shared/human/job-evidence.ts'
import { ServiceError } from '#shared/errors.ts'
import { unreadable } from '#shared/password-cipher/cipher.ts'
import { createAesGcmCipher } from '#shared/password-cipher/aes-gcm-cipher.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { human } from '#test/support/human-tokens.ts'
import { jobId, owner } from '#test/support/jobs.ts'

const now = Date.UTC(2026, 0, 1)
const job = { jobId, requestedBy: owner }
const evidence: JobEvidence = {
  ...{ issuer: 'https://idp.example.com', sub: 'human-1', jti: 'token-1', humanUserId: human, ...job },
  notAfter: now / 1_000 + 60,
}
const options = { signal: AbortSignal.timeout(10_000) }
const audience = 'eu-west-1_Pool1'
const key = new SecretValue(Buffer.alloc(32, 7).toString('base64'))
const cipher = createAesGcmCipher({ key, audience, now: () => now })
const seal = createEvidenceSealer(cipher, audience)
const open = createEvidenceOpener(cipher, audience, () => now)

describe('the evidence of a job’s human', () => {
  it('opens for its job, as it was sealed, with a token’s id or without', async () => {
    for (const of of [evidence, { ...evidence, jti: undefined }]) {
      expect(await open(await seal(of, options), job, options)).toEqual({ ok: true, evidence: of })
    }
  })

  it.each<[string, string, string]>([
    ['another job', 'B'.repeat(22), audience],
    ['another pool', jobId, 'eu-west-1_Pool2'],
  ])('does not open for %s', async (_, other, pool) => {
    const opener = createEvidenceOpener(cipher, pool, () => now)

    expect(await opener(await seal(evidence, options), { ...job, jobId: other }, options)).toEqual({
      ok: false,
      reason: 'not_authentic',
    })
  })

  it('is no sealed password, and no sealed password is evidence', async () => {
    const boundTo = { purpose: 'latchkey:create-user', username: 'orders', provisioningId: jobId } as const
    const password = await cipher.seal(new SecretValue('Correct-Horse7'), boundTo)

    expect(await open(password, job, options)).toEqual({ ok: false, reason: 'not_authentic' })
    await expect(cipher.open(await seal(evidence, options), boundTo)).rejects.toMatchObject({
      code: 'password_unreadable',
    })
  })

  it('that is no envelope does not open', async () => {
    expect(await open('latchkey.v1.kms.AAAA', job, options)).toEqual({ ok: false, reason: 'not_authentic' })
  })

  it('is not judged where it cannot be opened', async () => {
    const failure = new ServiceError('upstream_unavailable')
    const failing = createEvidenceOpener({ decrypt: () => Promise.reject(failure) }, audience, () => now)

    await expect(failing('x', job, options)).rejects.toBe(failure)
  })

  it('is not judged where it was sealed under another key: that is a fault of the configuration', async () => {
    const failing = createEvidenceOpener(
      { decrypt: () => Promise.reject(unreadable('other_key')) },
      audience,
      () => now,
    )

    await expect(failing('x', job, options)).rejects.toMatchObject({
      ...{ code: 'internal_error', reason: 'evidence_under_another_key' },
    })
  })

  it('is sealed under a context of its own, which names nobody', async () => {
    const sealed: unknown[] = []
    const encrypt = (...given: unknown[]) => (sealed.push(given), Promise.resolve('envelope'))
    await createEvidenceSealer({ encrypt }, audience)(evidence, options)

    const context = { purpose: 'latchkey:job-human', audience, job: jobId }
    expect(sealed).toEqual([[writeEvidence(evidence), context, options]])
    expect(evidenceContext(audience, jobId)).toEqual(context)
  })
})

describe('the contents of evidence', () => {
  const contents = {
    v: 1,
    issuer: 'i',
    sub: 's',
    jti: 'j',
    human_user_id: 'h',
    job_id: jobId,
    requested_by: owner,
    not_after: now / 1_000 + 1,
  }
  const read = (changes: object, at = now) =>
    readEvidence(Buffer.from(JSON.stringify({ ...contents, ...changes })), job, at)

  it('are good until the second that they name', () => {
    expect(read({})).toMatchObject({ ok: true })
    expect(read({}, now + 999)).toMatchObject({ ok: true })
    expect(read({}, now + 1_000)).toEqual({ ok: false, reason: 'expired' })
  })

  it('are good for three days at most, and a minute of another clock', () => {
    const longest = now / 1_000 + 3 * 24 * 3_600 + 60

    expect(read({ not_after: longest })).toMatchObject({ ok: true })
    expect(read({ not_after: longest + 1 })).toEqual({ ok: false, reason: 'expires_too_late' })
  })

  it('are of one caller', () => {
    expect(read({ requested_by: `${owner}2` })).toEqual({ ok: false, reason: 'of_another_caller' })
  })

  it('are of one job', () => {
    expect(read({ job_id: 'B'.repeat(22) })).toEqual({ ok: false, reason: 'of_another_job' })
  })

  it.each<[object]>([
    [{ v: 2 }],
    [{ v: undefined }],
    [{ issuer: '' }],
    [{ issuer: undefined }],
    [{ sub: 7 }],
    [{ sub: '' }],
    [{ jti: 7 }],
    [{ jti: null }],
    [{ human_user_id: undefined }],
    [{ human_user_id: '' }],
    [{ job_id: undefined }],
    [{ job_id: '' }],
    [{ requested_by: undefined }],
    [{ requested_by: '' }],
    [{ not_after: '1' }],
    [{ not_after: 1.5 }],
    [{ not_after: undefined }],
  ])('with %j are none', (changes) => {
    expect(read(changes)).toEqual({ ok: false, reason: 'malformed' })
  })

  it.each(['', '{', 'null', '7', '"text"'])('that are %j are none', (text) => {
    expect(readEvidence(Buffer.from(text), job, now)).toEqual({ ok: false, reason: 'malformed' })
  })
})
