// Tokens of AWS STS: whose role, for whom, for which request, and the pool's own in their place.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import type { LambdaEvent } from 'hono/aws-lambda'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { manualClock } from '../support/clock.ts'
import { restEvent } from '../support/events.ts'
import { poolKey } from '../support/pool-keys.ts'
import { createUserRequestBody, provisioningId } from '../support/requests.ts'
import { stsClaims, stsRules, tagsOf, testSts } from '../support/sts-tokens.ts'
import { createSigner, machineScopeClaims, testPool, testRules, type Changes } from '../support/tokens.ts'
import { createApp2Functions } from './support/app2-functions.ts'
import { attackEach, unauthorized as nobodyEverywhere } from './support/invoke.ts'
import { countAttack, present, unauthorized, type Answers } from './support/repel.ts'
import { bodies, gatedPaths, openStage, stageArn, type Stage, type StageOptions } from './support/stage.ts'

const now = manualClock().now()
const seconds = now / 1_000

/** Every account's keys have the same names. */
const stsKey = createSigner('RSA_0')
const otherAccountsKey = createSigner('RSA_0')
const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const curveJwk = { ...curve.publicKey.export({ format: 'jwk' }), kid: 'EC384_0', alg: 'ES384', use: 'sig' }
/** As AWS publishes it. */
const jwks = { keys: [{ ...stsKey.jwk, alg: undefined }, curveJwk] }

type Said = Parameters<typeof stsClaims>[1]

const claimsOf = (changes: Said = {}): string => JSON.stringify(stsClaims(now, changes))
const token = (changes: Said = {}, header: Changes = {}, by = stsKey): string =>
  by.signText(JSON.stringify({ kid: 'RSA_0', alg: 'RS256', ...header }), claimsOf(changes))

function es384(changes: Said = {}): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64url')
  const input = `${encode(JSON.stringify({ kid: 'EC384_0', alg: 'ES384' }))}.${encode(claimsOf(changes))}`
  const key = { key: curve.privateKey, dsaEncoding: 'ieee-p1363' as const }
  return `${input}.${sign('sha384', Buffer.from(input), key).toString('base64url')}`
}

/** With `sts-token` alone: of the pool's clients the services' count, and no machine's. */
const alone: StageOptions = {
  rules: {
    ...testRules,
    clients: new Map([...testRules.clients].filter(([, { client }]) => client === 'service')),
  },
  sts: { rules: stsRules, jwks },
}

const opened: Stage[] = []
async function open(options: StageOptions = alone): Promise<Stage> {
  const stage = await openStage(options)
  opened.push(stage)
  return stage
}
afterAll(() => Promise.all(opened.map((stage) => stage.close())))

const creation = '/admin/create-user'
const creationBody = JSON.stringify(createUserRequestBody())
const ask = (stage: Stage, path: (typeof gatedPaths)[number], bearer: string) =>
  stage.ask({ authorizationToken: `Bearer ${bearer}`, methodArn: `${stageArn}/POST${path}` })
const send = (stage: Stage, bearer: string, { target = creation, body = creationBody } = {}) =>
  stage.send({ target, headers: [`Authorization: Bearer ${bearer}`], body })

const role = (sub: string, said: Changes = {}): Said => ({ sub, said: { principal_id: sub, ...said } })
const otherIssuer = testSts.issuer.replace('abc123', 'ffffff')

const refused: readonly (readonly [name: string, token: string, reason: string])[] = [
  ['another role of the account', token(role('arn:aws:iam::123456789012:role/orders')), 'unknown_role'],
  [
    'App1’s role’s name without its path',
    token(role('arn:aws:iam::123456789012:role/app1-provisioner')),
    'unknown_role',
  ],
  ['App1’s role’s name in capitals', token(role(testSts.role.toUpperCase())), 'unknown_role'],
  [
    'a session of App1’s role',
    token(role('arn:aws:sts::123456789012:assumed-role/app1-provisioner/s')),
    'unknown_role',
  ],
  ['the root of the account', token(role('arn:aws:iam::123456789012:root')), 'unknown_role'],
  ['App1’s role in another account', token(role(testSts.role.replace('1234', '9999'))), 'unknown_role'],
  ['App1’s role in a list', token({ sub: [testSts.role] }), 'malformed'],
  ['another account’s issuer', token({ iss: otherIssuer }, {}, otherAccountsKey), 'wrong_issuer'],
  ['another account’s key under the issuer', token({}, {}, otherAccountsKey), 'bad_signature'],
  ['the issuer with a slash', token({ iss: `${testSts.issuer}/` }), 'wrong_issuer'],
  ['the issuer by http', token({ iss: testSts.issuer.replace('https', 'http') }), 'wrong_issuer'],
  ['the endpoint of STS as the issuer', token({ iss: 'https://sts.amazonaws.com' }), 'wrong_issuer'],
  ['no issuer', token({ iss: undefined }), 'wrong_issuer'],
  ['another App2’s audience', token({ aud: `${stsRules.audience}2` }), 'wrong_audience'],
  ['the pool as the audience', token({ aud: testPool.userPoolId }), 'wrong_audience'],
  [
    'App2 and somebody else as the audience',
    token({ aud: [stsRules.audience, 'https://other.example'] }),
    'wrong_audience',
  ],
  ['no audience', token({ aud: undefined }), 'wrong_audience'],
  // The curve's key is none that counts, and so is not there.
  ['ES384, by the issuer’s own key', es384(), 'unknown_key'],
  ['ES384 in the header alone', token({}, { alg: 'ES384' }), 'wrong_algorithm'],
  ['RS384', token({}, { alg: 'RS384' }), 'wrong_algorithm'],
  ['no algorithm', token({}, { alg: 'none' }), 'wrong_algorithm'],
  ['the name of the curve’s key', token({}, { kid: 'EC384_0' }), 'unknown_key'],
  ['a human as the subject', token({ sub: 'alice', subject_mode: 'OriginIdentity' }), 'subject_is_no_role'],
  ['a subject of another mode that is App1’s role', token({ subject_mode: 'OriginIdentity' }), 'subject_is_no_role'],
  ['the mode in AWS’s namespace', token({ said: { subject_mode: 'OriginIdentity' } }), 'subject_is_no_role'],
  ['the mode that is AWS’s own, said aloud', token({ subject_mode: 'AWSIdentity' }), 'subject_is_no_role'],
  [
    'another principal behind the subject',
    token({ said: { principal_id: 'arn:aws:iam::123456789012:role/orders' } }),
    'subject_is_no_role',
  ],
  ['more than five minutes', token({ exp: seconds + 301 }), 'lives_too_long'],
  ['no beginning', token({ iat: undefined }), 'lives_too_long'],
  ['an end that is now', token({ iat: seconds - 300, exp: seconds }), 'expired'],
  ['no end', token({ exp: undefined }), 'invalid_expiry'],
  [
    'the digest of a body alone',
    token({ said: { request_tags: tagsOf({ bodySha256: 'A'.repeat(43) }) } }),
    'malformed_tags',
  ],
  ['a provisioning id alone', token({ said: { request_tags: tagsOf({ provisioningId }) } }), 'malformed_tags'],
]

describe('a token of STS with', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await open()
  })

  it('all that App1’s has opens App1’s routes, so that a refusal below means something', async () => {
    for (const path of gatedPaths) {
      const { outcome } = await ask(stage, path, token())
      expect([path, outcome]).toEqual([path, path === '/sample' ? 'implicitly_denied' : 'allowed'])
    }
    expect(await send(stage, token())).toEqual({ status: 400, code: 'password_unreadable', reached: 'create-user' })
  })

  it.for(refused)('%s', async ([, bearer, reason], context) => {
    expect(await present(stage, `Bearer ${bearer}`, context)).toEqual(unauthorized(reason))
  })
})

describe('one for the other', () => {
  it.for<[string, string, string]>([
    ['a machine user’s token', poolKey.accessToken({ now }), 'unknown_client'],
    ['a machine client’s token', poolKey.accessToken({ now, claims: machineScopeClaims }), 'unknown_client'],
    [
      'App1’s role, said by the pool',
      poolKey.accessToken({ now, claims: stsClaims(now, { iss: testPool.issuer }) }),
      'unknown_client',
    ],
    ['the pool’s signature under STS’s issuer', poolKey.accessToken({ now, claims: stsClaims(now) }), 'unknown_key'],
    ['STS’s signature under the pool’s issuer', token({ iss: testPool.issuer }), 'unknown_key'],
  ])('%s opens nothing where STS’s tokens alone count', async ([, bearer, reason], context) => {
    expect(await present(await open(), `Bearer ${bearer}`, context)).toEqual(unauthorized(reason))
  })

  it('STS’s token opens nothing where the pool’s alone count', async (context) => {
    expect(await present(await open({}), `Bearer ${token()}`, context)).toEqual(unauthorized('wrong_issuer'))
  })
})

describe('where a token must come from App1’s function,', () => {
  it.for([
    undefined,
    testSts.functionArn.replace(/app1-provisioner$/, 'orders'),
    `${testSts.functionArn}:7`,
    `${testSts.functionArn}:$LATEST`,
    testSts.functionArn.replace('123456789012', '210987654321'),
    [testSts.functionArn],
  ])('one from %j opens nothing', async (from, context) => {
    const rules = { ...stsRules, functions: [testSts.functionArn] }
    const stage = await open({ ...alone, sts: { rules, jwks } })

    expect((await ask(stage, creation, token())).outcome).toBe('allowed')
    const bearer = token({ said: { lambda_source_function_arn: from } })
    expect(await present(stage, `Bearer ${bearer}`, context)).toEqual(unauthorized('unknown_function'))
  })
})

describe('where each creation has a token of its own,', () => {
  const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')
  const boundTo = (body: string, id = provisioningId): string =>
    token({ said: { request_tags: tagsOf({ bodySha256: digestOf(body), provisioningId: id }) } })
  const otherBody = JSON.stringify(createUserRequestBody({ username: 'intruder' }))
  const otherId = `v1.${'C'.repeat(22)}.${'D'.repeat(21)}A`
  const forbidden = { status: 403, code: 'forbidden', reached: 'create-user' }

  let stage: Stage
  beforeAll(async () => {
    stage = await open({ ...alone, sts: { rules: stsRules, jwks, bindsCreations: true } })
  })

  it('the one that is for this creation is taken, as often as it is sent', async () => {
    const answers = [await send(stage, boundTo(creationBody)), await send(stage, boundTo(creationBody))]

    expect(answers.map(({ code }) => code)).toEqual(['password_unreadable', 'password_unreadable'])
  })

  it.for([
    ['for no creation', token(), creationBody],
    ['for another body', boundTo(otherBody), creationBody],
    ['for this one, beside another body', boundTo(creationBody), otherBody],
    ['for this one, beside the same body with a space', boundTo(creationBody), `${creationBody} `],
    ['for another provisioning id', boundTo(creationBody, otherId), creationBody],
    ['for the id in other letters', boundTo(creationBody, provisioningId.toLowerCase()), creationBody],
  ])('one %s creates nobody', async ([, bearer = '', body = ''], { task }) => {
    const answer = await send(stage, bearer, { body })

    countAttack(task, [answer.status < 401])
    expect(answer).toEqual(forbidden)
  })

  it.for(gatedPaths.filter((path) => path !== creation))(
    'one for a creation does not open %s',
    async (path, { task }) => {
      const bearer = boundTo(bodies[path])

      const [handler, gateway] = [
        await ask(stage, path, bearer),
        await send(stage, bearer, { target: path, body: bodies[path] }),
      ]

      countAttack(task, [handler.outcome === 'allowed', gateway.reached !== undefined])
      expect({ handler, gateway }).toEqual(wrongRoute)
    },
  )

  const wrongRoute: Answers = { handler: { outcome: 'implicitly_denied' }, gateway: { status: 403, code: 'forbidden' } }

  it('what the gateway remembers of a good one lets no other body in', async ({ task }) => {
    await send(stage, boundTo(creationBody))

    const answer = await send(stage, boundTo(creationBody), { body: otherBody })

    countAttack(task, [answer.status < 401])
    expect(answer).toEqual(forbidden)
  })
})

describe('a token that is sent again after its time', () => {
  const ttlSeconds = 60

  async function atTheEnd({ task }: TestContext, afterSeconds: number) {
    const stage = await open({ ...alone, ttlSeconds })
    stage.clock.advance(299_000)
    await send(stage, token())
    stage.clock.advance((afterSeconds + 1) * 1_000)
    const [handler, gateway] = [await ask(stage, creation, token()), await send(stage, token())]
    // What the gateway may remember is told in SECURITY.md; the authorizer has no such time.
    const isTold = afterSeconds < ttlSeconds
    countAttack(task, [handler.outcome === 'allowed', ...(isTold ? [] : [gateway.reached !== undefined])])
    return { handler, status: gateway.status }
  }

  it('is refused by the authorizer, and served by what the gateway remembers for no longer than that lasts', async (test) => {
    const expired = { outcome: 'unauthorized', reason: 'expired' }

    expect(await atTheEnd(test, 0)).toEqual({ handler: expired, status: 400 })
    expect(await atTheEnd(test, ttlSeconds)).toEqual({ handler: expired, status: 401 })
  })
})

describe('past the gate, the authorizer’s word of', () => {
  const provisioners = [parseRoleArn(testSts.role) ?? expect.fail()]
  const eventWith =
    (authorizer: object) =>
    (path: (typeof gatedPaths)[number]): LambdaEvent => {
      const event = restEvent({ resource: path, body: bodies[path] })
      return Object.assign(event, { requestContext: { ...event.requestContext, authorizer } })
    }

  it.for<[string, object]>([
    ['another role', { sub: 'arn:aws:iam::123456789012:role/orders', token: 'principal' }],
    ['a role of no name', { sub: '', token: 'principal' }],
    ['App1’s role with half of a binding', { sub: testSts.role, token: 'principal', body_sha256: 'A'.repeat(43) }],
    ['App1’s role with the other half', { sub: testSts.role, token: 'principal', provisioning_id: provisioningId }],
    ['App1’s role of another kind', { sub: testSts.role, token: 'Principal' }],
  ])('%s is nobody’s', async ([, authorizer], test) => {
    const functions = createApp2Functions(manualClock(), { from: 'authorizer', provisioners })

    expect(await attackEach(functions, eventWith(authorizer), test)).toEqual(nobodyEverywhere)
  })

  it('App1’s role is nobody’s where no role counts', async (test) => {
    const authorizer = { sub: testSts.role, token: 'principal' }

    expect(await attackEach(createApp2Functions(manualClock()), eventWith(authorizer), test)).toEqual(nobodyEverywhere)
  })
})
