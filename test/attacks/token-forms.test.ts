// Tokens in a form or spelling that only one reader of two would take, validly signed or not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { poolKey } from '../support/pool-keys.ts'
import { accessTokenClaims, respellSignature } from '../support/tokens.ts'
import { call, served, serviceToken } from './support/calls.ts'
import { countAttack, denied, present, unauthorized } from './support/repel.ts'
import { openStage, stageArn, type Stage } from './support/stage.ts'

type Attack = readonly [name: string, token: string, reason: string]

const now = manualClock().now()
const good = poolKey.accessToken({ now })
const [header = '', payload = '', signature = ''] = good.split('.')

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const repel = (attacks: readonly Attack[]): void => {
  it.for(attacks)('%s', async ([, token, reason], context) => {
    const answers = await present(stage, `Bearer ${token}`, context)

    expect(answers).toEqual(unauthorized(reason))
  })
}

describe('serializations', () => {
  const jsonToken = { payload, protected: header, signature }

  repel([
    ['a second signature', `${good}.${signature}`, 'malformed'],
    ['two tokens joined by a dot', `${good}.${good}`, 'malformed'],
    ['JSON, flattened', JSON.stringify(jsonToken), 'malformed'],
    ['JSON, general', JSON.stringify({ payload, signatures: [{ protected: header, signature }] }), 'malformed'],
    ['JSON, encoded', encode(jsonToken), 'malformed'],
    ['the five parts of a JWE', `${header}.${signature}.AAAA.${payload}.AAAA`, 'malformed'],
    ['a detached payload', `${header}..${signature}`, 'malformed'],
    ['no header', `.${payload}.${signature}`, 'malformed'],
    ['nothing but dots', '..', 'malformed'],
    ['thousands of dots', '.'.repeat(8_000), 'malformed'],
    ['one part', header, 'malformed'],
    ['a dot in front', `.${good}`, 'malformed'],
    ['a dot behind', `${good}.`, 'malformed'],
    ['another dot, U+2024', good.replaceAll('.', '\u2024'), 'malformed'],
  ])
})

describe('spellings', () => {
  // One byte left over: the last character carries two bits, so four more stand for the same.
  const paddedTo = (length: number): string => {
    const json = JSON.stringify(accessTokenClaims(now))
    return Buffer.from(json + ' '.repeat((3 + length - (Buffer.byteLength(json) % 3)) % 3)).toString('base64url')
  }
  const oddHeader = encode({ kid: poolKey.kid, alg: 'RS256', typ: 'x' })

  repel([
    ...[1, 2, 4, 8, 15].map((nth): Attack => [
      `another last character of the signature, the ${nth}. of 15`,
      respellSignature(good, nth),
      'malformed',
    ]),
    [
      'another last character of the claims, validly signed',
      poolKey.signParts(header, respellSignature(paddedTo(1))),
      'malformed',
    ],
    [
      'another last character of the claims, not signed',
      `${header}.${respellSignature(paddedTo(1))}.${signature}`,
      'malformed',
    ],
    ['padding on the signature', `${good}==`, 'malformed'],
    ['padding on the claims, validly signed', poolKey.signParts(header, `${paddedTo(1)}==`), 'malformed'],
    ['padding on the header, validly signed', poolKey.signParts(`${oddHeader}=`, payload), 'malformed'],
    ['escaped padding', `${good}%3D%3D`, 'malformed'],
    ['the alphabet of plain base64', `${header}.${payload}.${signature.slice(0, -4)}+/AA`, 'malformed'],
    ['a character too many', `${header}.${payload}.${signature}AAA`, 'malformed'],
    ['a space inside', `${header}.${payload.slice(0, 8)} ${payload.slice(8)}.${signature}`, 'malformed'],
    ['a full-width letter', `${header}.${payload}.\uff21${signature.slice(1)}`, 'malformed'],
    ['a byte beyond ASCII', `${header}.${payload}.\u00e7${signature.slice(1)}`, 'malformed'],
    ['upper case', good.toUpperCase(), 'malformed'],
    ['hexadecimal', Buffer.from(good).toString('hex'), 'malformed'],
  ])

  // No header of HTTP holds these, so they are tried on the authorizer alone.
  it.for([
    ['a line feed behind', `${good}\n`],
    ['a line end behind', `${good}\r\n`],
    ['a line feed in front', `\n${good}`],
    ['a null behind', `${good}\u0000`],
    ['a line feed inside', `${header}.${payload}\n.${signature}`],
  ] as const)('%s', async ([, token], { task }) => {
    const event = { authorizationToken: `Bearer ${token}`, methodArn: `${stageArn}/POST/admin/create-user` }

    const answer = await stage.ask(event)

    countAttack(task, [answer.outcome === 'allowed'])
    expect(answer).toEqual({ outcome: 'unauthorized', reason: 'malformed' })
  })
})

describe('JSON inside, validly signed', () => {
  const head = JSON.stringify({ kid: poolKey.kid, alg: 'RS256' })
  const body = JSON.stringify(accessTokenClaims(now))
  const withMember = (member: string): string => `${body.slice(0, -1)},${member}}`
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

  repel([
    ['a header that is no JSON', poolKey.signText('{"alg"', body), 'malformed'],
    ['claims that are no JSON', poolKey.signText(head, body.slice(0, -1)), 'malformed'],
    ['claims and more behind them', poolKey.signText(head, `${body}{}`), 'malformed'],
    ['claims behind a byte order mark', poolKey.signText(head, `\ufeff${body}`), 'malformed'],
    ['claims in a list', poolKey.signText(head, `[${body}]`), 'malformed'],
    ['claims as null', poolKey.signText(head, 'null'), 'malformed'],
    ['claims as a text', poolKey.signText(head, JSON.stringify(body)), 'malformed'],
    ['a header in a list', poolKey.signText(`[${head}]`, body), 'malformed'],
    [
      'groups nested a thousand deep',
      poolKey.signText(head, withMember(`"cognito:groups":${nested(1_000)}`)),
      'malformed_groups',
    ],
    [
      'issuer twice, the last one wrong',
      poolKey.signText(head, withMember('"iss":"https://attacker.example"')),
      'wrong_issuer',
    ],
    ['expiry twice, the last one over', poolKey.signText(head, withMember('"exp":1')), 'expired'],
    [
      'token_use twice, the last one an ID token’s',
      poolKey.signText(head, withMember('"token_use":"id"')),
      'wrong_token_use',
    ],
    ['alg twice, the last one none', poolKey.signText(`${head.slice(0, -1)},"alg":"none"}`, body), 'wrong_algorithm'],
  ])

  it.for([
    ['groups twice, the last one empty', withMember('"cognito:groups":[]')],
    [
      'groups by the prototype',
      `${JSON.stringify({ ...accessTokenClaims(now), 'cognito:groups': undefined }).slice(0, -1)},"__proto__":{"cognito:groups":["api-client"]}}`,
    ],
  ] as const)('%s', async ([, text], context) => {
    const answers = await present(stage, `Bearer ${poolKey.signText(head, text)}`, context)

    expect(answers).toEqual(denied)
  })
})

describe('sizes', () => {
  it('a user of 50 groups with the longest names is served, and one of more does not get through the gateway', async () => {
    const names = Array.from({ length: 53 }, (_, n) => `${n}`.padEnd(128, '-'))
    const ofGroups = (count: number): string =>
      serviceToken({ 'cognito:groups': [...names.slice(0, count - 1), 'service-user'] })

    expect(await call(stage, '/sample', ofGroups(50))).toEqual(served)
    expect(await call(stage, '/sample', ofGroups(54))).toMatchObject({ gateway: { status: 431 } })
  })

  it.for([20_000, 1_000_000, 10_000_000])('a token of %d characters', async (length, { task }) => {
    const authorization = `Bearer ${header}.${'A'.repeat(length)}.${signature}`

    const answer = await stage.ask({ authorizationToken: authorization, methodArn: `${stageArn}/POST/sample` })
    // Node’s own limit on headers ends the connection above 64 KiB, the gateway’s quota above 10 kB.
    const gateway =
      length > 60_000
        ? undefined
        : await stage.send({ target: '/sample', headers: [`Authorization: ${authorization}`] })

    countAttack(task, [answer.outcome === 'allowed', gateway?.reached !== undefined])
    expect(answer).toEqual({ outcome: 'unauthorized', reason: 'malformed' })
    expect(gateway).toEqual(length > 60_000 ? undefined : { status: 431 })
  })
})
