// The human behind a job's row: whom App1 verified when it accepted the job. The token itself is long expired, and was never kept.
import { ServiceError } from '#shared/errors.ts'
import type { Human } from '#shared/human/human-proof.ts'
import type { HumanRules } from '#shared/human/human-verifier.ts'
import type { EvidenceReading, OpenEvidence } from '#shared/human/job-evidence.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'

export type RowOfJob = {
  readonly jobId: string
  readonly sealedEvidence: string
  /** What the request itself says. */
  readonly claimed: string
}

type Deps = { readonly human?: HumanRules | undefined; readonly openEvidence?: OpenEvidence | undefined }

/** Throws `invalid_request` where no issuer is configured, `human_token_invalid`, `human_mismatch`, or what opening throws. */
export async function humanOfJob(
  { jobId, sealedEvidence, claimed }: RowOfJob,
  { human, openEvidence }: Deps,
  { deadline, timer }: { readonly deadline: Deadline; readonly timer: StepTimer },
): Promise<Human> {
  if (human === undefined || openEvidence === undefined) {
    const errors = [{ pointer: '/human_evidence', detail: 'is not taken here: no issuer of humans is configured' }]
    throw new ServiceError('invalid_request', { errors })
  }
  const opening = () => openEvidence(sealedEvidence, jobId, { signal: deadline.signal() })
  const decision = decideByEvidence(await timer.time('human_ms', opening).catch(rethrowUndone), {
    claimed,
    issuers: human.issuers,
  })
  if (!decision.ok) throw decision.error
  return decision.human
}

type Decision = { readonly ok: true; readonly human: Human } | { readonly ok: false; readonly error: ServiceError }

/** An issuer that was taken off the list since vouches for nobody any more. */
function decideByEvidence(
  reading: EvidenceReading,
  { claimed, issuers }: { readonly claimed: string; readonly issuers: readonly string[] },
): Decision {
  if (!reading.ok) return invalid(reading.reason)
  const { issuer, sub, jti, humanUserId } = reading.evidence
  if (!issuers.includes(issuer)) return invalid('unknown_issuer')
  if (humanUserId !== claimed) return { ok: false, error: new ServiceError('human_mismatch') }
  return { ok: true, human: { humanUserId, proof: { kind: 'verified', issuer, sub, jti } } }
}

function invalid(reason: string): Decision {
  return { ok: false, error: new ServiceError('human_token_invalid', { reason: `evidence_${reason}` }) }
}

/** Nothing has been made by then. */
function rethrowUndone(error: unknown): never {
  throw error instanceof ServiceError ? error.withOutcome('none') : error
}
