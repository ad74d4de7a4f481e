import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { App2Answer, App2Request } from '#services/app1-provisioner/app2-transport.ts'
import {
  createBearerMachine,
  createSignatureMachine,
  type UnauthenticatedRequest,
} from '#services/app1-provisioner/machine/machine.ts'
import { ServiceError } from '#shared/errors.ts'
import type { Binding } from '#shared/machine/sts-token.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { answerOf } from '#test/support/answers.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { fakeSecretSource, fakeTokenSource, machineSecret } from '#test/support/machine-secrets.ts'

const roleCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret-key-canary',
  sessionToken: 'session-token-canary',
}

type Changes = Partial<Omit<App2Request, 'body'>> & { readonly body?: string }

const unsigned = ({ body = '{"username":"jörg"}', ...changes }: Changes = {}): UnauthenticatedRequest => ({
  url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com/a%20b/admin/create-user'),
  headers: { 'content-type': 'application/json', 'x-latchkey-request-id': 'request-1' },
  scope: 'app2/users.create',
  makeBody: () => Promise.resolve(Buffer.from(body)),
  ...changes,
})

/** App2 that answers with `statuses`, one after another, and then with 201; all with `body`. */
function app2(statuses: number[], body = '') {
  const sent: App2Request[] = []
  const send = (request: App2Request): Promise<App2Answer> => {
    sent.push(request)
    return Promise.resolve(answerOf(body, { status: statuses.shift() ?? 201 }))
  }
  return { sent, send }
}

const secrets = fakeSecretSource(machineSecret(null))
const call = () => ({ deadline: farDeadline(), timer: createStepTimer(() => 0) })

describe('a request to App2 with a token', () => {
  function setUp(statuses: number[] = [], tokens = fakeTokenSource()) {
    const { sent, send } = app2(statuses)
    const machine = createBearerMachine({ secrets, tokensFor: () => tokens, send })
    let bodies = 0
    const makeBody = (): Promise<Buffer> => Promise.resolve(Buffer.from(`body-${++bodies}`))
    const run = async (request: Partial<UnauthenticatedRequest> = {}): Promise<App2Answer> =>
      (await machine.current(farDeadline())).send({ ...unsigned(), makeBody, ...request }, call())
    const seen = (): unknown[] =>
      sent.map(({ headers, body }) => [headers['authorization'], Buffer.from(body).toString()])
    return { sent, tokens, run, seen }
  }

  it('carries it beside its own headers', async () => {
    const { sent, seen, run } = setUp()

    expect(await run()).toMatchObject({ status: 201 })

    expect(seen()).toEqual([['Bearer token-1', 'body-1']])
    expect(sent).toEqual([expect.objectContaining({ url: unsigned().url })])
    expect(sent[0]?.headers).toEqual({ ...unsigned().headers, authorization: 'Bearer token-1' })
  })

  it('that is refused is sent once more, with another token and a body made anew', async () => {
    const { tokens, seen, run } = setUp([401])

    expect(await run()).toMatchObject({ status: 201 })

    expect(tokens.replaced).toEqual(['token-1'])
    expect(seen()).toEqual([
      ['Bearer token-1', 'body-1'],
      ['Bearer token-2', 'body-2'],
    ])
  })

  it.each(['human_token_missing', 'human_token_invalid'])(
    'whose human App2 refuses (%s) keeps its token: the refusal is none of it',
    async (code) => {
      const refused = app2([401, 401], JSON.stringify({ code }))
      const tokens = fakeTokenSource()
      const machine = createBearerMachine({ secrets, tokensFor: () => tokens, send: refused.send })
      const run = async () => (await machine.current(farDeadline())).send(unsigned(), call())

      expect(await run()).toMatchObject({ status: 401 })
      expect([refused.sent.length, tokens.replaced]).toEqual([1, []])
    },
  )

  it('whose human App2 refuses at the second attempt is not refused for its token', async () => {
    const answers = [answerOf('', { status: 401 }), answerOf('{"code":"human_token_invalid"}', { status: 401 })]
    const send = () => Promise.resolve(answers.shift() ?? expect.fail())
    const machine = createBearerMachine({ secrets, tokensFor: () => fakeTokenSource(), send })

    expect(await (await machine.current(farDeadline())).send(unsigned(), call())).toMatchObject({ status: 401 })
  })

  it('of a creation carries a token of its own where creations are bound, made for each body', async () => {
    const { sent, send } = app2([401])
    const asked: unknown[] = []
    const tokens = {
      ...fakeTokenSource(),
      issueFor: (binding: Binding) => {
        asked.push(binding)
        return Promise.resolve(new SecretValue(`bound-${asked.length}`))
      },
    }
    const machine = createBearerMachine({ secrets, tokensFor: () => tokens, bindsCreations: true, send })
    const bodies = ['first', 'second', 'third']
    const makeBody = (): Promise<Buffer> => Promise.resolve(Buffer.from(bodies.shift() ?? ''))
    const current = await machine.current(farDeadline())

    await current.send({ ...unsigned(), makeBody, provisioningId: 'v1.a.b' }, call())
    // A dry run has the scope of creations, and makes nothing.
    await current.send({ ...unsigned(), makeBody }, call())

    const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
    expect(asked).toEqual([
      { bodySha256: digest('first'), provisioningId: 'v1.a.b' },
      { bodySha256: digest('second'), provisioningId: 'v1.a.b' },
    ])
    expect(sent.map(({ headers, body }) => [headers['authorization'], Buffer.from(body).toString()])).toEqual([
      ['Bearer bound-1', 'first'],
      ['Bearer bound-2', 'second'],
      ['Bearer token-1', 'third'],
    ])
  })

  it('that is refused twice is given up, and nothing was done', async () => {
    const { seen, run } = setUp([401, 401])

    await expect(run()).rejects.toMatchObject({
      code: 'upstream_error',
      reason: 'app2_refuses_our_token',
      outcome: 'none',
    })
    expect(seen()).toHaveLength(2)
  })

  it.each([403, 429, 503])('that is answered with %i is not sent again', async (status) => {
    const { seen, run } = setUp([status])

    expect(await run()).toMatchObject({ status })
    expect(seen()).toHaveLength(1)
  })

  it('is not sent without one, and nothing was done', async () => {
    const failure = (): Promise<never> => Promise.reject(new ServiceError('sign_in_unavailable'))
    const first = setUp([], { ...fakeTokenSource(), get: failure })
    const second = setUp([401], { ...fakeTokenSource(), replace: failure })

    for (const { run } of [first, second]) {
      await expect(run()).rejects.toMatchObject({ code: 'sign_in_unavailable', outcome: 'none' })
    }
    expect([first.seen().length, second.seen().length]).toEqual([0, 1])
  })

  it('is not sent without a body', async () => {
    const { seen, run } = setUp()
    const failure = new ServiceError('internal_error')

    await expect(run({ makeBody: () => Promise.reject(failure) })).rejects.toBe(failure)
    expect(seen()).toHaveLength(0)
  })
})

type Credentials = NonNullable<SecretsManagerClientConfig['credentials']>

function setUp(credentials: Credentials = roleCredentials, statuses: number[] = [], body = '') {
  const clock = manualClock()
  const { config } = new SecretsManagerClient({ region: 'eu-west-1', credentials })
  const { sent, send } = app2(statuses, body)
  const machine = createSignatureMachine({ secrets, signing: config, send, now: clock.now })
  const run = async (changes: Changes = {}): Promise<App2Answer> =>
    (await machine.current(farDeadline())).send(unsigned(changes), call())
  const headers = async (changes: Changes = {}): Promise<App2Request['headers']> => {
    await run(changes)
    return sent.at(-1)?.headers ?? expect.fail()
  }
  const signature = async (changes: Changes = {}): Promise<string | undefined> =>
    /Signature=(\w{64})$/.exec((await headers(changes))['authorization'] ?? '')?.[1]
  return { clock, machine, sent, run, headers, signature }
}

describe('a request to App2 that is signed', () => {
  it('carries the signature that another implementation makes', async () => {
    const { sent, headers: send } = setUp()

    const headers = await send()

    expect(sent).toEqual([{ url: unsigned().url, headers, body: await unsigned().makeBody() }])

    // By botocore 1.44.5: SigV4Auth(Credentials(…), 'execute-api', 'eu-west-1').add_auth(…) of the same request and instant.
    expect(headers).toEqual({
      ...unsigned().headers,
      'x-amz-content-sha256': '6e2b01653c3722e802fa30558d16749e44d0f684251d1376af59020e0b81fec7',
      'x-amz-date': '20260101T000000Z',
      'x-amz-security-token': 'session-token-canary',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/execute-api/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-latchkey-request-id, ' +
        'Signature=cb0b67756c598df1112a575faeb7926cc623e228479293e499b3c83c4cef0996',
    })
  })

  it('with long-lived credentials has no session token', async () => {
    const { accessKeyId, secretAccessKey } = roleCredentials

    expect(await setUp({ accessKeyId, secretAccessKey }).headers()).not.toHaveProperty('x-amz-security-token')
  })

  it.each<[string, Changes]>([
    ['body', { body: '{"username":"jorg"}' }],
    ['path', { url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com/a%20b/sample') }],
    ['host', { url: new URL('https://abd.execute-api.eu-west-1.amazonaws.com/a%20b/admin/create-user') }],
    ['port', { url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com:444/a%20b/admin/create-user') }],
    ['header', { headers: { ...unsigned().headers, 'x-latchkey-request-id': 'request-2' } }],
    ['token of a human', { headers: { ...unsigned().headers, 'x-human-token': 'a.b.c' } }],
  ])('with another %s has another signature', async (_, change) => {
    const { signature } = setUp()

    expect(await signature(change)).toMatch(/^\w{64}$/)
    expect(await signature(change)).not.toBe(await signature())
  })

  it('is signed anew each time, at the time of the clock', async () => {
    const { clock, headers, signature } = setUp()
    const first = await signature()

    clock.advance(1_000)

    expect((await headers())['x-amz-date']).toBe('20260101T000001Z')
    expect(await signature()).not.toBe(first)
  })

  it('is signed with the credentials that hold at that moment', async () => {
    let accessKeyId = 'AKIDOLD'
    const { headers } = setUp(() =>
      Promise.resolve({ ...roleCredentials, accessKeyId, expiration: new Date(Date.now() - 1) }),
    )
    await headers()

    accessKeyId = 'AKIDNEW'

    expect((await headers())['authorization']).toContain('Credential=AKIDNEW/')
  })

  it('without credentials is not sent, and nothing was done', async () => {
    const { headers } = setUp(() =>
      Promise.reject(Object.assign(new Error('canary'), { name: 'CredentialsProviderError' })),
    )

    await expect(headers()).rejects.toMatchObject({
      code: 'internal_error',
      reason: 'CredentialsProviderError',
      outcome: 'none',
    })
  })

  it('is refused by API Gateway with 403, and there is no other signature to try', async () => {
    const { sent, run } = setUp(roleCredentials, [403])

    await expect(run()).rejects.toMatchObject({
      code: 'upstream_error',
      reason: 'app2_refuses_our_signature',
      outcome: 'none',
    })
    expect(sent).toHaveLength(1)
  })

  it('that App2 itself refuses for the reader of a password, or for its human, has its answer', async () => {
    const refusalOf = (code: string) => setUp(roleCredentials, [403], JSON.stringify({ code })).run()

    expect(await refusalOf('reader_not_allowed')).toMatchObject({ status: 403 })
    expect(await refusalOf('human_mismatch')).toMatchObject({ status: 403 })
    await expect(refusalOf('forbidden')).rejects.toMatchObject({ reason: 'app2_refuses_our_signature' })
  })

  it('that is answered with 401 is not about the signature', async () => {
    expect(await setUp(roleCredentials, [401]).run()).toMatchObject({ status: 401 })
  })

  it('prints no credential', async () => {
    const { machine } = setUp()

    expect(JSON.stringify([machine, await machine.current(farDeadline())])).not.toContain('canary')
  })
})
