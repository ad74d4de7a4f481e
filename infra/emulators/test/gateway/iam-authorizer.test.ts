import { describe, expect, it } from 'vitest'
import { createIamAuthorizer } from '../../gateway/iam-authorizer.ts'
import { invokePolicy, newSigningCredential } from '../../gateway/signing-credential.ts'
import { signedRequest } from './sign-request.ts'

const now = Date.UTC(2026, 10, 21, 11)
const arn = 'arn:aws:sts::123456789012:assumed-role/provisioner/session-1'
const credential = newSigningCredential({ arn, policy: invokePolicy('POST/admin/create-user') })
const api = 'arn:aws:execute-api:us-east-1:000000000000:abc/dev'

const authorizer = (policy: unknown = credential.policy) =>
  createIamAuthorizer({ credentials: [{ ...credential, policy }], region: 'us-east-1', now: () => now })

describe('createIamAuthorizer', () => {
  it('names the signer that may invoke the method', async () => {
    const decision = await authorizer()(await signedRequest({}, { credential, now }), `${api}/POST/admin/create-user`)

    expect(decision).toEqual({
      effect: 'allow',
      caller: {
        arn,
        accountId: '123456789012',
        callerId: 'AROALOCAL:session-1',
        accessKey: credential.accessKeyId,
      },
    })
  })

  it.each([`${api}/POST/sample`, `${api}/GET/admin/create-user`, `${api}/POST/admin/create-user/x`])(
    'refuses it %s, which its policy does not name',
    async (methodArn) => {
      expect(await authorizer()(await signedRequest({}, { credential, now }), methodArn)).toEqual({
        effect: 'refuse',
        responseType: 'ACCESS_DENIED',
        errorType: 'AccessDeniedException',
        reason: 'signer may not invoke this method',
      })
    },
  )

  it.each([
    ['of another service', { service: 's3' }, undefined, 'INVALID_SIGNATURE', 'InvalidSignatureException'],
    [
      'with another session token',
      { credential: { ...credential, sessionToken: 'x' } },
      undefined,
      'ACCESS_DENIED',
      'UnrecognizedClientException',
    ],
    ['that is none', {}, [], 'MISSING_AUTHENTICATION_TOKEN', 'MissingAuthenticationTokenException'],
    [
      'of another scheme',
      {},
      [['authorization', 'Bearer x']] as const,
      'INVALID_SIGNATURE',
      'IncompleteSignatureException',
    ],
  ])('a signature %s is refused by its kind', async (_, changes, headers, responseType, errorType) => {
    const request = await signedRequest({}, { credential, now, ...changes })

    const decision = await authorizer()({ ...request, ...(headers && { headers }) }, `${api}/POST/admin/create-user`)

    expect(decision).toMatchObject({ responseType, errorType })
  })

  it('credentials that stand for no principal are refused at start', () => {
    const start = () =>
      createIamAuthorizer({
        credentials: [{ ...credential, arn: 'arn:aws:s3:::bucket' }],
        region: 'us-east-1',
        now: () => now,
      })

    expect(start).toThrow(new RangeError('a credential stands for no IAM user, role or role session'))
  })

  it('a policy that cannot be evaluated is refused at start', () => {
    expect(() => authorizer({ Version: '2012-10-17', Statement: [{ NotAction: 'x' }] })).toThrow(
      'a statement has an unsupported element',
    )
  })
})
