import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { createApp2Client, refusedByPool, type AskCall } from '#services/app1-provisioner/app2-client.ts'
import { createApp2Transport } from '#services/app1-provisioner/app2-transport.ts'
import type { CurrentMachine } from '#services/app1-provisioner/machine/machine.ts'
import { createdUser, type CreatedUser } from '#shared/contract.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { machineSecret } from '#test/support/machine-secrets.ts'
import { answerOf } from '#test/support/answers.ts'
import { listen, type Listening } from '#test/support/listen.ts'
import { createdUserBody, createUserRequestBody } from '#test/support/requests.ts'

/** Sends with a token, as createBearerMachine does. */
const machine: CurrentMachine = {
  idempotencySecret: machineSecret(null).idempotencySecret,
  send: async ({ url, headers, makeBody }, call) => {
    const body = await makeBody()
    return createApp2Transport({ send: sendOnce })(
      { url, headers: { ...headers, authorization: 'Bearer token-canary' }, body },
      call,
    )
  },
}

type Seen = { url: string | undefined; headers: IncomingHttpHeaders; body: string }

let server: Listening | undefined

afterEach(() => server?.close())

/** App2 as a plain server that answers as told. */
async function app2(answer: (response: ServerResponse) => void): Promise<{ url: URL; seen: Seen[] }> {
  const seen: Seen[] = []
  server = await listen((request, response) => {
    void text(request).then((body) => {
      seen.push({ url: request.url, headers: request.headers, body })
      answer(response)
    })
  })
  return { url: new URL(server.url), seen }
}

const asked = createUserRequestBody()

const ask = (
  baseUrl: URL,
  deadline = farDeadline(),
  changes: Partial<AskCall> = {},
  humanToken?: SecretValue,
): Promise<CreatedUser> =>
  createApp2Client({ baseUrl }).ask(
    '/admin/create-user',
    {
      makeBody: () => Promise.resolve(asked),
      humanToken,
      status: 201,
      answer: createdUser,
      isAsked: ({ username, provisioning_id }) =>
        username === asked.username && provisioning_id === asked.provisioning_id,
      errors: { weak_password: refusedByPool },
    },
    { machine, requestId: 'request-1', deadline, timer: createStepTimer(() => 0), ...changes },
  )

const answering = async (status: number, body: unknown, headers: Record<string, string> = {}): Promise<unknown> => {
  const { url } = await app2((response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return ask(url).catch((error: unknown) => error)
}

describe('App2’s client', () => {
  it('sends the request with the credential and gives back the created user', async () => {
    const { url, seen } = await app2((response) => {
      response.writeHead(201).end(JSON.stringify(createdUserBody()))
    })

    const answer = await ask(new URL(`${url.href}stage/`))

    expect(answer).toEqual(createdUserBody())
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      url: '/stage/admin/create-user',
      headers: {
        authorization: 'Bearer token-canary',
        'content-type': 'application/json',
        'x-latchkey-request-id': 'request-1',
      },
    })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(createUserRequestBody())
    expect(seen[0]?.headers).not.toHaveProperty('x-human-token')
  })

  it('passes on the human’s token beside the machine’s credential', async () => {
    const { url, seen } = await app2((response) => {
      response.writeHead(201).end(JSON.stringify(createdUserBody()))
    })
    await ask(url, farDeadline(), {}, new SecretValue('human-canary'))

    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer token-canary', 'x-human-token': 'human-canary' })
  })

  it('asks with a token for the scope of the route', async () => {
    const scopes: string[] = []
    const send: CurrentMachine['send'] = ({ scope }) => {
      scopes.push(scope)
      return Promise.resolve(answerOf(createdUserBody(), { status: 201 }))
    }

    await ask(new URL('https://app2.example'), farDeadline(), { machine: { ...machine, send } })

    expect(scopes).toEqual(['app2/users.create'])
  })

  it.each([401, 403])('a %i means that nothing was done', async (status) => {
    expect(await answering(status, { message: 'canary' })).toMatchObject({
      code: 'upstream_error',
      reason: `app2_${status}`,
      outcome: 'none',
    })
  })

  it.each([
    [401, 'human_token_missing'],
    [401, 'human_token_invalid'],
    [403, 'human_mismatch'],
    [409, 'user_exists'],
    [422, 'idempotency_key_reused'],
    [500, 'partial_provision'],
    [503, 'upstream_unavailable'],
    [504, 'upstream_timeout'],
  ])('passes on %i %s', async (status, code) => {
    expect(await answering(status, { code })).toMatchObject({ code, reason: `app2_${status}` })
  })

  it('passes on a weak password without App2’s words', async () => {
    const answer = await answering(400, { code: 'weak_password', errors: [{ pointer: '/password', detail: 'canary' }] })

    expect(answer).toMatchObject({
      code: 'weak_password',
      errors: [{ pointer: '/password', detail: 'is refused by the user pool' }],
    })
  })

  it.each([
    ['7', 7],
    ['60', 60],
    ['61', 60],
    ['0', 1],
    ['soon', 1],
    [undefined, 1],
  ])('passes on a 429 with Retry-After %s as %i seconds', async (header, retryAfterSeconds) => {
    const answer = await answering(
      429,
      { message: 'Too Many Requests' },
      header === undefined ? {} : { 'retry-after': header },
    )

    expect(answer).toMatchObject({ code: 'throttled', retryAfterSeconds })
  })

  it.each([
    [403, { message: 'Forbidden' }, 'upstream_error'],
    [400, { code: 'invalid_request' }, 'upstream_error'],
    [400, { code: 'password_unreadable' }, 'upstream_error'],
    [500, { code: 'internal_error' }, 'upstream_error'],
    [500, 'not json', 'upstream_error'],
    [503, { message: 'Service Unavailable' }, 'upstream_unavailable'],
    [504, { message: 'Endpoint request timed out' }, 'upstream_timeout'],
    [418, { code: 'toString' }, 'upstream_error'],
    [200, createdUserBody(), 'upstream_error'],
  ])('a %i with %j is trouble between the services: %s', async (status, body, code) => {
    expect(await answering(status, body)).toMatchObject({ code, reason: `app2_${status}` })
  })

  it.each(['none', 'unknown'] as const)('passes on that the outcome is %s', async (outcome) => {
    expect(await answering(500, { code: 'internal_error', outcome })).toMatchObject({ outcome })
  })

  it.each([
    'not json canary',
    {},
    { ...createdUserBody(), provisioning_id: 'canary' },
    { ...createdUserBody(), provisioning_id: createUserRequestBody().provisioning_id.replace('A', 'B') },
    { ...createdUserBody(), username: 'somebody-else' },
    { ...createdUserBody(), group: 'api-client' },
    null,
  ])('a 201 with %j is nonsense', async (body) => {
    expect(await answering(201, body)).toMatchObject({ code: 'upstream_error', reason: 'app2_malformed_answer' })
  })

  it('an answer over 64 KiB is nonsense', async () => {
    expect(await answering(201, 'x'.repeat(65_537))).toMatchObject({ reason: 'app2_answer_too_large' })
  })

  it('a redirect is refused, and the credential goes nowhere else', async () => {
    const { url, seen } = await app2((response) => {
      response.writeHead(307, { location: '/elsewhere' }).end()
    })

    await expect(ask(url)).rejects.toMatchObject({ code: 'upstream_error', reason: 'app2_redirect' })
    expect(seen).toHaveLength(1)
  })

  it('no listener is unavailable, and nothing was done', async () => {
    const { url } = await app2(() => undefined)
    await server?.close()

    await expect(ask(url)).rejects.toMatchObject({ code: 'upstream_unavailable', outcome: 'none' })
  })

  it('a connection that breaks is unavailable, and who knows what was done', async () => {
    const { url } = await app2((response) => response.destroy())

    await expect(ask(url)).rejects.toMatchObject({ code: 'upstream_unavailable', outcome: 'unknown' })
  })

  it('silence is a time-out', async () => {
    const { url } = await app2(() => undefined)

    const deadline = createDeadline({ now: Date.now, budgetMs: 50 })
    await expect(ask(url, deadline)).rejects.toMatchObject({ code: 'upstream_timeout', reason: 'app2_timeout' })
  })

  it('silence in the middle of an answer is a time-out', async () => {
    const { url } = await app2((response) => response.writeHead(201).write('{'))

    const deadline = createDeadline({ now: Date.now, budgetMs: 100 })
    await expect(ask(url, deadline)).rejects.toMatchObject({ code: 'upstream_timeout', reason: 'app2_timeout' })
  })
})
