// Decides who the human behind a request is: by the token that came with it, and by the request's own word only where that is
// enough. A token that is there counts, or the request is refused.
import { ServiceError } from '../errors.ts'
import { KeySetError } from '../jwt/key-set-error.ts'
import { humanTokenHeader } from '../contract.ts'
import type { LogFields } from '../logger.ts'
import type { SecretValue } from '../text/secret-value.ts'
import { withinDeadline, type Deadline } from '../time/deadline.ts'
import type { StepTimer } from '../time/step-timer.ts'
import type { HumanIdentity } from './human-issuers.ts'
import type { Human, HumanProof } from './human-proof.ts'
import type { HumanRules, HumanTokenRefusal, HumanVerification } from './human-verifier.ts'

export type GivenHuman = {
  readonly token: SecretValue | undefined
  /** What the request itself says. */
  readonly claimed: string | undefined
}

type Context = { readonly requestId: string; readonly deadline: Deadline; readonly timer: StepTimer }

export type HumanRefusal =
  | { readonly reason: 'not_configured' | 'token_missing' | 'not_named' | 'mismatch' }
  | { readonly reason: 'token_refused'; readonly because: HumanTokenRefusal }

export type HumanDecision =
  { readonly ok: true; readonly human: Human } | { readonly ok: false; readonly refusal: HumanRefusal }

/**
 * The human, and by what it is known; `rules` are undefined where no issuer is configured. Throws ServiceError, with `outcome: none`
 * where the keys of the token's issuer cannot be had, and `upstream_timeout` where they are not there before the deadline.
 */
export async function identifyHuman(
  rules: HumanRules | undefined,
  given: GivenHuman,
  { requestId, deadline, timer }: Context,
): Promise<Human> {
  const { token } = given
  const verification =
    rules === undefined || token === undefined
      ? undefined
      : await timer
          .time('human_ms', () => withinDeadline(rules.verifier.verify(token, requestId), deadline))
          .catch(rethrowUnavailable)
  const decision = decideHuman(rules?.identity, { ...given, verification })
  if (!decision.ok) throw toError(decision.refusal)
  return decision.human
}

/** Whom the token names; undefined where none was sent and none is needed. Throws as identifyHuman. */
export async function identifyByToken(
  rules: HumanRules | undefined,
  token: SecretValue | undefined,
  context: Context,
): Promise<Human | undefined> {
  if (token === undefined && rules?.identity !== 'verified') return undefined
  return identifyHuman(rules, { token, claimed: undefined }, context)
}

/** `identity` is undefined where no issuer is configured; `verification` is what came of the token, where there is one. */
export function decideHuman(
  identity: HumanIdentity | undefined,
  { token, claimed, verification }: GivenHuman & { readonly verification: HumanVerification | undefined },
): HumanDecision {
  if (token === undefined) {
    if (identity === 'verified') return refuse({ reason: 'token_missing' })
    if (claimed === undefined) return refuse({ reason: 'not_named' })
    return { ok: true, human: { humanUserId: claimed, proof: { kind: 'claimed' } } }
  }
  if (verification === undefined) return refuse({ reason: 'not_configured' })
  if (!verification.ok) return refuse({ reason: 'token_refused', because: verification.reason })
  const { issuer, sub, jti, humanUserId } = verification.claims
  if (claimed !== undefined && claimed !== humanUserId) return refuse({ reason: 'mismatch' })
  return { ok: true, human: { humanUserId, proof: { kind: 'verified', issuer, sub, jti } } }
}

/** For the audit. */
export function humanFields({ humanUserId, proof }: Human): LogFields {
  return { human_user_id: humanUserId, ...proofFields(proof) }
}

function proofFields(proof: HumanProof): LogFields {
  if (proof.kind === 'claimed') return { human_proof: proof.kind }
  return { human_proof: proof.kind, human_issuer: proof.issuer, human_sub: proof.sub }
}

function refuse(refusal: HumanRefusal): HumanDecision {
  return { ok: false, refusal }
}

/** The refusal on the wire. */
function toError(refusal: HumanRefusal): ServiceError {
  switch (refusal.reason) {
    case 'not_configured': {
      const errors = [{ header: humanTokenHeader, detail: 'is not taken here: no issuer of such tokens is configured' }]
      return new ServiceError('invalid_request', { errors })
    }
    case 'not_named':
      return new ServiceError('invalid_request', {
        errors: [{ pointer: '/human_user_id', detail: 'must be a string' }],
      })
    case 'token_missing':
      return new ServiceError('human_token_missing')
    case 'token_refused':
      return new ServiceError('human_token_invalid', { reason: refusal.because })
    case 'mismatch':
      return new ServiceError('human_mismatch')
  }
}

/** No keys, no judgement: that is never a refusal of the token. Nothing of the request has been done yet. */
function rethrowUnavailable(error: unknown): never {
  if (!(error instanceof KeySetError)) throw error
  throw new ServiceError('upstream_unavailable', { reason: `human_${error.reason}`, outcome: 'none' })
}
