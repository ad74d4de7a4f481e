import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createApp2Client, type App2Answer } from '#services/app1-provisioner/app2-client.ts'
import type { Proof, UnprovenRequest } from '#services/app1-provisioner/machine/machine-identity.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { ServiceError } from '#shared/errors.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { createdUserBody, createUserRequestBody } from '#test/support/requests.ts'

const proof: Proof = {
  refusedWith: 401,
  addTo: ({ headers }) => Promise.resolve({ ...headers, authorization: 'Bearer token-canary' }),
  renew: () => expect.fail(),
}

type Seen = { url: string | undefined; headers: http.IncomingHttpHeaders; body: string }

let server: http.Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** App2 as a plain server that answers as told. */
async function app2(answer: (response: http.ServerResponse, seen: Seen) => void): Promise<{ url: URL; seen: Seen[] }> {
  const seen: Seen[] = []
  server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const entry = { url: request.url, headers: request.headers, body }
      seen.push(entry)
      answer(response, entry)
    })
  })
  const listening = server
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return { url: new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`), seen }
}

const ask = (baseUrl: URL, deadline = farDeadline(), changes: Partial<Proof> = {}): Promise<App2Answer> => {
  const call = { proof: { ...proof, ...changes }, deadline, requestId: 'request-1' }
  return createApp2Client({ fetch, baseUrl }).createUser(createUserRequestBody(), call)
}

const answering = async (status: number, body: unknown, headers: Record<string, string> = {}): Promise<unknown> => {
  const { url } = await app2((response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return ask(url).catch((error: unknown) => error)
}

describe('App2’s client', () => {
  it('sends the request with the proof and gives back the created user', async () => {
    const { url, seen } = await app2((response) => {
      response.writeHead(201).end(JSON.stringify(createdUserBody()))
    })

    const answer = await ask(new URL(`${url.href}stage/`))

    expect(answer).toEqual({ kind: 'created', user: createdUserBody() })
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
  })

  it('passes on nothing of App2’s own words', async () => {
    const answer = await answering(201, {
      ...createdUserBody(),
      message: 'canary',
      created_by: 'canary',
      extra: 'canary',
    })

    expect(answer).toEqual({ kind: 'created', user: createdUserBody() })
  })

  it('has the very bytes proven that it sends', async () => {
    const { url, seen } = await app2((response) => {
      response.writeHead(201).end(JSON.stringify(createdUserBody()))
    })
    const proven: UnprovenRequest[] = []
    const addTo: Proof['addTo'] = (request) => {
      proven.push(request)
      return proof.addTo(request)
    }

    await ask(new URL(`${url.href}stage`), farDeadline(), { addTo })

    expect(proven).toHaveLength(1)
    expect(proven[0]).toMatchObject({ method: 'POST', url: new URL(`${url.href}stage/admin/create-user`) })
    expect(Buffer.from(proven[0]?.body ?? '').toString()).toBe(seen[0]?.body)
    expect(seen[0]?.headers).toMatchObject(proven[0]?.headers ?? {})
  })

  it('sends nothing without a proof', async () => {
    const { url, seen } = await app2(() => undefined)
    const failure = new ServiceError('internal_error')

    await expect(ask(url, farDeadline(), { addTo: () => Promise.reject(failure) })).rejects.toBe(failure)
    expect(seen).toHaveLength(0)
  })

  it.each([
    [401, 401, { kind: 'proof_refused' }],
    [403, 403, { kind: 'proof_refused' }],
    [401, 403, { code: 'upstream_error', reason: 'app2_403', outcome: 'none' }],
    [403, 401, { code: 'upstream_error', reason: 'app2_401', outcome: 'none' }],
  ] as const)('of a proof that is refused with %i tells a %i apart', async (refusedWith, status, told) => {
    const { url } = await app2((response) => {
      response.writeHead(status).end('{"message":"canary"}')
    })

    const answer: unknown = await ask(url, farDeadline(), { refusedWith }).catch((error: unknown) => error)

    expect(answer).toMatchObject(told)
  })

  it.each([
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

  it('a redirect is refused, and the proof goes nowhere else', async () => {
    const { url, seen } = await app2((response) => {
      response.writeHead(307, { location: '/elsewhere' }).end()
    })

    await expect(ask(url)).rejects.toMatchObject({ code: 'upstream_error', reason: 'app2_redirect' })
    expect(seen).toHaveLength(1)
  })

  it('no listener is unavailable, and nothing was done', async () => {
    const { url } = await app2(() => undefined)
    server?.close()

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
