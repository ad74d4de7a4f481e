// What App1 seals for App2 when it accepts a job: which human's token it verified. By then that token is long expired.
import type { Decrypter, Encrypter, UnreadableReason } from '../password-cipher/cipher.ts'
import { ServiceError } from '../errors.ts'
import { parseJsonObject, type JsonObject } from '../text/parse-json.ts'

export type JobEvidence = {
  readonly issuer: string
  readonly sub: string
  readonly jti: string | undefined
  readonly humanUserId: string
  readonly jobId: string
  /** ARN of the role that asked for the job. */
  readonly requestedBy: string
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

/** Of which job a row says that it is. */
export type JobOfRow = Pick<JobEvidence, 'jobId' | 'requestedBy'>

export type OpenEvidence = (
  sealed: string,
  job: JobOfRow,
  options: { readonly signal: AbortSignal },
) => Promise<EvidenceReading>

/** Needs `kms:Decrypt` under the same context. Throws as PasswordOpener does, but for evidence that is wrong. */
export function createEvidenceOpener({ decrypt }: Decrypter, audience: string, now: () => number): OpenEvidence {
  return async (sealed, job, options) => {
    const contents = await decrypt(sealed, evidenceContext(audience, job.jobId), options).catch(undefinedIfWrong)
    return contents === undefined ? refuse('not_authentic') : readEvidence(contents, job, now())
  }
}

/** Sealed under another key, evidence may be good: two functions that were told of different keys are a fault of ours. */
function undefinedIfWrong(error: unknown): undefined {
  if (!(error instanceof ServiceError) || error.code !== 'password_unreadable') throw error
  if (error.reason === ('other_key' satisfies UnreadableReason)) {
    throw new ServiceError('internal_error', { reason: 'evidence_under_another_key' })
  }
}

export type EvidenceRefusal =
  'not_authentic' | 'malformed' | 'of_another_job' | 'of_another_caller' | 'expired' | 'expires_too_late'

export type EvidenceReading =
  { readonly ok: true; readonly evidence: JobEvidence } | { readonly ok: false; readonly reason: EvidenceRefusal }

/**
 * Three days. 10,000 rows at the slowest rate that can be deployed, half a row a second, take 5.6 hours: that is a dozen such jobs
 * in front of this one, or a weekend for whoever has to repair App2.
 */
export const evidenceForSeconds = 3 * 24 * 60 * 60
/** App1's clock may be ahead by so much. */
const clockSkewSeconds = 60

export function writeEvidence(evidence: JobEvidence): Buffer {
  const { issuer, sub, jti, humanUserId, jobId, requestedBy, notAfter } = evidence
  const job = { job_id: jobId, requested_by: requestedBy, not_after: notAfter }
  const contents = { v: 1, issuer, sub, jti, human_user_id: humanUserId, ...job }
  return Buffer.from(JSON.stringify(contents), 'utf8')
}

/** The evidence in `plaintext`, which must be authentic already, if it is of this job and caller and not past its time; `now` in epoch ms. */
export function readEvidence(plaintext: Uint8Array, job: JobOfRow, now: number): EvidenceReading {
  const contents = parseJsonObject(Buffer.from(plaintext).toString('utf8'))
  const evidence = contents && toEvidence(contents)
  if (evidence === undefined) return refuse('malformed')
  if (evidence.jobId !== job.jobId) return refuse('of_another_job')
  if (evidence.requestedBy !== job.requestedBy) return refuse('of_another_caller')
  const remainingMs = evidence.notAfter * 1_000 - now
  if (remainingMs <= 0) return refuse('expired')
  if (remainingMs > (evidenceForSeconds + clockSkewSeconds) * 1_000) return refuse('expires_too_late')
  return { ok: true, evidence }
}

function toEvidence(contents: JsonObject): JobEvidence | undefined {
  const { v, issuer, sub, jti, human_user_id: humanUserId, not_after: notAfter, ...job } = contents
  const { job_id: jobId, requested_by: requestedBy } = job
  if (v !== 1 || !Number.isSafeInteger(notAfter)) return undefined
  if (jti !== undefined && typeof jti !== 'string') return undefined
  if (!isText(issuer) || !isText(sub) || !isText(humanUserId)) return undefined
  if (!isText(jobId) || !isText(requestedBy)) return undefined
  return { issuer, sub, jti, humanUserId, jobId, requestedBy, notAfter: Number(notAfter) }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function refuse(reason: EvidenceRefusal): EvidenceReading {
  return { ok: false, reason }
}
