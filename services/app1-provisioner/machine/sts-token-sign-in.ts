// Has AWS STS issue a token to App1's own role, of this account, for App2 (GetWebIdentityToken); nothing secret is stored for it.
import { GetWebIdentityTokenCommand, type STSClient } from '@aws-sdk/client-sts'
import { errorName, mapAwsError } from '#shared/aws/aws-errors.ts'
import { ServiceError } from '#shared/errors.ts'
import { boundTags, stsTokenLifeSeconds } from '#shared/machine/sts-token.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { SignIn } from './sign-in.ts'

/** What an operator has to change: federation in the account, or the role's policy. */
const misconfiguredNames = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'JWTPayloadSizeExceededException',
  'OutboundWebIdentityFederationDisabledException',
  'RegionDisabledException',
  'ValidationError',
])

/** The least that STS gives. No session of a role is asked for a token that would outlive it. */
const shortestLifeSeconds = 60

/**
 * One token, bound by its tags to a creation where there is a `binding`. The audience names App2, so a token that somebody
 * else was given opens nothing here, nor this one anything elsewhere. A failure on the way is thrown as `mapAwsError` words it.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export function createStsTokenSignIn(deps: { readonly sts: STSClient; readonly audience: string }): SignIn<null> {
  return async (_credentials, abortSignal, binding) => {
    const issue = async (expiresInSeconds: number) => {
      const command = new GetWebIdentityTokenCommand({
        Audience: [deps.audience],
        SigningAlgorithm: 'RS256',
        DurationSeconds: expiresInSeconds,
        ...(binding && {
          Tags: [
            { Key: boundTags.bodySha256, Value: binding.bodySha256 },
            { Key: boundTags.provisioningId, Value: binding.provisioningId },
          ],
        }),
      })
      const { WebIdentityToken: token } = await deps.sts.send(command, { abortSignal })
      if (token === undefined) throw new ServiceError('upstream_error', { reason: 'sign_in_without_token' })
      return { kind: 'signed_in', accessToken: new SecretValue(token), expiresInSeconds } as const
    }
    try {
      return await issue(stsTokenLifeSeconds).catch((error: unknown) => {
        if (errorName(error) !== 'SessionDurationEscalationException') throw error
        return issue(shortestLifeSeconds)
      })
    } catch (error) {
      const name = errorName(error)
      if (misconfiguredNames.has(name)) return { kind: 'misconfigured', reason: name }
      throw mapAwsError(error)
    }
  }
}
