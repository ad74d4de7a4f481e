import { describe, expect, it, onTestFinished } from 'vitest'
import {
  listenOnLoopback,
  type GatewayReply,
  type GatewayRequest,
} from '../../../../../infra/emulators/gateway/loopback-server.ts'
import { createApp1Caller, readAnswer } from '../../../../gate/bench/load/app1-caller.ts'

const provisioningId = `v1.${'A'.repeat(22)}.${'B'.repeat(21)}Q`
const user = {
  message: 'Service user created',
  username: 'ada',
  group: 'service-user',
  created_by: 'alice',
  created_at: '2026-01-01T00:00:00.000Z',
  provisioning_id: provisioningId,
}
const request = { username: 'ada', password: 'Ada-password-1', humanUserId: 'alice', idempotencyKey: 'key-1' }
const patient = { hangUpAfterMs: undefined }

async function startApp1(answer: (request: GatewayRequest) => Promise<GatewayReply>): Promise<string> {
  const server = await listenOnLoopback({ port: 0, answer })
  onTestFinished(() => server.close())
  return server.url
}

describe('an answer of App1', () => {
  it('that is a 201 says which user it speaks of', () => {
    expect(readAnswer(201, new Headers(), JSON.stringify(user))).toEqual({
      kind: 'answered',
      status: 201,
      code: undefined,
      retryAfterSeconds: undefined,
      user: { createdAt: '2026-01-01T00:00:00.000Z', provisioningId },
    })
  })

  it('that is a problem document gives its code and Retry-After', () => {
    const headers = new Headers({ 'retry-after': '2' })

    expect(readAnswer(429, headers, '{"code":"throttled"}')).toMatchObject({
      status: 429,
      code: 'throttled',
      retryAfterSeconds: 2,
      user: undefined,
    })
  })

  it.each(['', '<html>', '{"message":"Service Unavailable"}', 'null'])('without a code (%j) is its status', (text) => {
    expect(readAnswer(503, new Headers(), text)).toEqual({
      kind: 'answered',
      status: 503,
      code: undefined,
      retryAfterSeconds: undefined,
      user: undefined,
    })
  })
})

describe('a request to App1', () => {
  it('carries the creation and its key', async () => {
    const received: GatewayRequest[] = []
    const url = await startApp1((incoming) => {
      received.push(incoming)
      return Promise.resolve({ status: 201, headers: [], body: JSON.stringify(user) })
    })

    const answer = await createApp1Caller(url)(request, patient)

    expect(answer).toMatchObject({ kind: 'answered', status: 201, user: { provisioningId } })
    expect(received).toHaveLength(1)
    expect(received[0]).toMatchObject({ method: 'POST', target: '/create-service-user' })
    expect(received[0]?.headers).toContainEqual(['idempotency-key', 'key-1'])
    expect(JSON.parse(received[0]?.body?.toString() ?? '')).toEqual({
      username: 'ada',
      password: 'Ada-password-1',
      human_user_id: 'alice',
    })
  })

  it('is hung up on after the time that was asked for, and only then', async () => {
    const url = await startApp1(() => new Promise(() => undefined))

    const answer = await createApp1Caller(url)(request, { hangUpAfterMs: 20 })

    expect(answer).toEqual({ kind: 'unanswered', reason: 'hung_up' })
  })

  it.each([undefined, 10_000])('that reaches nobody is told apart from a hang-up (%s)', async (hangUpAfterMs) => {
    const server = await listenOnLoopback({ port: 0, answer: () => new Promise(() => undefined) })
    await server.close()

    const answer = await createApp1Caller(server.url)(request, { hangUpAfterMs })

    expect(answer).toEqual({ kind: 'unanswered', reason: 'no_connection' })
  })
})
