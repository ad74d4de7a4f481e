import { InternalErrorException, TooManyRequestsException } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { errorName, mapAwsError } from '#shared/aws/aws-errors.ts'
import { ServiceError } from '#shared/errors.ts'

const named = (name: string, more: object = {}): Error => Object.assign(new Error('canary'), { name }, more)

describe('mapAwsError', () => {
  it.each([
    [new TooManyRequestsException({ message: 'canary', $metadata: {} }), 'throttled'],
    [named('ThrottlingException'), 'throttled'],
    [named('ProvisionedThroughputExceededException'), 'throttled'],
    [named('RequestThrottled'), 'throttled'],
    [named('QueueDoesNotExist'), 'internal_error'],
    [named('TimeoutError'), 'upstream_timeout'],
    [named('AbortError'), 'upstream_timeout'],
    [named('TimeoutError', { code: 'ECONNRESET' }), 'upstream_unavailable'],
    [named('TimeoutError', { code: 'EPIPE' }), 'upstream_unavailable'],
    [named('TimeoutError', { code: 'ETIMEDOUT' }), 'upstream_timeout'],
    [named('AccessDeniedException', { $metadata: { httpStatusCode: 400 } }), 'internal_error'],
    [named('ResourceNotFoundException'), 'internal_error'],
    [new InternalErrorException({ message: 'canary', $metadata: {} }), 'upstream_unavailable'],
    [named('SomethingNew', { $metadata: { httpStatusCode: 500 } }), 'upstream_unavailable'],
    [named('SomethingNew', { $metadata: { httpStatusCode: 499 } }), 'upstream_error'],
    [named('SomethingNew', { $metadata: { httpStatusCode: 429 } }), 'throttled'],
    [named('SomethingNew', { $metadata: { httpStatusCode: '500' } }), 'upstream_error'],
    [named('SomethingNew', { $metadata: null }), 'upstream_error'],
    [named('Error', { code: 'ECONNRESET' }), 'upstream_unavailable'],
    [named('Error', { code: 'ECONNREFUSED' }), 'upstream_unavailable'],
    [named('Error', { code: 'ERR_INVALID_ARG' }), 'upstream_error'],
    [named('Error', { code: 'not-a-socket-error' }), 'upstream_error'],
    [named('Error', { code: 17 }), 'upstream_error'],
    ['thrown text', 'upstream_error'],
    [null, 'upstream_error'],
  ])('%s becomes %s', (error, code) => {
    const mapped = mapAwsError(error)

    expect(mapped.code).toBe(code)
    expect(`${mapped.message} ${JSON.stringify(mapped)}`).not.toContain('canary')
  })

  it('a throttled call says when to come back', () => {
    expect(mapAwsError(named('ThrottlingException')).retryAfterSeconds).toBe(1)
  })

  it('an error that has its meaning already keeps it', () => {
    const error = new ServiceError('user_exists')

    expect(mapAwsError(error)).toBe(error)
  })
})

describe('errorName', () => {
  it.each([
    [named('UsernameExistsException'), 'UsernameExistsException'],
    [named('com.amazonaws#Odd:Name'), 'com.amazonaws#Odd:Name'],
    [named('a name with what was sent in it'), 'Error'],
    [named('x'.repeat(81)), 'Error'],
    ['text', 'string'],
    [undefined, 'undefined'],
  ])('%s is logged as %s', (error, name) => {
    expect(errorName(error)).toBe(name)
  })
})
