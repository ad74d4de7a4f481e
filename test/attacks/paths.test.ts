// A service user's good token on the way to the admin route: by another spelling of the path, the method or the ARN.
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { malformedMethodArns } from '../support/malformed-method-arns.ts'
import { openResources } from '../support/open-resources.ts'
import { poolKey } from '../support/pool-keys.ts'
import { serviceUserClaims } from '../support/tokens.ts'
import { countAttack } from './support/repel.ts'
import { bodies, openStage, stageArn, type GatewayAnswer, type Stage } from './support/stage.ts'

const now = manualClock().now()
const serviceToken = poolKey.accessToken({ now, claims: serviceUserClaims })
const machineToken = poolKey.accessToken({ now })
const admin = '/admin/create-user'
const ownPolicy = openResources(stageArn, { kind: 'user', client: 'service', groups: ['service-user'] })
const notFound: GatewayAnswer = { status: 403, code: 'forbidden' }

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

type Request = { readonly method?: string; readonly target: string; readonly headers?: readonly string[] }

/** Sends it with the service user's token; what it wants is to reach create-user. */
async function sendAsServiceUser(request: Request, { task }: TestContext): Promise<GatewayAnswer> {
  const headers = [`Authorization: Bearer ${serviceToken}`, ...(request.headers ?? [])]
  const answer = await stage.send({ ...request, headers, body: bodies['/sample'] })
  countAttack(task, [answer.reached === 'create-user'])
  return answer
}

/** Other spellings of `/admin/create-user`; Hono by itself takes the first three for it. */
const spellings = [
  ...['/x/../admin/create-user', '/%61dmin/create-user', '/admin\\create-user', '/sample/../admin/create-user'],
  ...['/sample/..%2fadmin/create-user', '/sample/%2e%2e/admin/create-user', '/sample/%252e%252e/admin/create-user'],
  ...['/sample/..;/admin/create-user', '/./admin/create-user', '/admin/./create-user', '/admin/x/../create-user'],
  ...['/admin%2fcreate-user', '/admin%2Fcreate-user', '/admin%5Ccreate-user', '/admin%252fcreate-user'],
  ...['/%2561dmin/create-user', '/admin/create%2Duser', '/admin/create-user%20', '/admin/create-user%00'],
  ...['/admin/create-user%0d%0a', '/%c0%afadmin/create-user', '/adm%u0069n/create-user', '//admin/create-user'],
  ...['/admin//create-user', '///admin///create-user', '/admin/create-user/', '/admin/create-user//'],
  ...['/admin/create-user/.', '/admin/create-user/..', '/admin/create-user/x', '/ADMIN/CREATE-USER'],
  ...['/Admin/create-user', '/admin/create-user;', '/admin;v=1/create-user', '/admin/create-user;.css'],
  ...['/admin/create-user.json', '/admin/create-user*', '/admin/*', '/*', '/', '/admin', '/dev/admin/create-user'],
  ...['/sample/admin/create-user', '/sample;/../admin/create-user', '/sample%3f/../admin/create-user'],
  ...['/sample#/../admin/create-user', '/sample%23', '/sample.', '/sample//', '/{proxy+}', '/_/admin/create-user'],
  ...['*', 'http://local/admin/create-user', 'http://local/sample/../admin/create-user'],
  ...['https://attacker.example/admin/create-user', '//local/admin/create-user'],
]

describe('the stage', () => {
  it('serves the machine on the admin route and the service user on its own', async () => {
    const asMachine = [`Authorization: Bearer ${machineToken}`]
    const asService = [`Authorization: Bearer ${serviceToken}`]

    expect(await stage.send({ target: admin, headers: asMachine, body: '{}' })).toMatchObject({
      reached: 'create-user',
    })
    expect(await stage.send({ target: '/sample', headers: asService, body: bodies['/sample'] })).toEqual({
      status: 200,
      reached: 'sample',
    })
  })
})

describe('the admin route itself', () => {
  it.for([
    admin,
    `${admin}?`,
    `${admin}?x=/sample`,
    `${admin}?/../../sample`,
    `${admin}?method=GET&path=/sample`,
    `${admin}?_method=GET`,
    `${admin}??`,
  ])('%s is denied, whatever its query', async (target, context) => {
    expect(await sendAsServiceUser({ target }, context)).toEqual(notFound)
  })
})

describe('another spelling of the path', () => {
  it.for(spellings)('%s', async (target, context) => {
    expect(await sendAsServiceUser({ target }, context)).toEqual(notFound)
  })

  it.for(['admin/create-user', '/admin/create\u2010user'])(
    '%j, which no server of HTTP takes',
    async (target, context) => {
      expect(await sendAsServiceUser({ target }, context)).toEqual({ status: 400 })
    },
  )

  it.for(spellings)('%s in the methodArn: the policy stays that of the token', async (path, { task }) => {
    const event = { authorizationToken: `Bearer ${serviceToken}`, methodArn: `${stageArn}/POST${path}` }

    const answer = await stage.ask(event)

    countAttack(task, [answer.outcome === 'allowed'])
    // Either no such ARN exists, which is an error, or no statement speaks of it.
    expect(
      answer.outcome === 'error' ? answer : [answer, (await stage.policyFor(event)).policyDocument.Statement],
    ).toEqual(
      answer.outcome === 'error'
        ? { outcome: 'error', reason: 'invalid_method_arn' }
        : [{ outcome: 'implicitly_denied' }, [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ownPolicy }]],
    )
  })
})

describe('a trick that leads to the service user’s own route', () => {
  it.for([
    ...['/sample/', `/sample?/../admin/create-user`, `/sample?path=${admin}`],
    ...[`/sample?resource=${admin}&httpMethod=POST`, `/sample?x=%0d%0aPOST%20${admin}`],
  ])('%s reaches sample and nothing else', async (target, context) => {
    expect(await sendAsServiceUser({ target }, context)).toEqual({ status: 200, reached: 'sample' })
  })

  it.for([
    ...['X-HTTP-Method-Override: GET', 'X-HTTP-Method: DELETE', 'X-Method-Override: PUT'],
    ...[`X-Original-URL: ${admin}`, `X-Original-URI: ${admin}`, `X-Rewrite-URL: ${admin}`],
    ...[`X-Override-URL: ${admin}`, `X-Forwarded-Path: ${admin}`, `X-Forwarded-Uri: ${admin}`],
    ...[`X-Forwarded-Prefix: /admin`, 'X-Forwarded-Host: attacker.example', 'X-Forwarded-Proto: http'],
    ...['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Method: GET'],
    ...['Forwarded: for=127.0.0.1;host=attacker.example;proto=http', `Destination: ${admin}`],
    ...[`Referer: https://local${admin}`, 'X-Amzn-Request-Path: /admin/create-user'],
    ...['X-Amzn-Apigateway-Api-Id: other', 'X-Original-Method: GET'],
  ])('%s', async (header, context) => {
    expect(await sendAsServiceUser({ target: '/sample', headers: [header] }, context)).toEqual({
      status: 200,
      reached: 'sample',
    })
  })
})

describe('another method', () => {
  const methods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'LINK', 'PROPFIND', 'M-SEARCH']

  it.for(methods.flatMap((method) => [admin, '/sample'].map((target) => [method, target] as const)))(
    '%s %s',
    async ([method, target], { task }) => {
      const headers = [`Authorization: Bearer ${serviceToken}`, 'X-HTTP-Method-Override: POST']

      const answer = await stage.send({ method, target, headers })

      countAttack(task, [answer.reached !== undefined])
      // A HEAD has no body that could hold the code.
      expect(answer).toEqual(method === 'HEAD' ? { status: 403 } : notFound)
    },
  )

  it.for(['POST', 'HEAD', 'OPTIONS', 'PATCH'])('%s on the public route leads nowhere', async (method, { task }) => {
    const answer = await stage.send({ method, target: '/health' })

    countAttack(task, [answer.reached !== undefined])
    expect(answer).toEqual(method === 'HEAD' ? { status: 403 } : notFound)
  })

  it.for([
    ['post', 403],
    ['Post', 403],
    ['POSTX', 403],
    ['CONNECT', 403],
    ['PO ST', 400],
  ] as const)('%j, which no route has', async ([method, status], { task }) => {
    const headers = [`Authorization: Bearer ${serviceToken}`]

    const answer = await stage.send({ method, target: admin, headers })

    countAttack(task, [answer.reached !== undefined])
    expect(answer.status).toBe(status)
  })
})

describe('a crafted methodArn', () => {
  it.for(malformedMethodArns(stageArn, admin))(
    '%j gets an error that nobody caches, and no policy',
    async (methodArn, { task }) => {
      for (const token of [serviceToken, machineToken]) {
        const answer = await stage.ask({ authorizationToken: `Bearer ${token}`, methodArn })

        countAttack(task, [answer.outcome === 'allowed'])
        expect(answer).toEqual({ outcome: 'error', reason: 'invalid_method_arn' })
      }
    },
  )

  it('of another stage gets a policy for that stage, which opens nothing here', async ({ task }) => {
    const elsewhere = (arn: string): string => arn.replace('/dev', '/prod')
    const methodArn = elsewhere(`${stageArn}/POST/sample`)

    const { policyDocument } = await stage.policyFor({ authorizationToken: `Bearer ${serviceToken}`, methodArn })

    countAttack(task, [policyDocument.Statement[0].Resource.includes(`${stageArn}/POST/sample`)])
    expect(policyDocument.Statement[0].Resource).toEqual(ownPolicy.map(elsewhere))
  })
})
