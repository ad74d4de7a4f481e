// A user's whole life, over HTTP, at the real handlers of both apps: made, read, listed, ended, begun again, gone.
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { goodPassword, serviceUserRequest } from '../support/requests.ts'
import {
  bearer,
  call,
  post,
  serviceToken,
  startInProcessPair,
  type Answer,
  type InProcessPair,
} from '../support/in-process-pair.ts'

const anotherPassword = 'Correct-Horse-8-Battery'
const sample = { data: { request_id: 'r-1', payload: 1 } }

describe.each(machineAuthModes)('with %s', (machineAuth) => {
  let running: InProcessPair
  beforeAll(async () => {
    running = await startInProcessPair({ machineAuth })
  })
  afterAll(() => running.close())

  const app1 = (method: string, path: string, body?: unknown): Promise<Answer> =>
    call(method, `${running.pair.app1Url}${path}`, { body })
  const create = (username: string): Promise<Answer> =>
    post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username }))
  /** 200 where the user signs in and is served, else why it cannot sign in. */
  const serve = async (username: string, password: string): Promise<unknown> => {
    try {
      const token = await serviceToken(running.pair, username, password)
      return (await post(`${running.pair.app2Url}/sample`, sample, bearer(token))).status
    } catch (error) {
      return error instanceof Error ? error.name : error
    }
  }

  it('a user is read, disabled, enabled, given another password, deleted, and made anew', async () => {
    await create('worker')
    const path = '/service-users/worker'

    expect(await app1('GET', path)).toMatchObject({
      status: 200,
      body: { username: 'worker', status: 'active', groups: ['service-user'] },
    })
    expect(await serve('worker', goodPassword)).toBe(200)

    expect(await app1('POST', `${path}/disable`)).toMatchObject({ status: 200, body: { status: 'disabled' } })
    expect(await serve('worker', goodPassword)).toBe('NotAuthorizedException')
    expect(await app1('POST', `${path}/enable`)).toMatchObject({ status: 200, body: { status: 'active' } })
    expect(await serve('worker', goodPassword)).toBe(200)

    expect(await app1('POST', `${path}/reset-password`, { password: anotherPassword })).toMatchObject({ status: 200 })
    expect(await serve('worker', goodPassword)).toBe('NotAuthorizedException')
    expect(await serve('worker', anotherPassword)).toBe(200)

    expect(await app1('DELETE', `${path}/groups/service-user`)).toMatchObject({ status: 200, body: { groups: [] } })
    expect(await serve('worker', anotherPassword)).toBe(403)
    expect(await app1('PUT', `${path}/groups/service-user`)).toMatchObject({ body: { groups: ['service-user'] } })
    expect(await serve('worker', anotherPassword)).toBe(200)

    expect(await app1('DELETE', path)).toMatchObject({ status: 409, body: { code: 'user_enabled' } })
    expect(await app1('DELETE', `${path}?force=true`)).toMatchObject({ status: 200, body: { username: 'worker' } })
    for (const [method, ending] of [
      ['GET', ''],
      ['POST', '/disable'],
      ['DELETE', ''],
    ] as const)
      expect(await app1(method, `${path}${ending}`)).toMatchObject({ status: 404, body: { code: 'user_not_found' } })
    expect(await create('worker')).toMatchObject({ status: 201 })
  })
})

describe('a list', () => {
  it('has every user of ours once, over all its pages, and nobody else’s', async () => {
    const running = await startInProcessPair({ localAws: { shortPages: true } })
    try {
      const { app1Url, clients, provisioned } = running.pair
      const names = ['orders-1', 'orders-2', 'orders-3', 'reports-1']
      for (const username of names) await post(`${app1Url}/create-service-user`, serviceUserRequest({ username }))
      const { userPoolId: UserPoolId } = provisioned
      await clients.cognito.send(new AdminCreateUserCommand({ UserPoolId, Username: 'orders-of-somebody-else' }))
      const listed = async (query: string): Promise<string[]> => {
        const found: string[] = []
        let cursor: string | undefined = ''
        while (cursor !== undefined) {
          const more = cursor === '' ? '' : `&cursor=${cursor}`
          const answer = await call('GET', `${app1Url}/service-users?limit=2${query}${more}`)
          const page = answer.body as { readonly users: { readonly username: string }[]; readonly cursor?: string }
          found.push(...page.users.map(({ username }) => username))
          cursor = page.cursor
        }
        return found.toSorted()
      }

      expect(await listed('')).toEqual(names)
      expect(await listed('&prefix=orders-')).toEqual(names.slice(0, 3))
      expect(await listed('&prefix=nobody')).toEqual([])
    } finally {
      await running.close()
    }
  })
})
