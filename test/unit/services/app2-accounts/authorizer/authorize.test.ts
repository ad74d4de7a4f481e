import { describe, expect, it } from 'vitest'
import {
  createTokenAuthorizer,
  decide,
  type TokenAuthorizerEvent,
} from '#services/app2-accounts/authorizer/authorize.ts'
import type { AuthorizerResult } from '#services/app2-accounts/authorizer/policy.ts'
import type { TokenVerifier, Verification } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { KeySetError } from '#shared/jwt/key-set-error.ts'
import { recordingLogger, type LogLine } from '#test/support/logger.ts'
import { openResources } from '#test/support/open-resources.ts'

const methodArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/dev/POST/sample'
const event = { type: 'TOKEN', authorizationToken: 'Bearer head.canary.sig', methodArn }
const claims = { kind: 'user', sub: 'sub-1', client: 'service', groups: ['service-user'], expiresAt: 1_000 } as const

const good = (): Verification => ({ ok: true, claims })
const failing =
  (error: Error): (() => Promise<never>) =>
  () =>
    Promise.reject(error)

const verifierOf = (
  verify: () => Verification | Promise<Verification>,
): Pick<TokenVerifier, 'verify'> & { tokens: string[] } => {
  const tokens: string[] = []
  return {
    tokens,
    verify: (token) => {
      tokens.push(token)
      return Promise.resolve(verify())
    },
  }
}

type Run = { result?: AuthorizerResult; error?: unknown; lines: LogLine[] }

async function run(verify: () => Verification | Promise<Verification>, given: unknown = event): Promise<Run> {
  const logger = recordingLogger()
  const authorizer = createTokenAuthorizer({ verifier: verifierOf(verify), logger })
  try {
    return { result: await authorizer(given as TokenAuthorizerEvent), lines: logger.lines }
  } catch (error) {
    return { error, lines: logger.lines }
  }
}

describe('decide', () => {
  it('verifies what follows the scheme', async () => {
    const verifier = verifierOf(good)

    const decision = await decide(event, verifier)

    expect(verifier.tokens).toEqual(['head.canary.sig'])
    expect(decision).toMatchObject({ outcome: 'policy', claims, result: { principalId: 'sub-1' } })
  })

  it('finds no token without the scheme, and no verifier sees the header', async () => {
    const verifier = verifierOf(good)

    const decision = await decide({ ...event, authorizationToken: 'bearer head.canary.sig' }, verifier)

    expect(decision).toEqual({ outcome: 'unauthorized', reason: 'no_bearer_token' })
    expect(verifier.tokens).toEqual([])
  })

  it('a bad token is unauthorized for its own reason, whatever the methodArn is like', async () => {
    const verifier = verifierOf(() => ({ ok: false, reason: 'expired' }))

    const decision = await decide({ ...event, methodArn: '*' }, verifier)

    expect(decision).toEqual({ outcome: 'unauthorized', reason: 'expired' })
  })
})

describe('the token authorizer', () => {
  it('answers a good token with permissions by an Allow, and says so in one line', async () => {
    const { result, lines } = await run(good)

    const open = openResources('arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/dev', claims)
    expect(result?.policyDocument.Statement).toEqual([
      { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: open },
    ])
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'Token accepted',
        sub: 'sub-1',
        client: 'service',
        caller_kind: 'user',
        allowed_routes: open.length,
      },
    ])
  })

  it('answers a good token without permissions by a Deny, and says so in one line', async () => {
    const { result, lines } = await run(() => ({ ok: true, claims: { ...claims, groups: [] } }))

    expect(result?.policyDocument.Statement[0].Effect).toBe('Deny')
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'Access denied',
        sub: 'sub-1',
        client: 'service',
        caller_kind: 'user',
        allowed_routes: 0,
        reason: 'no_route_open',
      },
    ])
  })

  it('throws exactly Unauthorized for a bad token, with the reason in the log alone', async () => {
    const { error, lines } = await run(() => ({ ok: false, reason: 'bad_signature' }))

    expect(error).toEqual(new Error('Unauthorized'))
    expect(lines).toEqual([{ level: 'warn', message: 'Token refused', reason: 'bad_signature' }])
  })

  it('passes an internal failure on as an error that is no 401', async () => {
    const { error, lines } = await run(failing(new KeySetError('jwks_timeout')))

    expect(error).toMatchObject({ name: 'AuthorizerError', message: 'The authorizer cannot decide.' })
    expect(lines).toEqual([
      { level: 'error', message: 'Authorization failed', reason: 'jwks_timeout', error_name: 'KeySetError' },
    ])
  })

  it('gives a malformed methodArn with a good token as an internal failure', async () => {
    const { error, lines } = await run(good, { ...event, methodArn: 'arn:aws:execute-api:*' })

    expect(error).toMatchObject({ name: 'AuthorizerError', reason: 'invalid_method_arn' })
    expect(lines).toMatchObject([{ level: 'error', reason: 'invalid_method_arn' }])
  })

  it.each<[Error, string]>([
    [new TypeError('canary https://example.com/head.canary.sig'), 'TypeError'],
    [new Error('Unauthorized'), 'Error'],
    ['canary' as unknown as Error, 'string'],
  ])('keeps the text of a foreign error (%#) out of the answer and the log', async (thrown, errorName) => {
    const { error, lines } = await run(failing(thrown))

    expect(error).toMatchObject({ name: 'AuthorizerError', message: 'The authorizer cannot decide.' })
    expect(error).not.toHaveProperty('cause')
    expect(lines).toEqual([
      { level: 'error', message: 'Authorization failed', reason: 'unexpected', error_name: errorName },
    ])
  })

  it('an event that is none is an internal failure', async () => {
    const { error } = await run(good, null)

    expect(error).toMatchObject({ name: 'AuthorizerError', reason: 'unexpected' })
  })

  it('writes nothing of the token in any case', async () => {
    const runs = await Promise.all([
      run(good),
      run(() => ({ ok: false, reason: 'malformed' })),
      run(failing(new Error('canary'))),
    ])

    expect(JSON.stringify(runs.map(({ lines, error }) => [lines, String(error)]))).not.toContain('canary')
  })

  it.each<[string, () => Verification | Promise<Verification>, unknown]>([
    ['allows', good, event],
    ['denies', () => ({ ok: true, claims: { ...claims, groups: [] } }), event],
    ['refuses', () => ({ ok: false, reason: 'expired' }), event],
    ['fails', failing(new KeySetError('jwks_timeout')), event],
  ])('says in which request it %s, in a line each time', async (_, verify, given) => {
    const logger = recordingLogger()
    const authorizer = createTokenAuthorizer({ verifier: verifierOf(verify), logger })

    for (const awsRequestId of ['request-1', 'request-2']) {
      await authorizer(given as TokenAuthorizerEvent, { awsRequestId }).catch(() => undefined)
    }

    expect(logger.lines.map((line) => line['request_id'])).toEqual(['request-1', 'request-2'])
  })

  it('hands the request on to the verifier, for the lines that it writes', async () => {
    const requests: unknown[] = []
    const verifier: Pick<TokenVerifier, 'verify'> = {
      verify: (_, requestId) => {
        requests.push(requestId)
        return Promise.resolve(good())
      },
    }

    const authorizer = createTokenAuthorizer({ verifier, logger: recordingLogger() })
    await authorizer(event, { awsRequestId: 'request-1' })

    expect(requests).toEqual(['request-1'])
  })
})
