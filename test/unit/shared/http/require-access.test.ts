import { describe, expect, it } from 'vitest'
import { accessRules } from '../../../../shared/access-rules.ts'
import { createBaseApp } from '../../../../shared/http/create-base-app.ts'
import { readCaller, requireAccess } from '../../../../shared/http/require-access.ts'
import { recordingLogger } from '../../../support/logger.ts'

const app = createBaseApp({ logger: recordingLogger(), now: Date.now })
for (const path of ['/sample', '/admin/create-user', '/not-in-the-table']) {
  app.post(path, requireAccess, (c) => c.json(readCaller(c)))
}

const post = async (path: string, requestContext?: unknown): Promise<{ status: number; code?: unknown }> => {
  const response = await app.request(path, { method: 'POST' }, { requestContext })
  return { status: response.status, ...((await response.json()) as object) }
}

const machine = { sub: 'm', client: 'machine', groups: 'api-client' }
const service = { sub: 's', client: 'service', groups: 'service-user' }

describe('the second check', () => {
  it('lets in who the table lets in', async () => {
    expect(await post('/admin/create-user', { authorizer: machine })).toMatchObject({ status: 200, sub: 'm' })
    expect(await post('/sample', { authorizer: service })).toMatchObject({ status: 200, sub: 's' })
  })

  it('finds the group among several', async () => {
    const authorizer = { ...service, groups: 'other service-user' }

    expect(await post('/sample', { authorizer })).toMatchObject({ status: 200, groups: ['other', 'service-user'] })
  })

  it.each([
    ['/sample', machine],
    ['/admin/create-user', service],
    ['/admin/create-user', { ...service, groups: 'api-client service-user' }],
    ['/sample', { ...service, groups: '' }],
    ['/sample', { ...service, groups: 'service-user-x' }],
    ['/sample', { ...service, groups: 'SERVICE-USER' }],
    ['/sample', { ...service, groups: 'api-client,service-user' }],
  ])('on %s refuses %j with 403', async (path, authorizer) => {
    expect(await post(path, { authorizer })).toMatchObject({ status: 403, code: 'forbidden' })
  })

  it('a route that is not in the table is closed to everybody', async () => {
    expect(accessRules.some((rule) => (rule.path as string) === '/not-in-the-table')).toBe(false)
    expect(await post('/not-in-the-table', { authorizer: machine })).toMatchObject({ status: 403 })
  })

  it.each([
    undefined,
    null,
    {},
    { authorizer: null },
    { authorizer: [] },
    { authorizer: { ...service, sub: '' } },
    { authorizer: { ...service, sub: undefined } },
    { authorizer: { ...service, client: 'other' } },
    { authorizer: { ...service, groups: ['service-user'] } },
    { authorizer: { lambda: service } },
  ])('without a whole authorizer context (%j) nobody gets in', async (requestContext) => {
    expect(await post('/sample', requestContext)).toMatchObject({ status: 401, code: 'unauthorized' })
  })
})
