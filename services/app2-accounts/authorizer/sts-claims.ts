// Reads the claims of a token that AWS STS signed for a role of App1's account; it never takes a missing claim for a good one.
import { boundTags, stsTokenLifeSeconds, type Binding } from '#shared/machine/sts-token.ts'
import type { JwtPayload } from '#shared/jwt/jwt-verifier.ts'
import { readTimes, type TimeRefusal } from '#shared/jwt/token-times.ts'
import { isObject } from '#shared/text/parse-json.ts'
import type { AccessClaims } from './access-claims.ts'

export type StsRules = {
  /** App2's own. */
  readonly audience: string
  /** ARNs of App1's roles. */
  readonly roles: readonly string[]
  /** ARNs of the Lambda functions that a token must come from; undefined: from wherever the role is used. */
  readonly functions: readonly string[] | undefined
}

export type StsRefusal =
  | TimeRefusal
  | 'wrong_audience'
  | 'lives_too_long'
  | 'subject_is_no_role'
  | 'unknown_role'
  | 'unknown_function'
  | 'malformed_tags'

type Reading =
  { readonly ok: true; readonly claims: AccessClaims } | { readonly ok: false; readonly reason: StsRefusal }

const stsNamespace = 'https://sts.amazonaws.com/'

/**
 * The claims, if the token is for App2 alone, of one of App1's roles, and valid at `now` (epoch milliseconds) without grace.
 * `subject_mode` makes `sub` a text that somebody outside of AWS chose, so a token that has it is refused, and
 * `principal_id`, which stays the role's ARN, must not say otherwise.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export function readStsClaims(payload: JwtPayload, { now, ...rules }: StsRules & { readonly now: number }): Reading {
  const { aud, sub, [stsNamespace]: namespace } = payload
  const said = isObject(namespace) ? namespace : {}
  // A token for several audiences could have come to us from any of them.
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (audiences.length !== 1 || audiences[0] !== rules.audience) return refuse('wrong_audience')
  const times = readTimes(payload, now)
  if (!times.ok) return refuse(times.reason)
  if (times.issuedAt === undefined || times.expiresAt - times.issuedAt > stsTokenLifeSeconds * 1_000) {
    return refuse('lives_too_long')
  }
  if ('subject_mode' in payload || 'subject_mode' in said) return refuse('subject_is_no_role')
  if (said['principal_id'] !== undefined && said['principal_id'] !== sub) return refuse('subject_is_no_role')
  const role = rules.roles.find((arn) => arn === sub)
  if (role === undefined) return refuse('unknown_role')
  const from = said['lambda_source_function_arn']
  if (rules.functions !== undefined && !rules.functions.some((arn) => arn === from)) return refuse('unknown_function')
  const boundTo = readBinding(said['request_tags'])
  if (boundTo === 'malformed') return refuse('malformed_tags')
  const { expiresAt } = times
  return {
    ok: true,
    claims: { kind: 'principal', principal: 'provisioner', sub: role, expiresAt, ...(boundTo && { boundTo }) },
  }
}

/** Undefined for a token that is bound to nothing; one that has half of it is none that App1 asks for. */
function readBinding(tags: unknown): Binding | 'malformed' | undefined {
  const { [boundTags.bodySha256]: bodySha256, [boundTags.provisioningId]: provisioningId } = isObject(tags) ? tags : {}
  if (bodySha256 === undefined && provisioningId === undefined) return undefined
  if (typeof bodySha256 !== 'string' || !/^[\w-]{43}$/.test(bodySha256)) return 'malformed'
  if (typeof provisioningId !== 'string' || !/^[\w.-]{1,80}$/.test(provisioningId)) return 'malformed'
  return { bodySha256, provisioningId }
}

function refuse(reason: StsRefusal): Reading {
  return { ok: false, reason }
}
