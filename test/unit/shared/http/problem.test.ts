import { describe, expect, it } from 'vitest'
import { ServiceError } from '#shared/errors.ts'
import { problemResponse, toProblem } from '#shared/http/problem.ts'

describe('toProblem', () => {
  it('words the error from the table, with nothing of its cause or reason', () => {
    const error = new ServiceError('internal_error', { reason: 'canary', cause: new Error('canary') })

    expect(toProblem(error, 'r1')).toEqual({
      type: 'urn:latchkey:error:internal_error',
      title: 'Internal error',
      status: 500,
      detail: 'Something went wrong on our side. It has been logged under the request_id.',
      code: 'internal_error',
      request_id: 'r1',
    })
  })

  it.each([
    ['throttled', 'none', 'none'],
    ['upstream_error', undefined, 'unknown'],
    ['upstream_unavailable', 'unknown', 'unknown'],
    ['upstream_timeout', 'none', 'unknown'],
  ] as const)('a failed creation with %s, known outcome %s, says %s and how to repeat it', (code, known, told) => {
    const error = new ServiceError(code, known && { outcome: known })

    expect(toProblem(error, 'r', { idempotencyKey: 'k' })).toMatchObject({ idempotency_key: 'k', outcome: told })
  })

  it('a creation without a key of its own tells the outcome alone', () => {
    const problem = toProblem(new ServiceError('upstream_error'), 'r', {})

    expect(problem).toMatchObject({ outcome: 'unknown' })
    expect(problem).not.toHaveProperty('idempotency_key')
  })

  it.each(['invalid_request', 'user_exists', 'idempotency_key_reused'] as const)(
    'a creation refused with %s is final and says nothing of repeating',
    (code) => {
      const problem = toProblem(new ServiceError(code), 'r', { idempotencyKey: 'k' })

      expect(problem).not.toHaveProperty('idempotency_key')
      expect(problem).not.toHaveProperty('outcome')
    },
  )
})

describe('problemResponse', () => {
  it('is application/problem+json and not to be stored', async () => {
    const response = problemResponse(new ServiceError('not_found'), 'r')

    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.has('www-authenticate')).toBe(false)
    expect(response.headers.has('retry-after')).toBe(false)
    expect(await response.json()).toMatchObject({ code: 'not_found' })
  })

  it('a 401 names the scheme', () => {
    expect(problemResponse(new ServiceError('unauthorized'), 'r').headers.get('www-authenticate')).toBe(
      'Bearer realm="latchkey"',
    )
  })

  it('Retry-After is in whole seconds, rounded up', () => {
    const error = new ServiceError('throttled', { retryAfterSeconds: 1.2 })

    expect(problemResponse(error, 'r').headers.get('retry-after')).toBe('2')
  })
})
