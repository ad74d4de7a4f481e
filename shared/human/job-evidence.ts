// What App1 seals for App2 when it accepts a job: which human's token it verified. By then that token is long expired.
import type { Decrypter, Encrypter } from '../password-cipher/cipher.ts'
import { ServiceError } from '../errors.ts'
import { parseJson } from '../text/parse-json.ts'

export type JobEvidence = {
  readonly issuer: string
  readonly sub: string
  readonly jti: string | undefined
  readonly humanUserId: string
  readonly jobId: string
  /** Epoch seconds. From then on no row of the job is created. */
  readonly notAfter: number
}

/** `context` is of one pool and one job: under another, the evidence does not open. */
export function evidenceContext(audience: string, job: string): Readonly<Record<string, string>> {
  return { purpose: 'latchkey:job-human', audience, job }
}

export type SealEvidence = (evidence: JobEvidence, options: { readonly signal: AbortSignal }) => Promise<string>

/** Needs `kms:Encrypt` on the key of passwords under the context above. Throws as PasswordSealer does. */
export function createEvidenceSealer({ encrypt }: Encrypter, audience: string): SealEvidence {
  return (evidence, options) => encrypt(writeEvidence(evidence), evidenceContext(audience, evidence.jobId), options)
}

export type OpenEvidence = (
  sealed: string,
  jobId: string,
  options: { readonly signal: AbortSignal },
) => Promise<EvidenceReading>

/** Needs `kms:Decrypt` under the same context. Throws as PasswordOpener does, but for evidence that is wrong. */
export function createEvidenceOpener({ decrypt }: Decrypter, audience: string, now: () => number): OpenEvidence {
  return async (sealed, jobId, options) => {
    const contents = await decrypt(sealed, evidenceContext(audience, jobId), options).catch((error: unknown) => {
      if (error instanceof ServiceError && error.code === 'password_unreadable') return undefined
      throw error
    })
    return contents === undefined ? refuse('not_authentic') : readEvidence(contents, jobId, now())
  }
}

export type EvidenceRefusal = 'not_authentic' | 'malformed' | 'of_another_job' | 'expired' | 'expires_too_late'

export type EvidenceReading =
  { readonly ok: true; readonly evidence: JobEvidence } | { readonly ok: false; readonly reason: EvidenceRefusal }

/** A job is kept for 30 days. App1's clock may be ahead by a minute. */
const longestSeconds = 30 * 24 * 60 * 60 + 60

export function writeEvidence({ issuer, sub, jti, humanUserId, jobId, notAfter }: JobEvidence): Buffer {
  const contents = { v: 1, issuer, sub, jti, human_user_id: humanUserId, job_id: jobId, not_after: notAfter }
  return Buffer.from(JSON.stringify(contents), 'utf8')
}

/** The evidence in `plaintext`, which must be authentic already, if it is of this job and not past its time; `now` in epoch ms. */
export function readEvidence(plaintext: Uint8Array, jobId: string, now: number): EvidenceReading {
  const evidence = toEvidence(parseJson(Buffer.from(plaintext).toString('utf8')))
  if (evidence === undefined) return refuse('malformed')
  if (evidence.jobId !== jobId) return refuse('of_another_job')
  const remainingMs = evidence.notAfter * 1_000 - now
  if (remainingMs <= 0) return refuse('expired')
  if (remainingMs > longestSeconds * 1_000) return refuse('expires_too_late')
  return { ok: true, evidence }
}

type Contents = Readonly<Partial<Record<string, unknown>>>

function toEvidence(value: unknown): JobEvidence | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { v, issuer, sub, jti, human_user_id: humanUserId, job_id: jobId, not_after: notAfter } = value as Contents
  if (v !== 1 || !Number.isSafeInteger(notAfter)) return undefined
  if (jti !== undefined && typeof jti !== 'string') return undefined
  if (!isText(issuer) || !isText(sub) || !isText(humanUserId) || !isText(jobId)) return undefined
  return { issuer, sub, jti, humanUserId, jobId, notAfter: Number(notAfter) }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function refuse(reason: EvidenceRefusal): EvidenceReading {
  return { ok: false, reason }
}
