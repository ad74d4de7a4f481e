import { describe, expect, it } from 'vitest'
import { translateKmsErrors } from '#shared/password-cipher/kms-errors.ts'
import { serviceError } from './fixtures.ts'

const failing = (error: unknown): Promise<never> => translateKmsErrors(() => Promise.reject(error as Error))
const named = (name: string, more: object = {}): Error => Object.assign(new Error('from KMS'), { name }, more)

describe('a failed KMS call', () => {
  it('is told from one that succeeds', async () => {
    expect(await translateKmsErrors(() => Promise.resolve('answer'))).toBe('answer')
  })

  it.each([
    ['InvalidCiphertextException', 'not_authentic'],
    ['IncorrectKeyException', 'other_key'],
  ])('with %s is a wrong envelope', async (name, reason) => {
    await expect(failing(named(name))).rejects.toEqual(serviceError('password_unreadable', reason))
  })

  it.each([
    ...['AccessDeniedException', 'DisabledException', 'InvalidArnException', 'InvalidKeyUsageException'],
    ...['KMSInvalidStateException', 'NotFoundException', 'ValidationException'],
  ])('with %s is a fault of our own', async (name) => {
    await expect(failing(named(name))).rejects.toEqual(serviceError('internal_error', name))
  })

  it.each(['DependencyTimeoutException', 'KeyUnavailableException', 'KMSInternalException'])(
    'with %s, a fault of the server, means that KMS is unavailable',
    async (name) => {
      await expect(failing(named(name, { $fault: 'server' }))).rejects.toEqual(
        serviceError('upstream_unavailable', name),
      )
    },
  )

  it('without a connection means that KMS is unavailable', async () => {
    await expect(failing(named('Error', { code: 'ECONNREFUSED' }))).rejects.toEqual(
      serviceError('upstream_unavailable', 'Error'),
    )
  })

  it('with a quota exceeded is throttled', async () => {
    await expect(failing(named('ThrottlingException'))).rejects.toEqual(
      serviceError('throttled', 'ThrottlingException'),
    )
  })

  it.each(['AbortError', 'TimeoutError'])('with %s ran out of time', async (name) => {
    await expect(failing(named(name))).rejects.toEqual(serviceError('upstream_timeout', name))
  })

  it('with a name that nobody knows is an upstream error', async () => {
    await expect(failing(named('NewException'))).rejects.toEqual(serviceError('upstream_error', 'NewException'))
  })
})
