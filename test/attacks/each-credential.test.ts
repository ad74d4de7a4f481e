// Every credential that the pool can give, on every gated route: it opens what the table says, and nothing else, at the gate and
// at App2's own second look. What the table says stands, as literals, in its unit test.
import type { LambdaEvent } from 'hono/aws-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accessRules,
  findAccessRule,
  knownGroups,
  knownScopes,
  opens,
  type ClientKind,
  type Identity,
} from '#shared/access-rules.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { manualClock } from '../support/clock.ts'
import { restEvent } from '../support/events.ts'
import { openResources } from '../support/open-resources.ts'
import { poolKey } from '../support/pool-keys.ts'
import { machineScopeClaims, serviceScopeClaims, serviceUserClaims, type Changes } from '../support/tokens.ts'
import { createApp2Functions } from './support/app2-functions.ts'
import { call } from './support/calls.ts'
import { invoke } from './support/invoke.ts'
import { countAttack } from './support/repel.ts'
import { bodies, functionOf, gatedPaths, openStage, stageArn, type GatedPath, type Stage } from './support/stage.ts'

const clock = manualClock()
const now = clock.now()
const functions = createApp2Functions(clock)

/** Every subset of `names`. */
const subsets = (names: readonly string[]): string[][] =>
  names.reduce<string[][]>((sets, name) => [...sets, ...sets.map((set) => [...set, name])], [[]])

type Credential = { readonly claims: Changes; readonly identity: Exclude<Identity, { readonly kind: 'principal' }> }

const user = (client: ClientKind, groups: string[]): Credential => ({
  claims: { ...(client === 'service' ? serviceUserClaims : {}), 'cognito:groups': groups },
  identity: { kind: 'user', client, groups },
})
/** Every user's token has this scope of Cognito's, and may say more. */
const machine = (client: ClientKind, scopes: string[]): Credential => ({
  claims: { ...(client === 'service' ? serviceScopeClaims : machineScopeClaims), scope: scopes.join(' ') || undefined },
  identity: { kind: 'machine', client, scopes },
})

const clients = ['machine', 'service'] as const
const credentials: readonly (readonly [string, Credential])[] = clients.flatMap((client) => [
  ...subsets(knownGroups).map(
    (groups) => [`a user of ${client} in [${groups.join(', ')}]`, user(client, groups)] as const,
  ),
  ...subsets(knownScopes).map(
    (scopes) => [`${client} itself with [${scopes.join(', ')}]`, machine(client, scopes)] as const,
  ),
])

const isOpen = (path: GatedPath, identity: Identity): boolean => {
  const rule = findAccessRule('POST', path)
  return rule !== undefined && opens(rule, identity)
}
/** Of a route that is open, to a body that none of them takes but sample. */
const openAnswer = (path: GatedPath) =>
  path === '/sample' ? { status: 200 } : { status: 400, code: 'invalid_request' }
const forbidden = { status: 403, code: 'forbidden' }

describe('each credential, at the gate', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.close())

  it.for(credentials)('%s', async ([, { claims, identity }], { task }) => {
    const token = poolKey.accessToken({ now, claims })
    const open = openResources(stageArn, identity)

    for (const path of gatedPaths) {
      const { handler, gateway } = await call(stage, path, token)
      const served = isOpen(path, identity)
      if (!served) countAttack(task, [handler.outcome === 'allowed', gateway.reached !== undefined])
      expect(handler.outcome).toBe(served ? 'allowed' : open.length > 0 ? 'implicitly_denied' : 'explicitly_denied')
      expect(gateway).toEqual(served ? { ...openAnswer(path), reached: functionOf(path) } : forbidden)
    }

    const { policyDocument } = await stage.policyFor({
      authorizationToken: `Bearer ${token}`,
      methodArn: `${stageArn}/POST/sample`,
    })
    const [{ Effect, Resource }] = policyDocument.Statement
    expect([Effect, Resource]).toEqual(
      open.length > 0 ? ['Allow', open] : ['Deny', gatedPaths.map((path) => `${stageArn}/POST${path}`)],
    )
    expect(Resource.filter((arn) => /[*?]/.test(arn))).toEqual([])
  })
})

describe('each credential, past the gate', () => {
  const eventOf = (path: GatedPath, context: object): LambdaEvent => {
    const event = restEvent({ resource: path, body: bodies[path] })
    return Object.assign(event, { requestContext: { ...event.requestContext, ...context } })
  }

  it.for(credentials)('%s', async ([, { identity }], { task }) => {
    const names =
      identity.kind === 'user'
        ? { groups: identity.groups.join(' '), scopes: '' }
        : { groups: '', scopes: identity.scopes.join(' ') }
    const authorizer = { sub: 'sub-1', client: identity.client, token: identity.kind, ...names }

    for (const path of gatedPaths) {
      const answer = await invoke(functions[functionOf(path)], eventOf(path, { authorizer }))
      const served = isOpen(path, identity)
      if (!served) countAttack(task, [answer.status < 401])
      expect(answer).toEqual(served ? openAnswer(path) : forbidden)
    }
  })

  it('App1’s role, in sigv4', async ({ task }) => {
    const provisioner = parseRoleArn('arn:aws:iam::123456789012:role/app1') ?? expect.fail()
    const signed = createApp2Functions(clock, { from: 'iam', provisioners: [provisioner] })
    const userArn = 'arn:aws:sts::123456789012:assumed-role/app1/session'

    for (const path of gatedPaths) {
      const answer = await invoke(signed[functionOf(path)], eventOf(path, { identity: { userArn } }))
      const served = isOpen(path, { kind: 'principal', principal: 'provisioner' })
      if (!served) countAttack(task, [answer.status < 401])
      expect(answer).toEqual(served ? openAnswer(path) : forbidden)
    }
  })
})

describe('what every user’s token says', () => {
  it('`aws.cognito.signin.user.admin` and a machine’s scopes in a user’s token open nothing', async ({ task }) => {
    const stage = await openStage()
    try {
      for (const [scope, refusal] of [
        ['aws.cognito.signin.user.admin', forbidden],
        [knownScopes.join(' '), { status: 401, code: 'unauthorized' }],
      ] as const) {
        const token = poolKey.accessToken({ now, claims: { 'cognito:groups': [], scope } })
        for (const path of gatedPaths) {
          const { handler, gateway } = await call(stage, path, token)
          countAttack(task, [handler.outcome === 'allowed', gateway.reached !== undefined])
          expect(gateway).toEqual(refusal)
        }
      }
    } finally {
      await stage.close()
    }
  })
})

describe('the rows', () => {
  it('are opened by one credential of each kind at least, so that a refusal above means something', () => {
    for (const rule of accessRules) {
      if (rule.access === 'public') continue
      const openers = credentials.filter(([, { identity }]) => opens(rule, identity))
      expect(new Set(openers.map(([, { identity }]) => identity.kind))).toEqual(new Set(['user', 'machine']))
    }
  })
})
