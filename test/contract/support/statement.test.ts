import { CognitoIdentityProviderServiceException as CognitoException } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { differs } from './statement.ts'

const answered = (httpStatusCode: number | undefined): Error =>
  new CognitoException({
    name: 'InvalidAction',
    $fault: 'client',
    $metadata: { ...(httpStatusCode && { httpStatusCode }) },
  })

describe('a statement that an implementation is known to differ in', () => {
  it('passes when its expectation fails', async () => {
    const holds = async (): Promise<void> => {
      expect(await Promise.resolve('none')).toBe('NotAuthorizedException')
    }

    await expect(differs(holds)).resolves.toBeUndefined()
  })

  it('passes when the implementation answers with an exception', async () => {
    await expect(differs(() => Promise.reject(answered(400)))).resolves.toBeUndefined()
  })

  it('fails when it holds', async () => {
    await expect(differs(() => Promise.resolve())).rejects.toThrow('no longer differs')
  })

  it.each([answered(undefined), new TypeError('fetch failed')])('fails for %s, which is no answer', async (failure) => {
    await expect(differs(() => Promise.reject(failure))).rejects.toBe(failure)
  })
})
