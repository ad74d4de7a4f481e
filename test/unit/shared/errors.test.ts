import { describe, expect, it } from 'vitest'
import { errorTable, isErrorCode, ServiceError, toServiceError } from '#shared/errors.ts'

describe('ServiceError', () => {
  it('takes status and sentence from the table, and nothing from its cause', () => {
    const error = new ServiceError('user_exists', { cause: new Error('Username alice already exists') })

    expect(error).toMatchObject({ name: 'ServiceError', code: 'user_exists', status: 409 })
    expect(error.message).toBe(errorTable.user_exists.detail)
  })

  it('keeps everything but the outcome when its place in the story is added', () => {
    const cause = new Error('inner')
    const errors = [{ pointer: '/password', detail: 'too short' }]
    const error = new ServiceError('throttled', {
      reason: 'r',
      errors,
      retryAfterSeconds: 3,
      outcome: 'unknown',
      cause,
    })

    expect(error.withOutcome('none')).toMatchObject({
      code: 'throttled',
      reason: 'r',
      errors,
      retryAfterSeconds: 3,
      cause,
      outcome: 'none',
    })
    expect(new ServiceError('throttled').withOutcome('none')).toEqual(
      new ServiceError('throttled', { outcome: 'none' }),
    )
  })
})

describe('toServiceError', () => {
  it('keeps a ServiceError and makes internal_error of everything else', () => {
    const known = new ServiceError('user_exists')
    const unknown = new TypeError('canary')

    expect(toServiceError(known)).toBe(known)
    expect(toServiceError(unknown)).toMatchObject({ code: 'internal_error', cause: unknown })
  })
})

describe('the error table', () => {
  it.each(Object.entries(errorTable))('%s has an error status and full sentences', (_, { status, title, detail }) => {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    expect(title).not.toBe('')
    expect(detail).toMatch(/\.$/)
  })

  it('knows its own codes and no inherited property', () => {
    expect(isErrorCode('user_exists')).toBe(true)
    expect(isErrorCode('toString')).toBe(false)
    expect(isErrorCode('')).toBe(false)
  })
})
