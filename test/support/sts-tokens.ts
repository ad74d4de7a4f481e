// Tokens of AWS STS for App1's roles as its pages show them; each claim can be replaced.
import type { StsRules } from '#services/app2-accounts/authorizer/sts-claims.ts'
import { boundTags, stsAudience, type Binding } from '#shared/machine/sts-token.ts'
import { testPool, type Changes } from './tokens.ts'

export const testSts = {
  issuer: 'https://abc123-def456.tokens.sts.global.api.aws',
  role: 'arn:aws:iam::123456789012:role/latchkey/app1-provisioner',
  functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:latchkey-dev-app1-provisioner',
} as const

export const stsRules: StsRules = {
  audience: stsAudience(testPool.userPoolId),
  roles: [testSts.role, 'arn:aws:iam::123456789012:role/latchkey-job-worker'],
  functions: undefined,
}

/** `said` changes what stands in AWS's own namespace; a member that is set to undefined is left out. */
export function stsClaims(
  now: number,
  { said = {}, ...claims }: Changes & { readonly said?: Changes } = {},
): Record<string, unknown> {
  const issuedAt = Math.floor(now / 1_000)
  return {
    iss: testSts.issuer,
    aud: stsRules.audience,
    sub: testSts.role,
    iat: issuedAt,
    exp: issuedAt + 300,
    jti: '11111111-0000-4000-8000-000000000004',
    'https://sts.amazonaws.com/': {
      aws_account: '123456789012',
      principal_id: testSts.role,
      source_region: 'eu-west-1',
      lambda_source_function_arn: testSts.functionArn,
      ...said,
    },
    ...claims,
  }
}

/** The tags of a token that is bound to a creation. */
export const tagsOf = ({ bodySha256, provisioningId }: Partial<Binding>): Changes => ({
  [boundTags.bodySha256]: bodySha256,
  [boundTags.provisioningId]: provisioningId,
})
