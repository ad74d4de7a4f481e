// What App1 asks of AWS STS for a token of its role, and what App2 demands of that token: one place for both.
// "Understanding token claims" in https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
import type { Identity } from '../access-rules.ts'

/** The audience of App2, which guards this pool. The templates write the same into the roles' policies. */
export function stsAudience(userPoolId: string): string {
  return `latchkey:app2:${userPoolId}`
}

/** Seconds. App1 asks for so much, its role's policy allows no more, and App2 takes no token that was made for longer. */
export const stsTokenLifeSeconds = 300

/** The tags by which a token is bound to one creation: the SHA-256 of its body in base64url, and its provisioning id. */
export const boundTags = { bodySha256: 'latchkey_body_sha256', provisioningId: 'latchkey_provisioning_id' } as const

/** What a token is good for alone, where it was made for one creation. */
export type Binding = NonNullable<Extract<Identity, { readonly kind: 'principal' }>['boundTo']>
