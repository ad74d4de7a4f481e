// `AWS_IAM` authorization as API Gateway does it: who signed the request, and may that principal call this method.
import { parseCaller, type Caller } from './caller.ts'
import type { EmittedResponseType } from './gateway-responses.ts'
import { evaluatePolicy, parsePolicy } from '../iam-policy.ts'
import { verifySigV4, type SignatureErrorType, type SignedRequest } from './sig-v4.ts'
import type { SigningCredential } from './signing-credential.ts'

export type IamDecision =
  | { readonly effect: 'allow'; readonly caller: Caller }
  | {
      readonly effect: 'refuse'
      readonly responseType: EmittedResponseType
      readonly errorType: SignatureErrorType | 'AccessDeniedException'
      readonly reason: string
    }

export type IamAuthorizer = (request: SignedRequest, methodArn: string) => Promise<IamDecision>

/** Throws RangeError for a credential that stands for no principal, and MalformedPolicyError for a policy of another form. */
export function createIamAuthorizer(options: {
  readonly credentials: readonly SigningCredential[]
  readonly region: string
  readonly now: () => number
}): IamAuthorizer {
  const principals = new Map(
    options.credentials.map(({ accessKeyId, arn, policy }) => {
      const caller = parseCaller(arn, accessKeyId)
      if (caller === undefined) throw new RangeError('a credential stands for no IAM user, role or role session')
      return [accessKeyId, { caller, policy: parsePolicy(policy) }]
    }),
  )
  return async (request, methodArn) => {
    const verification = await verifySigV4(request, { ...options, service: 'execute-api' })
    if (!verification.ok)
      return { effect: 'refuse', responseType: responseTypes[verification.errorType], ...verification }
    const principal = principals.get(verification.credential.accessKeyId)
    const decision =
      principal && evaluatePolicy(principal.policy, { action: 'execute-api:Invoke', resource: methodArn })
    if (principal !== undefined && decision === 'allowed') return { effect: 'allow', caller: principal.caller }
    return {
      effect: 'refuse',
      responseType: 'ACCESS_DENIED',
      errorType: 'AccessDeniedException',
      reason: 'signer may not invoke this method',
    }
  }
}

/**
 * Which gateway response renders which refusal is documented for the first and the last but one; an Authorization
 * header that is no signature, and unknown credentials, are put where their meaning is.
 */
const responseTypes = {
  MissingAuthenticationTokenException: 'MISSING_AUTHENTICATION_TOKEN',
  IncompleteSignatureException: 'INVALID_SIGNATURE',
  InvalidSignatureException: 'INVALID_SIGNATURE',
  UnrecognizedClientException: 'ACCESS_DENIED',
} as const satisfies Record<SignatureErrorType, EmittedResponseType>
