// What the cipher's tests share: one request, one moment, and how a refusal is told apart.
import { expect } from 'vitest'
import type { ErrorCode } from '#shared/errors.ts'
import type { SealedFor } from '#shared/password-cipher/cipher.ts'

export const sealedAtMs = 1_800_000_000_000
export const audience = 'eu-west-1_Latchkey1'
export const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
export const localKeyBase64 = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64')

export const boundTo: SealedFor = {
  purpose: 'latchkey:create-user',
  username: 'svc-reports',
  provisioningId: 'v1.AAAAAAAAAAAAAAAAAAAAAA.AQEBAQEBAQEBAQEBAQEBAQ',
}

/** Matches a ServiceError of exactly this code and reason, without a cause: a cause may quote what was sealed. */
export function serviceError(code: ErrorCode, reason: string): unknown {
  return expect.toSatisfy(
    (error: Error) =>
      error.name === 'ServiceError' &&
      'code' in error &&
      error.code === code &&
      'reason' in error &&
      error.reason === reason &&
      error.cause === undefined,
    `ServiceError ${code} (${reason}) without a cause`,
  )
}

/** What `call` throws; a call that does not throw fails the test. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('expected a throw')
}
