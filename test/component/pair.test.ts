import { AdminGetUserCommand, AdminListGroupsForUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { contracts } from '#shared/routes.ts'
import {
  bearer,
  machineHeaders,
  post,
  serviceToken,
  startInProcessPair,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { createUserRequestBody, goodPassword, serviceUserRequest } from '../support/requests.ts'
import { bearerModes, countTokenRequests } from '../support/token-requests.ts'

let running: InProcessPair

let counter = 0
const newName = (): string => `user-${++counter}`

const create = (changes: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: newName(), ...changes }), headers)
const sampleBody = { data: { request_id: 'r', payload: 1 } }
const sample = (headers: Record<string, string> = {}, body: unknown = sampleBody) =>
  post(`${running.pair.app2Url}/sample`, body, headers)
const admin = (headers: Record<string, string> = {}, body: unknown = createUserRequestBody()) =>
  post(`${running.pair.app2Url}/admin/create-user`, body, headers)
const adminAsMachine = async (body: unknown = createUserRequestBody()) =>
  admin(await machineHeaders(running.pair, { body }), body)

const unauthorized = { status: 401, body: { code: 'unauthorized' } }
const forbidden = { status: 403, body: { code: 'forbidden' } }

describe.each(machineAuthModes)('App1 by %s:', (machineAuth) => {
  beforeAll(async () => {
    running = await startInProcessPair({ machineAuth })
  })

  afterAll(async () => {
    await running.close()
  })

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

    it('gives the documents’ example answers to their example requests, but for what is new each time', async () => {
      const { request, success } = contracts.app1['POST /create-service-user']
      const { request: call, success: served } = contracts.app2['POST /sample']
      const { username, password } = request.example

      const created = await create(request.example)
      const answer = await sample(bearer(await serviceToken(running.pair, username, password)), call.example)

      const { created_at, provisioning_id } = success.schema.parse(created.body)
      expect([created.status, created.body]).toEqual([201, { ...success.example, created_at, provisioning_id }])
      const { processed_by, processed_at } = served.schema.parse(answer.body)
      expect([answer.status, answer.body]).toEqual([200, { ...served.example, processed_by, processed_at }])
    })

    it('refuses the machine /sample, before and after it used the admin route', async () => {
      const request = { path: '/sample', body: sampleBody }
      // No authorizer takes a signature for a token: that is 401, as for a caller who shows nothing.
      const refusal = machineAuth === 'sigv4' ? unauthorized : forbidden

      expect(await sample(await machineHeaders(running.pair, request))).toMatchObject(refusal)
      expect(await adminAsMachine()).toMatchObject({ status: 400, body: { code: 'password_unreadable' } })
      expect(await sample(await machineHeaders(running.pair, request))).toMatchObject(refusal)
    })

    it('asks for a token once for many creations, or for none where App1 signs', async () => {
      const requests = (): number[] => bearerModes.map((mode) => countTokenRequests(running.aws.calls, mode))
      await create()
      const before = requests()

      const answers = await Promise.all(Array.from({ length: 8 }, () => create()))

      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
      expect(requests()).toEqual(before)
      // Service users sign in by their passwords in every mode.
      const used = bearerModes.filter((_, index) => (before[index] ?? 0) > 0)
      expect(used).toEqual(bearerModes.filter((mode) => mode === machineAuth || mode === 'password'))
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

  it('no token is refused, and the answer names the scheme', async () => {
    const answer = await sample()

    expect(answer).toMatchObject(unauthorized)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="latchkey"')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  describe('bad input to App2', () => {
    it.each([
      ['/sample', '{', 400, 'invalid_request'],
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
      const headers =
        path === '/sample'
          ? bearer(await serviceToken(running.pair, username, goodPassword))
          : await machineHeaders(running.pair, { body })

      const answer = await post(`${running.pair.app2Url}${path}`, body, headers)

      expect(answer).toMatchObject({ status, body: { code, status } })
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.text).not.toContain('canary')
    })

    it('bytes that are not UTF-8, which the gateway hands over as U+FFFD', async () => {
      const username = newName()
      await create({ username })
      const headers = {
        'content-type': 'application/json',
        ...bearer(await serviceToken(running.pair, username, goodPassword)),
      }
      const body = Buffer.from(JSON.stringify({ data: { request_id: 'r', payload: '\u00ff' } }), 'latin1')

      const response = await fetch(`${running.pair.app2Url}/sample`, { method: 'POST', headers, body })

      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ errors: [{ pointer: '', detail: 'must be JSON in UTF-8' }] })
    })
  })
})
