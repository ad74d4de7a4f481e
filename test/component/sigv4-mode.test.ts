import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newLocalSigner } from '#infra/local/local-signers.ts'
import { startPair, type Pair } from '#infra/local/pair.ts'
import { bearer, post, serviceToken } from '../support/in-process-pair.ts'
import { createUserRequestBody, goodPassword, serviceUserRequest } from '../support/requests.ts'
import { signedHeaders } from '../../infra/emulators/test/gateway/sign-request.ts'

let pair: Pair
const lines: string[] = []

beforeAll(async () => {
  pair = await startPair({ machineAuth: 'sigv4', onOutput: (line) => lines.push(line) })
})

afterAll(() => pair.close())

const admin = async (headers: Record<string, string>) => {
  const answer = await post(`${pair.app2Url}/admin/create-user`, createUserRequestBody(), headers)
  return { ...answer, errorType: answer.headers.get('x-amzn-errortype') }
}

describe('the pair, App1 signing with its role', () => {
  it('creates a user without any machine user, client or token, and the user is served', async () => {
    const request = serviceUserRequest({ username: 'signed' })

    expect(await post(`${pair.app1Url}/create-service-user`, request)).toMatchObject({ status: 201 })

    const headers = bearer(await serviceToken(pair, 'signed', goodPassword))
    const body = { data: { request_id: 'r', payload: 1 } }
    expect(await post(`${pair.app2Url}/sample`, body, headers)).toMatchObject({ status: 200 })
    expect(pair.provisioned.machineClientId).toBeUndefined()
    expect(lines.join('\n')).not.toContain('machine signed in')
  })

  it('the admin route takes no token, not even a good one', async () => {
    await post(`${pair.app1Url}/create-service-user`, serviceUserRequest({ username: 'token' }))
    const headers = bearer(await serviceToken(pair, 'token', goodPassword))

    expect(await admin(headers)).toMatchObject({ status: 403, errorType: 'IncompleteSignatureException' })
    expect(await admin({})).toMatchObject({ status: 403, errorType: 'MissingAuthenticationTokenException' })
  })

  it('a signature of credentials that the gateway does not know opens nothing', async () => {
    const { host } = new URL(pair.app2Url)
    const headers = await signedHeaders(
      {
        path: '/admin/create-user',
        headers: { host, 'content-type': 'application/json' },
        body: JSON.stringify(createUserRequestBody()),
      },
      { credential: newLocalSigner('provisioner'), now: Date.now() },
    )

    expect(await admin(headers)).toMatchObject({ status: 403, errorType: 'UnrecognizedClientException' })
  })
})
