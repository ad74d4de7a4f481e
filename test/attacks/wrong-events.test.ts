// Events that no method of App2's REST API sends, or that name one route and mean another: the resource alone counts.
import type { LambdaEvent } from 'hono/aws-lambda'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { httpEvent, restEvent } from '../support/events.ts'
import { createApp2Functions } from './support/app2-functions.ts'
import { attackEach, functionNames, invoke, notFound, unauthorized } from './support/invoke.ts'
import { countAttack } from './support/repel.ts'
import { bodies, type GatedPath } from './support/stage.ts'

const functions = createApp2Functions(manualClock())
const service = { sub: 'sub-1', client: 'service', token: 'user', groups: 'service-user', scopes: '' }
const machine = { sub: 'sub-2', client: 'machine', token: 'user', groups: 'api-client', scopes: '' }

describe('an event of another kind', () => {
  it('of an HTTP API, whose authorizer puts its context elsewhere', async (context) => {
    const answers = await attackEach(
      functions,
      (path) => {
        const event = httpEvent({ routeKey: `POST ${path}`, body: bodies[path] })
        return Object.assign(event, { requestContext: { ...event.requestContext, authorizer: { lambda: machine } } })
      },
      context,
    )

    expect(answers).toEqual(unauthorized)
  })

  it.for<[string, (path: GatedPath) => unknown]>([
    ['of a load balancer', (path) => ({ ...restEvent(), resource: undefined, requestContext: { elb: {} }, path })],
    ['of a greedy route', (path) => restEvent({ resource: '/{proxy+}', path, authorizer: machine })],
    ['of a function URL', (path) => ({ ...httpEvent({ rawPath: path }), routeKey: '$default' })],
    [
      'of the public route, on a gated path',
      (path) => restEvent({ method: 'POST', resource: '/health', path, authorizer: machine }),
    ],
    ['of another method', (path) => restEvent({ method: 'PUT', resource: path, authorizer: machine })],
    ['of a resource in another spelling', (path) => restEvent({ resource: `/x/..${path}`, authorizer: machine })],
    ['of a resource with a slash behind it', (path) => restEvent({ resource: `${path}/`, authorizer: machine })],
    ['of a resource in capitals', (path) => restEvent({ resource: path.toUpperCase(), authorizer: machine })],
  ])('%s', async ([, eventFor], context) => {
    expect(await attackEach(functions, (path) => eventFor(path) as LambdaEvent, context)).toEqual(notFound)
  })

  it.for<unknown>([
    {},
    [],
    'POST /admin/create-user',
    { httpMethod: 'POST', path: '/admin/create-user' },
    { Records: [] },
  ])('that is none: %j', async (event, { task }) => {
    const answers = await Promise.all(functionNames.map((name) => invoke(functions[name], event as LambdaEvent)))

    countAttack(
      task,
      answers.map(({ status }) => status < 401),
    )
    for (const { status } of answers) expect([404, 500]).toContain(status)
  })

  it.for(['/x/../admin/create-user', '/admin/create-user'])(
    'whose path says %s while its resource is /sample: the resource counts',
    async (path, { task }) => {
      const event = restEvent({ resource: '/sample', path, body: bodies['/sample'], authorizer: service })

      const [sample, createUser] = [
        await invoke(functions.sample, event),
        await invoke(functions['create-user'], event),
      ]

      countAttack(task, [createUser.status < 401])
      expect(sample).toEqual({ status: 200 })
      expect(createUser).toEqual({ status: 404, code: 'not_found' })
    },
  )
})
