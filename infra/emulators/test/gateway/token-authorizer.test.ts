import { describe, expect, it, vi } from 'vitest'
import type { LambdaFunction } from '../../gateway/lambda-function.ts'
import { createTokenAuthorizer, type TokenAuthorizerOptions } from '../../gateway/token-authorizer.ts'

const api = 'arn:aws:execute-api:us-east-1:000000000000:abc/dev'
const methodArn = `${api}/POST/sample`
const token = 'Bearer good'

function result(overrides: object = {}): object {
  return {
    principalId: 'sub-1',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: methodArn }],
    },
    context: { groups: 'service-user', count: 2, fresh: true },
    ...overrides,
  }
}

function setUp(overrides: Partial<TokenAuthorizerOptions> = {}) {
  const clock = { time: 1_000_000 }
  const lambda = vi.fn<LambdaFunction>(() => Promise.resolve(result()))
  const authorizer = createTokenAuthorizer({
    function: lambda,
    identityValidationExpression: 'Bearer [\\w.-]+',
    ttlSeconds: 300,
    timeoutMs: 1000,
    now: () => clock.time,
    ...overrides,
  })
  return { authorizer, clock, lambda }
}

describe('createTokenAuthorizer', () => {
  it('a good token is allowed with the context as strings', async () => {
    const { authorizer, lambda } = setUp()

    const decision = await authorizer.authorize({ token, methodArn })

    expect(decision).toEqual({
      effect: 'allow',
      context: { groups: 'service-user', count: '2', fresh: 'true', principalId: 'sub-1', integrationLatency: 0 },
    })
    expect(lambda.mock.calls).toEqual([[{ type: 'TOKEN', authorizationToken: token, methodArn }]])
  })

  it('integrationLatency is how long the function took', async () => {
    const { authorizer, clock, lambda } = setUp()
    lambda.mockImplementation(() => {
      clock.time += 37
      return Promise.resolve(result())
    })

    const decision = await authorizer.authorize({ token, methodArn })

    expect(decision).toMatchObject({ context: { integrationLatency: 37 } })
  })

  it('a result without context gives the principal alone', async () => {
    const { authorizer, lambda } = setUp()
    lambda.mockResolvedValue(result({ context: undefined }))

    const decision = await authorizer.authorize({ token, methodArn })

    expect(decision).toEqual({ effect: 'allow', context: { principalId: 'sub-1', integrationLatency: 0 } })
  })

  const missing = 'identity source missing'
  const mismatch = 'identity validation expression does not match'

  it.each([
    [undefined, missing],
    ['', missing],
    // From end to end.
    ['bearer good', mismatch],
    ['Bearer good, Bearer good', mismatch],
    [' Bearer good', mismatch],
    ['Bearer good ', mismatch],
    ['xBearer good', mismatch],
    ['Bearer', mismatch],
  ])('the token %j is refused without a call: %s', async (wrong, reason) => {
    const { authorizer, lambda } = setUp()

    const decision = await authorizer.authorize({ token: wrong, methodArn })

    expect(decision).toEqual({ effect: 'refuse', responseType: 'UNAUTHORIZED', reason })
    expect(lambda).not.toHaveBeenCalled()
  })

  it('alternatives of the expression are held to both ends as well', async () => {
    const { authorizer } = setUp({ identityValidationExpression: 'Bearer a|Bearer b' })

    expect(await authorizer.authorize({ token: 'Bearer a, x', methodArn })).toMatchObject({ effect: 'refuse' })
    expect(await authorizer.authorize({ token: 'Bearer b', methodArn })).toMatchObject({ effect: 'allow' })
  })

  it('an explicit Deny is refused', async () => {
    const { authorizer, lambda } = setUp()
    const Statement = [{ Effect: 'Deny', Action: '*', Resource: '*' }]
    lambda.mockResolvedValue(result({ policyDocument: { Version: '2012-10-17', Statement } }))

    const decision = await authorizer.authorize({ token, methodArn })

    expect(decision).toEqual({ effect: 'refuse', responseType: 'ACCESS_DENIED', reason: 'explicit deny' })
  })

  describe('failures', () => {
    const failed = ['AUTHORIZER_CONFIGURATION_ERROR', 'authorizer failed'] as const

    it.each([
      [new Error('Unauthorized'), 'UNAUTHORIZED', 'authorizer refused'],
      [new Error('unauthorized'), ...failed],
      [new Error('Unauthorized.'), ...failed],
      [new Error('JWKS out of reach'), ...failed],
      // Lambda words the bare text otherwise.
      ['Unauthorized', ...failed],
    ])('a throw of %s is %s', async (thrown, responseType, reason) => {
      const { authorizer, lambda } = setUp()
      lambda.mockRejectedValue(thrown)

      const decision = await authorizer.authorize({ token, methodArn })

      expect(decision).toEqual({ effect: 'refuse', responseType, reason })
    })

    it('no answer in time is AUTHORIZER_FAILURE', async () => {
      const { authorizer, lambda } = setUp({ timeoutMs: 20 })
      lambda.mockReturnValue(new Promise(() => undefined))

      const decision = await authorizer.authorize({ token, methodArn })

      expect(decision).toEqual({ effect: 'refuse', responseType: 'AUTHORIZER_FAILURE', reason: 'authorizer timed out' })
    })

    const shape = 'the result is not a principal, a policy and a flat context'
    it.each([
      ['null', null, shape],
      ['nothing', undefined, shape],
      ['no principal', result({ principalId: undefined }), shape],
      ['an empty principal', result({ principalId: '' }), shape],
      ['a context with a list', result({ context: { groups: ['a'] } }), shape],
      ['a context with an object', result({ context: { a: {} } }), shape],
      ['a context with null', result({ context: { a: null } }), shape],
      ['a context with the reserved claims', result({ context: { claims: 'x' } }), shape],
      ['an unknown field', result({ isAuthorized: true }), shape],
      ['a policy that is malformed', result({ policyDocument: {} }), 'the policy version is missing or unknown'],
      ['no policy', result({ policyDocument: undefined }), 'the policy document is not an object'],
    ])('a result with %s is malformed', async (_, malformed, reason) => {
      const { authorizer, lambda } = setUp()
      lambda.mockResolvedValue(malformed)

      const decision = await authorizer.authorize({ token, methodArn })

      expect(decision).toEqual({ effect: 'refuse', responseType: 'AUTHORIZER_CONFIGURATION_ERROR', reason })
    })

    it('a result of 8192 bytes passes and one of 8193 is malformed', async () => {
      const { authorizer, lambda } = setUp({ ttlSeconds: 0 })
      const ofSize = (bytes: number): object => {
        const padding = bytes - JSON.stringify(result({ context: { pad: '' } })).length
        return result({ context: { pad: 'x'.repeat(padding) } })
      }
      lambda.mockResolvedValueOnce(ofSize(8192)).mockResolvedValueOnce(ofSize(8193))

      const inside = await authorizer.authorize({ token, methodArn })
      const outside = await authorizer.authorize({ token, methodArn })

      expect(inside).toMatchObject({ effect: 'allow' })
      expect(outside).toMatchObject({ reason: 'the result is larger than 8192 bytes' })
    })
  })

  describe('cache', () => {
    it('a request within the TTL is decided without a call, with the same context, and one after it by a call', async () => {
      const { authorizer, clock, lambda } = setUp()
      const first = await authorizer.authorize({ token, methodArn })

      clock.time += 299_999
      const second = await authorizer.authorize({ token, methodArn })
      const callsInside = lambda.mock.calls.length
      clock.time += 1
      await authorizer.authorize({ token, methodArn })

      expect(second).toEqual(first)
      expect([callsInside, lambda.mock.calls.length]).toEqual([1, 2])
    })

    it('the cached policy is evaluated for each method: one written for the first route closes the second', async () => {
      const { authorizer, lambda } = setUp()
      await authorizer.authorize({ token, methodArn })

      const other = await authorizer.authorize({ token, methodArn: `${api}/POST/admin/create-user` })

      expect(other).toMatchObject({ responseType: 'ACCESS_DENIED', reason: 'no statement matches' })
      expect(lambda).toHaveBeenCalledTimes(1)
    })

    it('a verdict of one token says nothing of another', async () => {
      const { authorizer, lambda } = setUp()
      await authorizer.authorize({ token, methodArn })
      lambda.mockRejectedValue(new Error('Unauthorized'))

      const other = await authorizer.authorize({ token: 'Bearer other', methodArn })

      expect(other).toMatchObject({ responseType: 'UNAUTHORIZED' })
    })

    it.each(['Unauthorized', 'JWKS out of reach'])('a throw of %j is not kept', async (message) => {
      const { authorizer, lambda } = setUp()
      lambda.mockRejectedValueOnce(new Error(message))
      await authorizer.authorize({ token, methodArn })

      const second = await authorizer.authorize({ token, methodArn })

      expect(second).toMatchObject({ effect: 'allow' })
    })

    it('with a TTL of 0 every request is a call', async () => {
      const { authorizer, lambda } = setUp({ ttlSeconds: 0 })

      for (let count = 0; count < 2; count += 1) await authorizer.authorize({ token, methodArn })

      expect(lambda).toHaveBeenCalledTimes(2)
    })

    it('a TTL of 3600 s is the longest, and one that is negative or broken is refused', () => {
      const message = 'an authorizer keeps its results for 0 to 3600 seconds'

      expect(() => setUp({ ttlSeconds: 3600 })).not.toThrow()
      for (const ttlSeconds of [3601, -1, 0.5]) expect(() => setUp({ ttlSeconds })).toThrow(message)
    })
  })
})
