import {
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  GetUserCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { request as rawRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  bearer,
  machineToken,
  post,
  serviceToken,
  startInProcessPair,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { createUserRequestBody, goodPassword, serviceUserRequest } from '../support/requests.ts'

let running: InProcessPair

beforeAll(async () => {
  running = await startInProcessPair()
})

afterAll(async () => {
  await running.close()
})

let counter = 0
const newName = (): string => `user-${++counter}`

const create = (changes: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: newName(), ...changes }), headers)
const sample = (headers: Record<string, string> = {}, body: unknown = { data: { request_id: 'r', payload: 1 } }) =>
  post(`${running.pair.app2Url}/sample`, body, headers)
const admin = (headers: Record<string, string> = {}, body: unknown = createUserRequestBody()) =>
  post(`${running.pair.app2Url}/admin/create-user`, body, headers)

/** A request whose path and headers reach the server to the letter, which fetch would tidy up first. */
function raw(base: string, options: { method: string; path: string; headers?: string[]; body?: string }) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const { method, path, headers = [], body } = options
    const sent = rawRequest({ hostname, port, method, path, headers: ['Host', 'x', ...headers] }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('the pair', () => {
  it('creates a user that is whole: enabled, confirmed, in its group, and marked with who asked', async () => {
    const username = newName()

    const answer = await create({ username: username.toUpperCase() })

    expect(answer).toMatchObject({
      status: 201,
      body: { username, group: 'service-user', created_by: 'alice@example.com' },
    })
    const { clients, provisioned } = running.pair
    const key = { UserPoolId: provisioned.userPoolId, Username: username }
    const user = await clients.cognito.send(new AdminGetUserCommand(key))
    const groups = await clients.cognito.send(new AdminListGroupsForUserCommand(key))
    expect(user).toMatchObject({ Enabled: true, UserStatus: 'CONFIRMED' })
    expect(user.UserAttributes).toContainEqual({ Name: 'custom:human_user_id', Value: 'alice@example.com' })
    expect(user.UserAttributes).toContainEqual({
      Name: 'custom:provisioning_id',
      Value: (answer.body as { provisioning_id: string }).provisioning_id,
    })
    expect(groups.Groups?.map((group) => group.GroupName)).toEqual(['service-user'])
  })

  it('serves the new user on /sample under its sub, and refuses it the admin route, in either order', async () => {
    for (const adminFirst of [true, false]) {
      const username = newName()
      await create({ username })
      const headers = bearer(await serviceToken(running.pair, username, goodPassword))

      const first = adminFirst ? await admin(headers) : await sample(headers)
      const second = adminFirst ? await sample(headers) : await admin(headers)

      const [served, refused] = adminFirst ? [second, first] : [first, second]
      expect(served).toMatchObject({ status: 200, body: { request_id: 'r' } })
      expect(served.text).toMatch(/"processed_by":"[0-9a-f-]{36}"/)
      expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
  })

  it('refuses the machine user /sample, before and after it used the admin route', async () => {
    const headers = bearer(await machineToken(running.pair))

    expect(await sample(headers)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await admin(headers)).toMatchObject({ status: 400, body: { code: 'password_unreadable' } })
    expect(await sample(headers)).toMatchObject({ status: 403 })
  })

  it('signs in once for many creations, and the session that App2 sees is dead at Cognito', async () => {
    await create()
    const before = running.aws.calls.filter(({ operation }) => operation === 'InitiateAuth').length
    const answers = await Promise.all(Array.from({ length: 8 }, () => create()))

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
    expect(running.aws.calls.filter(({ operation }) => operation === 'InitiateAuth')).toHaveLength(before)
    // The set-up's trial of the new machine user, and App1's one sign-in.
    expect(running.aws.calls.filter(({ operation }) => operation === 'RevokeToken')).toHaveLength(2)
    const tokens = [...running.proxy.secrets].filter((secret) => secret.split('.').length === 3)
    const app1Token = tokens.find((token) => {
      const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
      const wanted = { token_use: 'access', client_id: running.pair.provisioned.machineClientId }
      return Object.entries(wanted).every(([name, value]) => Reflect.get(claims as object, name) === value)
    })
    const asked = running.pair.clients.cognito.send(new GetUserCommand({ AccessToken: app1Token }))
    await expect(asked).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    expect(await admin({ authorization: `Bearer ${app1Token ?? ''}` })).toMatchObject({ status: 400 })
  })

  it('a sealed password is good for the one request that it was sealed for', async () => {
    const headers = bearer(await machineToken(running.pair))

    const answer = await admin(headers, createUserRequestBody({ encrypted_password: 'latchkey.v1.kms.AAAA' }))

    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'password_unreadable', detail: expect.any(String) as string },
    })
  })

  it('answers /health of both apps with a constant', async () => {
    for (const url of [running.pair.app1Url, running.pair.app2Url]) {
      const response = await fetch(`${url}/health`)
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
    }
  })

  it('answers a user that exists with 409, and changes nothing of it', async () => {
    const username = newName()
    await create({ username })
    const key = { UserPoolId: running.pair.provisioned.userPoolId, Username: username }
    const before = await running.pair.clients.cognito.send(new AdminGetUserCommand(key))

    const answer = await create({ username, password: 'Another-Password-1' })

    expect(answer).toMatchObject({ status: 409, body: { code: 'user_exists' } })
    const after = await running.pair.clients.cognito.send(new AdminGetUserCommand(key))
    expect({ ...after, $metadata: null }).toEqual({ ...before, $metadata: null })
    await expect(serviceToken(running.pair, username, goodPassword)).resolves.toBeDefined()
  })
})

describe('tokens', () => {
  const unauthorized = { status: 401, body: { code: 'unauthorized' } }

  it('none is refused, and the answer names the scheme', async () => {
    const answer = await sample()

    expect(answer).toMatchObject(unauthorized)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  it.each(['Bearer', 'Bearer x', 'Bearer a.b.c', 'Basic dTpw', 'bearer a.b.c', 'Bearer a.b.c d.e.f'])(
    'the header %s is refused',
    async (authorization) => {
      expect(await sample({ authorization })).toMatchObject(unauthorized)
    },
  )

  it('two headers are refused, though one of them is good', async () => {
    const username = newName()
    await create({ username })
    const token = `Bearer ${(await serviceToken(running.pair, username, goodPassword)).expose()}`
    const headers = ['Content-Type', 'application/json', 'Authorization', token, 'Authorization', token]

    const answer = await raw(running.pair.app2Url, { method: 'POST', path: '/sample', headers, body: '{}' })

    expect(answer.status).toBe(401)
    expect(answer.text).toMatch(/"code": ?"unauthorized"/)
  })

  it('with a changed payload is refused', async () => {
    const [header = '', payload = '', signature = ''] = (await machineToken(running.pair)).expose().split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const forged = Buffer.from(JSON.stringify({ ...claims, 'cognito:groups': ['service-user'] })).toString('base64url')

    expect(await sample({ authorization: `Bearer ${header}.${forged}.${signature}` })).toMatchObject(unauthorized)
  })
})

describe('bad input to App1', () => {
  it.each([
    ['malformed JSON', '{"username":', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['an array', '[]', 400, 'invalid_request'],
    ['a missing field', '{"username":"a"}', 400, 'invalid_request'],
    ['a wrong type', JSON.stringify(serviceUserRequest({ username: 5 })), 400, 'invalid_request'],
    ['an unknown field', JSON.stringify(serviceUserRequest({ canary: 1 })), 400, 'invalid_request'],
    ['a username with a space', JSON.stringify(serviceUserRequest({ username: 'canary a' })), 400, 'invalid_request'],
    ['look-alike letters', JSON.stringify(serviceUserRequest({ username: 'аdmin' })), 400, 'invalid_request'],
    [
      'the form of a UUID',
      JSON.stringify(serviceUserRequest({ username: '0F8FAD5B-d9cb-469f-a165-70867728950e' })),
      400,
      'invalid_request',
    ],
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
    expect(await create({}, { 'content-type': 'text/plain' })).toMatchObject({
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

describe('bad input to App2', () => {
  it.each([
    ['/sample', '{', 400, 'invalid_request'],
    ['/sample', 'null', 400, 'invalid_request'],
    ['/sample', JSON.stringify({ data: { request_id: 'a b', payload: 1 } }), 400, 'invalid_request'],
    ['/sample', JSON.stringify({ data: { request_id: 'r', payload: 'x'.repeat(16_384) } }), 413, 'payload_too_large'],
    ['/admin/create-user', '{}', 400, 'invalid_request'],
    [
      '/admin/create-user',
      JSON.stringify(createUserRequestBody({ encrypted_password: 'canary' })),
      400,
      'password_unreadable',
    ],
  ])('%s with %s', async (path, body, status, code) => {
    const username = newName()
    await create({ username })
    const token =
      path === '/sample' ? await serviceToken(running.pair, username, goodPassword) : await machineToken(running.pair)

    const answer = await post(`${running.pair.app2Url}${path}`, body, bearer(token))

    expect(answer).toMatchObject({ status, body: { code, status } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.text).not.toContain('canary')
  })

  it.each([
    ['POST', '/elsewhere'],
    ['GET', '/sample'],
    ['POST', '/x/../sample'],
    ['POST', '/%73ample'],
    ['POST', '/sample/'],
    ['POST', '//sample'],
    ['TRACE', '/sample'],
    ['HEAD', '/health'],
  ])('%s %s is closed at the gate', async (method, path) => {
    const headers = ['Authorization', `Bearer ${(await machineToken(running.pair)).expose()}`]

    const answer = await raw(running.pair.app2Url, { method, path, headers })

    expect(answer.status).toBe(403)
    if (method !== 'HEAD') expect(answer.text).toMatch(/"code": ?"forbidden"/)
  })
})
