// Tokens that the pool did sign, for somebody else, for something else, or for another time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { poolKey } from '../support/pool-keys.ts'
import { accessTokenClaims, serviceUserClaims, testPool, type Changes } from '../support/tokens.ts'
import { countAttack, denied, present, unauthorized } from './support/repel.ts'
import { bodies, openStage, stageArn, type Stage } from './support/stage.ts'

type Attack = readonly [name: string, claims: Changes, reason: string]

const now = manualClock().now()
const nowSeconds = now / 1_000
const { issuer, machineClientId, serviceClientId, userPoolId } = testPool

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const repel = (attacks: readonly Attack[]): void => {
  it.for(attacks)('%s', async ([, claims, reason], context) => {
    const answers = await present(stage, `Bearer ${poolKey.accessToken({ now, claims })}`, context)

    expect(answers).toEqual(unauthorized(reason))
  })
}

describe('token_use', () => {
  repel(
    [
      undefined,
      null,
      '',
      'id',
      'Access',
      'ACCESS',
      'access ',
      'access\u0000',
      ['access'],
      { access: true },
      true,
      1,
    ].map((value): Attack => [JSON.stringify({ token_use: value }), { token_use: value }, 'wrong_token_use']),
  )
})

describe('issuer', () => {
  const issuers = [
    undefined,
    '',
    'null',
    userPoolId,
    issuer.slice(0, -1),
    `${issuer}1`,
    `${issuer}/`,
    `${issuer}#`,
    `${issuer}?`,
    `${issuer}/../${userPoolId}`,
    ` ${issuer}`,
    `${issuer}\u0000`,
    issuer.toUpperCase(),
    issuer.replace('https:', 'http:'),
    issuer.replace('https://', 'https://issuer-'),
    issuer.replace('amazonaws.com', 'amazonaws.com.attacker.example'),
    issuer.replace('https://', 'https://attacker.example@'),
    issuer.replace('.com/', '.com./'),
    issuer.replaceAll('eu-west-1', 'us-east-1'),
    issuer.replace('TestPool1', 'OtherPool'),
    issuer.replace('amazonaws', 'аmazonaws'),
    `${issuer}/.well-known/jwks.json`,
    'https://attacker.example',
  ]

  repel([
    ...issuers.map((iss): Attack => [JSON.stringify({ iss }), { iss }, 'wrong_issuer']),
    ...[null, [issuer], { issuer }, 1].map((iss): Attack => [JSON.stringify({ iss }), { iss }, 'malformed']),
  ])
})

describe('client', () => {
  repel(
    [
      undefined,
      null,
      '',
      'otherclient',
      `${machineClientId} `,
      machineClientId.toUpperCase(),
      `${machineClientId},${serviceClientId}`,
      [machineClientId],
      { [machineClientId]: true },
      'constructor',
      '__proto__',
    ].map((value): Attack => [JSON.stringify({ client_id: value }), { client_id: value }, 'unknown_client']),
  )

  repel([
    ['no client_id but the right audience', { client_id: undefined, aud: machineClientId }, 'unknown_client'],
    ['no client_id but the right azp', { client_id: undefined, azp: machineClientId }, 'unknown_client'],
  ])
})

describe('expiry', () => {
  repel([
    ['exp missing', { exp: undefined }, 'invalid_expiry'],
    ['exp null', { exp: null }, 'malformed'],
    ['exp as a string', { exp: String(nowSeconds + 3_600) }, 'malformed'],
    ['exp as a list', { exp: [nowSeconds + 3_600] }, 'malformed'],
    ['exp with a fraction', { exp: nowSeconds + 3_600.5 }, 'invalid_expiry'],
    ['exp 2^53', { exp: 2 ** 53 }, 'invalid_expiry'],
    ['exp 1e300', { exp: 1e300 }, 'invalid_expiry'],
    ['exp negative', { exp: -(nowSeconds + 3_600) }, 'expired'],
    ['exp 0', { exp: 0 }, 'expired'],
    ['expired by one second', { exp: nowSeconds - 1 }, 'expired'],
    ['expired this very second: there is no grace', { exp: nowSeconds }, 'expired'],
    ['expired within the minute that iat is given', { exp: nowSeconds - 59 }, 'expired'],
  ])

  it('exp beyond what a double holds, 1e999', async (context) => {
    const text = JSON.stringify(accessTokenClaims(now)).replace(/"exp":\d+/, '"exp":1e999')
    const header = JSON.stringify({ kid: poolKey.kid, alg: 'RS256' })

    const answers = await present(stage, `Bearer ${poolKey.signText(header, text)}`, context)

    expect(text).toContain('1e999')
    expect(answers).toEqual(unauthorized('malformed'))
  })
})

describe('beginning', () => {
  repel([
    ['nbf in a second', { nbf: nowSeconds + 1 }, 'not_yet_valid'],
    ['nbf in a year', { nbf: nowSeconds + 31_536_000 }, 'not_yet_valid'],
    ['nbf as a string', { nbf: String(nowSeconds - 1) }, 'malformed'],
    ['nbf null', { nbf: null }, 'malformed'],
    ['iat beyond a minute of skew', { iat: nowSeconds + 61 }, 'not_yet_valid'],
    ['iat in a year', { iat: nowSeconds + 31_536_000 }, 'not_yet_valid'],
    ['iat as a string', { iat: String(nowSeconds) }, 'malformed'],
  ])
})

describe('subject', () => {
  repel([
    ['sub missing', { sub: undefined }, 'no_subject'],
    ['sub empty', { sub: '' }, 'no_subject'],
    ['sub null', { sub: null }, 'malformed'],
    ['sub as a list', { sub: ['a'] }, 'malformed'],
    ['username missing, as in a client_credentials token', { username: undefined }, 'no_username'],
    ['username empty', { username: '' }, 'no_username'],
    ['username as a list', { username: ['a'] }, 'no_username'],
    ['an ID token’s name of the username', { username: undefined, 'cognito:username': 'a' }, 'no_username'],
  ])
})

describe('groups that are no list of texts', () => {
  repel(
    [
      'api-client',
      'api-client,service-user',
      '["api-client"]',
      null,
      true,
      1,
      {},
      { 0: 'api-client', length: 1 },
      { 'api-client': true },
      [['api-client']],
      ['api-client', ['service-user']],
      ['api-client', null],
      [{ name: 'api-client' }],
    ].map((value): Attack => [JSON.stringify(value), { 'cognito:groups': value }, 'malformed_groups']),
  )
})

describe('groups that open nothing', () => {
  const groups: readonly (readonly [string, Changes])[] = [
    ...[
      [],
      ['API-CLIENT', 'SERVICE-USER'],
      ['Api-Client'],
      [' api-client', 'api-client ', 'service-user\t', '\nservice-user'],
      ['api-client\u0000'],
      ['api-client,service-user'],
      ['api-client service-user'],
      ['api-client\u200b', 'service-user\ufeff'],
      ['аpi-client', 'serviсe-user'],
      ['api‐client', 'service−user', 'api\u00adclient'],
      ['ａpi-client'],
      ['ap\u0131-cl\u0131ent'],
      ['api_client', 'apiclient', 'api-clients', 'pi-client'],
      ['*', '**', 'api-*', '.*', ''],
      ['admin', 'root', 'constructor', '__proto__', 'includes', '0'],
      Array.from({ length: 300 }, (_, n) => `group-${n}`),
    ].map((names): readonly [string, Changes] => [JSON.stringify(names).slice(0, 60), { 'cognito:groups': names }]),
    ['absent', { 'cognito:groups': undefined }],
    ['in cognito:roles', { 'cognito:groups': undefined, 'cognito:roles': ['api-client', 'service-user'] }],
    ['in groups', { 'cognito:groups': undefined, groups: ['api-client', 'service-user'] }],
    ['in custom:groups', { 'cognito:groups': undefined, 'custom:groups': '["api-client"]' }],
    ['in another case of the claim', { 'cognito:groups': undefined, 'Cognito:Groups': ['api-client'] }],
    ['in scope', { 'cognito:groups': undefined, scope: 'api-client service-user' }],
    ['of the scopes’ names', { 'cognito:groups': ['app2/users.create', 'app2/sample.call'] }],
    ['in the preferred role', { 'cognito:groups': [], 'cognito:preferred_role': 'api-client' }],
  ]

  it.for(groups)('%s', async ([, claims], context) => {
    for (const client_id of [machineClientId, serviceClientId]) {
      const answers = await present(
        stage,
        `Bearer ${poolKey.accessToken({ now, claims: { ...claims, client_id } })}`,
        context,
      )

      expect(answers).toEqual(denied)
    }
  })
})

describe('the other client’s groups', () => {
  it.for([
    ['the service client’s token of a user in api-client', { ...serviceUserClaims, 'cognito:groups': ['api-client'] }],
    ['the machine client’s token of a user in service-user', { 'cognito:groups': ['service-user'] }],
  ] as const)('%s opens nothing', async ([, claims], context) => {
    const answers = await present(stage, `Bearer ${poolKey.accessToken({ now, claims })}`, context)

    expect(answers).toEqual(denied)
  })

  it.for([
    ['service', '/admin/create-user', { ...serviceUserClaims, 'cognito:groups': ['api-client', 'service-user'] }],
    ['machine', '/sample', { 'cognito:groups': ['api-client', 'service-user'] }],
  ] as const)('a %s token in both groups does not open %s', async ([, path, claims], { task }) => {
    const authorization = `Bearer ${poolKey.accessToken({ now, claims })}`

    const handler = await stage.ask({ authorizationToken: authorization, methodArn: `${stageArn}/POST${path}` })
    const headers = [`Authorization: ${authorization}`]
    const gateway = await stage.send({ target: path, headers, body: bodies[path] })

    countAttack(task, [handler.outcome === 'allowed', gateway.reached !== undefined])
    // Its policy allows the other route, so this one is refused for want of a statement.
    expect(handler).toEqual({ outcome: 'implicitly_denied' })
    expect(gateway).toEqual({ status: 403, code: 'forbidden' })
  })
})
