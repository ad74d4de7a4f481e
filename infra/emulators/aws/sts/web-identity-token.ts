// GetWebIdentityToken: a signed token that says who the caller is, claim by claim as AWS writes it.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { integer, text } from '../input.ts'
import { signToken } from '../json-web-token.ts'
import { identityDecision, type Principal } from '../principal.ts'
import { stsNamespace, type TokenIssuers } from './token-issuers.ts'

/** In the Query protocol every value is a text, and a list without members an empty one. */
const wholeNumber = z.pipe(
  z.string(),
  z.transform((digits: string): unknown => (/^-?\d{1,10}$/.test(digits) ? Number(digits) : digits)),
)

const oneTag = z.object({
  Key: text({ min: 1, max: 128, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' }),
  Value: text({ max: 256, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' }),
})

export const webIdentityTokenInput = z.object({
  Audience: listOf(z.array(text({ min: 1, max: 1000 })).check(z.minLength(1), z.maxLength(10))),
  SigningAlgorithm: z.enum(['RS256', 'ES384']),
  DurationSeconds: z._default(z.pipe(wholeNumber, integer({ min: 60, max: 3600 })), 300),
  Tags: z._default(listOf(z.array(oneTag).check(z.maxLength(50))), []),
  SubjectMode: z._default(z.enum(['AWSIdentity', 'OriginIdentity']), 'AWSIdentity'),
  Scope: z.optional(z.string()),
})

export type WebIdentityTokenDeps = {
  readonly region: string
  readonly now: () => number
  readonly issuers: TokenIssuers
  /** Undefined where the accounts are in no organisation. */
  readonly organizationId: string | undefined
}

/** AWS names the exception and no size; this one is ours. A longer token fits into no request to API Gateway. */
const mostPayloadBytes = 8192

/** Throws AwsError in the order: input, permission, account, session, size. */
export async function makeWebIdentityToken(
  { region, now, issuers, organizationId }: WebIdentityTokenDeps,
  input: z.infer<typeof webIdentityTokenInput>,
  caller: Principal,
): Promise<{ WebIdentityToken: string; Expiration: string }> {
  const { Audience, SigningAlgorithm, DurationSeconds, Tags, SubjectMode, Scope } = input
  requireDistinctKeys(Tags)
  if (SubjectMode !== 'AWSIdentity' || Scope !== undefined) requireOrigin(input, caller)
  requirePermission('sts:GetWebIdentityToken', caller)
  if (SubjectMode === 'OriginIdentity' && /^arn:|^ | $|\p{C}/iu.test(caller.session?.originSubject ?? ''))
    throw denied(caller)
  if (Tags.length > 0) requirePermission('sts:TagGetWebIdentityToken', caller)
  if (Scope !== undefined) requirePermission('sts:SetWebIdentityTokenScope', caller)
  const { accountId, session } = caller
  if (!issuers.isEnabled(accountId)) {
    throw new AwsError(
      'OutboundWebIdentityFederationDisabledException',
      'Outbound web identity federation is not enabled for this account.',
      403,
    )
  }
  const issuedAt = Math.floor(now() / 1000)
  const expiresAt = issuedAt + DurationSeconds
  if (session?.expiresAt !== undefined && expiresAt * 1000 > session.expiresAt) {
    throw new AwsError(
      'SessionDurationEscalationException',
      'The requested token duration would extend the session beyond its original expiration time.',
      403,
    )
  }
  const issuer = issuers.issuerOf(accountId)
  const claims = {
    iss: issuer.url,
    aud: Audience.length === 1 ? Audience[0] : Audience,
    sub: SubjectMode === 'OriginIdentity' ? session?.originSubject : caller.principalArn,
    ...(SubjectMode === 'OriginIdentity' && { subject_mode: SubjectMode }),
    ...(Scope !== undefined && { scope: Scope }),
    iat: issuedAt,
    exp: expiresAt,
    jti: randomUUID(),
    [stsNamespace]: {
      aws_account: accountId,
      source_region: region,
      principal_id: caller.principalArn,
      ...(organizationId !== undefined && { org_id: organizationId }),
      ...(session?.expiresAt !== undefined && { original_session_exp: inSeconds(session.expiresAt) }),
      ...(session?.sourceFunctionArn !== undefined && { lambda_source_function_arn: session.sourceFunctionArn }),
      ...(Tags.length > 0 && { request_tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) }),
    },
  }
  if (Buffer.byteLength(JSON.stringify(claims)) > mostPayloadBytes) {
    throw new AwsError(
      'JWTPayloadSizeExceededException',
      'The requested token payload size exceeds the maximum allowed size.',
    )
  }
  const keys = await issuer.keys()
  return { WebIdentityToken: await signToken(keys[SigningAlgorithm], claims), Expiration: inSeconds(expiresAt * 1000) }
}

function listOf<Item>(schema: z.ZodMiniType<Item[]>): z.ZodMiniType<Item[]> {
  return z.pipe(
    z.transform((value: unknown) => (value === '' ? [] : value)),
    schema,
  )
}

/** As of session tags: keys differ by more than their case. */
function requireDistinctKeys(tags: readonly { readonly Key: string }[]): void {
  if (new Set(tags.map(({ Key }) => Key.toLowerCase())).size === tags.length) return
  throw new AwsError('ValidationError', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.')
}

function requireOrigin(
  { SubjectMode, Scope, Audience }: z.infer<typeof webIdentityTokenInput>,
  { session }: Principal,
): void {
  if (SubjectMode !== 'OriginIdentity') {
    throw new AwsError('ValidationError', 'Scope can be specified only when SubjectMode is OriginIdentity.')
  }
  if (Scope !== undefined && Audience.length > 1) {
    throw new AwsError('ValidationError', 'Scope can be specified only with exactly one audience.')
  }
  if (session?.originSubject === undefined) {
    throw new AwsError('ValidationError', 'The session has no origin identity.')
  }
}

/** The root of an account gets none. A role whose identity policies are not known is let through, as everywhere. */
function requirePermission(action: string, caller: Principal): void {
  const decision = identityDecision(caller, { action, resource: '*' })
  if (caller.kind === 'role' && (decision === 'allowed' || decision === 'unknown')) return
  throw denied(caller, action)
}

function denied({ arn }: Principal, action = 'sts:GetWebIdentityToken'): AwsError {
  return new AwsError('AccessDenied', `User: ${arn} is not authorized to perform: ${action}`, 403)
}

function inSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
