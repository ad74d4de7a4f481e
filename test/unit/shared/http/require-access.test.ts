import { describe, expect, it } from 'vitest'
import { accessRules } from '#shared/access-rules.ts'
import type { Caller } from '#shared/http/app-environment.ts'
import { createBaseApp } from '#shared/http/create-base-app.ts'
import { requireAccess } from '#shared/http/require-access.ts'
import { recordingLogger } from '#test/support/logger.ts'

type Answer = { status: number; code?: unknown; caller?: unknown; line?: unknown }

/** Posts to an app whose source names `caller`, or nobody. */
async function post(path: string, caller: Caller | undefined, headers: Record<string, string> = {}): Promise<Answer> {
  const logger = recordingLogger()
  const app = createBaseApp({ logger, now: Date.now })
  const seen: unknown[] = []
  const gate = requireAccess((requestContext) => {
    seen.push(requestContext)
    return caller
  })
  app.post(path, gate, (c) => {
    c.var.logger.info('served')
    return c.json({ caller: c.var.caller })
  })
  const requestContext = { some: 'context' }
  const response = await app.request(path, { method: 'POST', headers }, { requestContext })
  expect(seen).toEqual([requestContext])
  return { status: response.status, ...((await response.json()) as object), line: logger.lines.at(-1) }
}

const user = { kind: 'user', sub: 'u', client: 'service', groups: ['other', 'service-user'] } as const
const machine = { kind: 'machine', sub: 'm', client: 'machine', scopes: ['app2/users.create'] } as const
const provisioner = { kind: 'principal', sub: 'arn', principal: 'provisioner' } as const

describe('the second check', () => {
  it.each([
    ['/sample', user, { client: 'service', caller_kind: 'user' }],
    ['/admin/create-user', machine, { client: 'machine', caller_kind: 'machine' }],
    ['/admin/create-user', provisioner, { caller_kind: 'principal' }],
  ] as const)(
    'on %s lets in whom the table lets in, %j, and the log says of what kind',
    async (path, caller, fields) => {
      const { status, caller: handedOn, line } = await post(path, caller)

      expect([status, handedOn]).toEqual([200, caller])
      expect(line).toMatchObject({ message: 'served', ...fields })
      expect(line).not.toHaveProperty('sub')
    },
  )

  it.each<[string, Caller]>([
    ['/admin/create-user', user],
    ['/sample', machine],
    ['/sample', provisioner],
    ['/sample', { ...user, client: 'machine' }],
    ['/sample', { ...user, groups: [''] }],
    ['/admin/create-user', { ...machine, client: 'service' }],
    ['/admin/create-user', { ...machine, scopes: ['app2/users.create.x'] }],
  ])('on %s refuses %j with 403', async (path, caller) => {
    expect(await post(path, caller)).toMatchObject({ status: 403, code: 'forbidden', line: { reason: 'access_table' } })
  })

  it('a route that is not in the table is refused to everybody', async () => {
    expect(accessRules.some((rule) => (rule.path as string) === '/not-in-the-table')).toBe(false)
    expect(await post('/not-in-the-table', machine)).toMatchObject({ status: 403, code: 'forbidden' })
  })

  it.each(['/sample', '/not-in-the-table'])('on %s nobody gets in whom the source does not know', async (path) => {
    expect(await post(path, undefined)).toMatchObject({
      status: 401,
      code: 'unauthorized',
      line: { reason: 'no_verified_caller' },
    })
  })

  it.each([
    ['C2ub7Dp+6GOzq1I=', 'C2ub7Dp+6GOzq1I='],
    ['a/b_c-d', 'a/b_c-d'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['x'.repeat(65), undefined],
    [' a b ', undefined],
    ['a\tb', undefined],
    ['a,b', undefined],
    ['"a"', undefined],
    ['a"', undefined],
    [undefined, undefined],
  ])('has App1’s id of the request, %j, in the log as %j', async (id, logged) => {
    const { line } = await post('/sample', user, id === undefined ? {} : { 'x-latchkey-request-id': id })

    expect((line as { readonly caller_request_id?: string }).caller_request_id).toBe(logged)
  })
})
