import { describe, expect, it } from 'vitest'
import { readStsClaims, type StsRules } from '#services/app2-accounts/authorizer/sts-claims.ts'
import { stsClaims, stsRules, tagsOf, testSts } from '#test/support/sts-tokens.ts'

const now = Date.UTC(2026, 10, 28, 12)
const seconds = now / 1_000
const bound = { bodySha256: 'A'.repeat(43), provisioningId: `v1.${'b'.repeat(22)}.${'c'.repeat(22)}` }

const read = (changes: Parameters<typeof stsClaims>[1] = {}, rules: Partial<StsRules> = {}): unknown =>
  readStsClaims(JSON.parse(JSON.stringify(stsClaims(now, changes))) as Record<string, unknown>, {
    ...stsRules,
    ...rules,
    now,
  })
const refused = (reason: string): unknown => ({ ok: false, reason })
const claims = { kind: 'principal', principal: 'provisioner', sub: testSts.role, expiresAt: (seconds + 300) * 1_000 }

describe('the claims of a role’s token', () => {
  it.each([
    {},
    { aud: [stsRules.audience] },
    { said: { principal_id: undefined } },
    { said: { request_tags: { team: 'a' } } },
  ])('with %j name App1’s role and the end of the token', (changes) => {
    expect(read(changes)).toEqual({ ok: true, claims })
  })

  it('are those of each of App1’s roles', () => {
    const sub = stsRules.roles[1]

    expect(read({ sub, said: { principal_id: sub } })).toEqual({ ok: true, claims: { ...claims, sub } })
  })

  it('bind the token to the creation that its tags name', () => {
    expect(read({ said: { request_tags: { ...tagsOf(bound), more: 'x' } } })).toEqual({
      ok: true,
      claims: { ...claims, boundTo: bound },
    })
  })

  it.each([
    ['wrong_audience', { aud: 'latchkey:app2:eu-west-1_Other' }],
    ['wrong_audience', { aud: undefined }],
    ['wrong_audience', { aud: [] }],
    ['wrong_audience', { aud: [stsRules.audience, 'https://elsewhere.example'] }],
    ['wrong_audience', { aud: { 0: stsRules.audience, length: 1 } }],
    ['invalid_expiry', { exp: undefined }],
    ['expired', { exp: seconds, iat: seconds - 300 }],
    ['not_yet_valid', { nbf: seconds + 1 }],
    ['lives_too_long', { iat: undefined }],
    ['lives_too_long', { iat: seconds, exp: seconds + 301 }],
    ['lives_too_long', { iat: seconds - 1 }],
    ['subject_is_no_role', { subject_mode: 'CallerIdentity' }],
    ['subject_is_no_role', { said: { subject_mode: 'OriginIdentity' } }],
    ['subject_is_no_role', { said: { principal_id: 'arn:aws:iam::123456789012:role/other' } }],
    ['subject_is_no_role', { said: { principal_id: null } }],
    ['unknown_role', { sub: 'arn:aws:iam::123456789012:role/other', said: { principal_id: undefined } }],
    ['unknown_role', { sub: `${testSts.role}/session`, said: { principal_id: undefined } }],
    ['unknown_role', { sub: [testSts.role], said: { principal_id: undefined } }],
    ['unknown_role', { sub: undefined, said: { principal_id: undefined } }],
    ['malformed_tags', { said: { request_tags: tagsOf({ bodySha256: bound.bodySha256 }) } }],
    ['malformed_tags', { said: { request_tags: tagsOf({ provisioningId: bound.provisioningId }) } }],
    ['malformed_tags', { said: { request_tags: tagsOf({ ...bound, bodySha256: 'A'.repeat(42) }) } }],
    ['malformed_tags', { said: { request_tags: tagsOf({ ...bound, bodySha256: 'A'.repeat(44) }) } }],
    ['malformed_tags', { said: { request_tags: { ...tagsOf(bound), latchkey_body_sha256: [bound.bodySha256] } } }],
    ['malformed_tags', { said: { request_tags: tagsOf({ ...bound, provisioningId: 'v1 a' }) } }],
    ['malformed_tags', { said: { request_tags: tagsOf({ ...bound, provisioningId: 'x'.repeat(81) }) } }],
    ['malformed_tags', { said: { request_tags: tagsOf({ ...bound, provisioningId: '' }) } }],
    ['malformed_tags', { said: { request_tags: { ...tagsOf(bound), latchkey_provisioning_id: 7 } } }],
  ])('are refused as %s with %j', (reason, changes) => {
    expect(read(changes)).toEqual(refused(reason))
  })

  it('have to come from one of the functions where any are named', () => {
    const functions = [testSts.functionArn]

    expect(read({}, { functions })).toEqual({ ok: true, claims })
    expect(read({}, { functions: [] })).toEqual(refused('unknown_function'))
    expect(read({ said: { lambda_source_function_arn: undefined } }, { functions })).toEqual(
      refused('unknown_function'),
    )
    expect(read({ said: { lambda_source_function_arn: `${testSts.functionArn}-2` } }, { functions })).toEqual(
      refused('unknown_function'),
    )
  })

  it.each([undefined, null, 'text', []])('without AWS’s own namespace (%j) count by the subject alone', (said) => {
    expect(read({ 'https://sts.amazonaws.com/': said })).toEqual({ ok: true, claims })
  })
})
