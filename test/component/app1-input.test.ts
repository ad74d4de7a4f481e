import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post, startInProcessPair, type InProcessPair } from '../support/in-process-pair.ts'
import { serviceUserRequest } from '../support/requests.ts'

let running: InProcessPair

beforeAll(async () => {
  running = await startInProcessPair()
})

afterAll(async () => {
  await running.close()
})

const create = (headers: Record<string, string>) =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest(), headers)

describe('bad input to App1', () => {
  it.each([
    ['malformed JSON', '{"username":', 400, 'invalid_request'],
    ['an unknown field', JSON.stringify(serviceUserRequest({ canary: 1 })), 400, 'invalid_request'],
    [
      'the reserved prefix',
      JSON.stringify(serviceUserRequest({ username: 'Latchkey-Machine-x' })),
      400,
      'invalid_request',
    ],
    ['a weak password', JSON.stringify(serviceUserRequest({ password: 'canary' })), 400, 'weak_password'],
    ['too much', JSON.stringify(serviceUserRequest({ canary: 'x'.repeat(16_384) })), 413, 'payload_too_large'],
  ])('%s is answered with a problem document that repeats nothing', async (_, body, status, code) => {
    const answer = await post(`${running.pair.app1Url}/create-service-user`, body)

    expect(answer).toMatchObject({ status, body: { code, status, type: `urn:latchkey:error:${code}` } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.text).not.toMatch(/canary|а/)
  })

  it('another content type is refused', async () => {
    expect(await create({ 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    })
  })

  it('an unknown route is API Gateway’s own 404', async () => {
    expect(await post(`${running.pair.app1Url}/elsewhere`, {})).toMatchObject({
      status: 404,
      body: { message: 'Not Found' },
    })
  })
})
