// The human behind a job's row: whom App1 verified when it accepted the job. The token itself is long expired, and was never kept.
import { rethrowUndone, ServiceError } from '#shared/errors.ts'
import type { Human } from '#shared/human/human-proof.ts'
import type { HumanRules } from '#shared/human/human-verifier.ts'
import type { EvidenceReading, OpenEvidence } from '#shared/human/job-evidence.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'

export type RowOfJob = {
  readonly jobId: string
  /** The role that asked for the job. */
  readonly requestedBy: string
  readonly sealedEvidence: string
  /** What the request itself says. */
  readonly claimed: string
}

type Deps = { readonly human?: HumanRules | undefined; readonly openEvidence?: OpenEvidence | undefined }

/** Throws `human_token_invalid`, also where no issuer is configured any more, `human_mismatch`, or what opening throws. */
export async function humanOfJob(
  { jobId, requestedBy, sealedEvidence, claimed }: RowOfJob,
  { human, openEvidence }: Deps,
  { deadline, timer }: { readonly deadline: Deadline; readonly timer: StepTimer },
): Promise<Human> {
  // A refusal that App1 passes on: with any other the row would be tried for an hour.
  if (human === undefined || openEvidence === undefined) throw invalid('not_configured')
  const opening = () => openEvidence(sealedEvidence, { jobId, requestedBy }, { signal: deadline.signal() })
  const decision = decideByEvidence(await timer.time('human_ms', opening).catch(rethrowUndone), {
    claimed,
    issuers: human.issuers,
  })
  if (!decision.ok) throw decision.error
  return decision.human
}

type Decision = { readonly ok: true; readonly human: Human } | { readonly ok: false; readonly error: ServiceError }

/** An issuer that was taken off the list since names nobody any more. */
function decideByEvidence(
  reading: EvidenceReading,
  { claimed, issuers }: { readonly claimed: string; readonly issuers: readonly string[] },
): Decision {
  if (!reading.ok) return { ok: false, error: invalid(reading.reason) }
  const { issuer, sub, jti, humanUserId } = reading.evidence
  if (!issuers.includes(issuer)) return { ok: false, error: invalid('unknown_issuer') }
  if (humanUserId !== claimed) return { ok: false, error: new ServiceError('human_mismatch') }
  return { ok: true, human: { humanUserId, proof: { kind: 'verified', issuer, sub, jti } } }
}

function invalid(reason: string): ServiceError {
  return new ServiceError('human_token_invalid', { reason: `evidence_${reason}` })
}
