// The issuer that a user pool writes into its tokens. It is never a setting of its own.
import { serviceHost } from './aws-hosts.ts'

/**
 * A pool writes one of two issuers (`IssuerConfiguration.Type`). Taken is the default, ORIGINAL, which our template
 * leaves as it is: the other form would be a second name to trust for tokens that this pool never issues. It follows
 * from the pool id alone, so that no variable can make the tokens of another issuer good.
 */
export function issuerOf(userPoolId: string): string {
  return `https://${serviceHost('cognito-idp', userPoolId.slice(0, userPoolId.indexOf('_')))}/${userPoolId}`
}
