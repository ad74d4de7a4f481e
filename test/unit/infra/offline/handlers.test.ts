import { afterEach, describe, expect, it, vi } from 'vitest'

type Handler = (event: unknown, context: unknown) => unknown

const folder = new URL('../../../../infra/offline/', import.meta.url)

/** The file's handler in front of `source`, an expression, as it would be in a thread of its own. */
async function inFrontOf(file: string, source: string): Promise<Handler> {
  vi.stubEnv('BUNDLE', `data:text/javascript,export const handler = ${encodeURIComponent(source)}`)
  vi.resetModules()
  const module = (await import(new URL(file, folder).href)) as { handler: Handler }
  return module.handler
}

const echo = '(event, context) => ({ event, context })'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('App1’s handler behind serverless-offline', () => {
  it('names the stand-in as the caller, whatever the request said', async () => {
    vi.stubEnv('STAND_IN_CALLER', 'arn:aws:sts::123456789012:assumed-role/stand-in/session')
    const handler = await inFrontOf('app1-handler.mjs', echo)

    const seen = handler(
      { body: '{}', requestContext: { stage: '$default', authorizer: { iam: { userArn: 'another' }, jwt: {} } } },
      { awsRequestId: 'r-1' },
    )

    expect(seen).toEqual({
      event: {
        body: '{}',
        requestContext: {
          stage: '$default',
          authorizer: { iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/stand-in/session' } },
        },
      },
      context: { awsRequestId: 'r-1' },
    })
  })
})

describe('App2’s handlers behind serverless-offline', () => {
  it('see what the authorizer decided, and no claims that nobody verified', async () => {
    const handler = await inFrontOf('app2-handler.mjs', echo)

    const seen = handler(
      { requestContext: { stage: 'dev', authorizer: { decided: '{"scopes":""}', claims: { sub: 'x' } } } },
      {},
    )

    expect(seen).toEqual({ event: { requestContext: { stage: 'dev', authorizer: { scopes: '' } } }, context: {} })
  })

  it.each([
    ['a public route', { claims: undefined, principalId: 'offlineContext_authorizer_principalId' }],
    [
      'a context of the request’s own',
      { sub: 'x', client: 'service', token: 'user', groups: 'service-user', scopes: '' },
    ],
    ['no context', undefined],
  ])('see nobody with %s', async (_situation, authorizer) => {
    const handler = await inFrontOf('app2-handler.mjs', echo)

    const seen = handler({ requestContext: { authorizer } }, {})

    expect(seen).toEqual({ event: { requestContext: { authorizer: {} } }, context: {} })
  })

  it('see nobody when the request brings the decision itself', async () => {
    const handler = await inFrontOf('app2-handler.mjs', echo)
    const headers = { 'sls-offline-authorizer-override': '{"decided":"{}"}' }

    const seen = handler({ headers, requestContext: { authorizer: { decided: '{"sub":"forged"}' } } }, {})

    expect(seen).toEqual({ event: { headers, requestContext: { authorizer: {} } }, context: {} })
  })
})

describe('the authorizer’s handler behind serverless-offline', () => {
  const event = {
    authorizationToken: 'Bearer x',
    methodArn: 'arn:aws:execute-api:us-east-1:random-account-id:random-api-id/dev/POST/sample',
  }

  it('asks with an ARN of AWS’s form, and answers with serverless-offline’s', async () => {
    const handler = await inFrontOf(
      'authorizer-handler.mjs',
      `async ({ methodArn, authorizationToken }) => ({
        principalId: authorizationToken,
        policyDocument: { Statement: [{ Effect: 'Allow', Resource: [methodArn] }] },
        context: { asked: methodArn },
      })`,
    )

    expect(await handler(event, {})).toEqual({
      principalId: 'Bearer x',
      policyDocument: { Statement: [{ Effect: 'Allow', Resource: [event.methodArn] }] },
      context: {
        decided: '{"asked":"arn:aws:execute-api:us-east-1:123456789012:offline/dev/POST/sample"}',
      },
    })
  })

  it('passes a refusal on', async () => {
    const handler = await inFrontOf('authorizer-handler.mjs', "async () => { throw new Error('Unauthorized') }")

    await expect(handler(event, {})).rejects.toThrow('Unauthorized')
  })
})
