import { describe, expect, it } from 'vitest'
import type { SendOnce } from '#shared/aws/send-once.ts'
import type { HumanConfig } from '#shared/human/human-issuers.ts'
import { createHumanRules, createHumanVerifier, longestHumanToken } from '#shared/human/human-verifier.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { answerOf } from '#test/support/answers.ts'
import { manualClock } from '#test/support/clock.ts'
import {
  human,
  humanKey,
  humanToken,
  idpClaims,
  peopleIdp,
  peoplePool,
  poolClaims,
} from '#test/support/human-tokens.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { createSigner, jwksOf } from '#test/support/tokens.ts'

const issuers: HumanConfig['issuers'] = [
  { ...peoplePool, jwksUri: `${peoplePool.issuer}/.well-known/jwks.json` },
  { ...peopleIdp, jwksUri: undefined },
]
/** The other issuer's key, under the same id: key ids are not unique among issuers. */
const idpKey = createSigner('human-key-1')

function setUp({ reachable = true } = {}) {
  const asked: string[] = []
  const send: SendOnce = ({ url }) => {
    asked.push(url.href)
    if (!reachable) return Promise.reject(new Error('unreachable'))
    if (url.pathname === '/.well-known/openid-configuration') {
      return Promise.resolve(
        answerOf(JSON.stringify({ issuer: peopleIdp.issuer, jwks_uri: `${peopleIdp.issuer}/keys` })),
      )
    }
    return Promise.resolve(
      answerOf(JSON.stringify(jwksOf(url.href.startsWith(peopleIdp.issuer) ? idpKey : humanKey()))),
    )
  }
  const clock = manualClock()
  const logger = recordingLogger()
  const verifier = createHumanVerifier(issuers, { send, now: clock.now, logger })
  return { logger, asked, clock, verify: (token: string) => verifier.verify(new SecretValue(token), 'r'), verifier }
}

const now = manualClock().now()
const poolToken = (changes: object = {}) => humanToken({ ...poolClaims(now), ...changes })
const idpToken = (changes: object = {}, by = idpKey) => humanToken({ ...idpClaims(now), ...changes }, { by })

describe('a human’s token', () => {
  it('is verified by the keys and the rules of its own issuer', async () => {
    const { asked, verify } = setUp()

    expect(await verify(poolToken())).toMatchObject({ ok: true, claims: { issuer: peoplePool.issuer } })
    expect(asked).toEqual([`${peoplePool.issuer}/.well-known/jwks.json`])
    expect(await verify(idpToken())).toMatchObject({
      ok: true,
      claims: { issuer: peopleIdp.issuer, humanUserId: human },
    })
    expect(asked.slice(1)).toEqual([`${peopleIdp.issuer}/.well-known/openid-configuration`, `${peopleIdp.issuer}/keys`])
  })

  it('of one issuer that is signed by another one’s key of the same id is refused', async () => {
    const { verify } = setUp()

    expect(await verify(idpToken({}, humanKey()))).toEqual({ ok: false, reason: 'bad_signature' })
    expect(await verify(poolToken({ iss: peopleIdp.issuer }))).toEqual({ ok: false, reason: 'bad_signature' })
  })

  it('whose claims the rules of its issuer refuse is refused by their reason', async () => {
    const { verify } = setUp()

    expect(await verify(poolToken({ token_use: 'id' }))).toEqual({ ok: false, reason: 'id_token' })
    expect(await verify(idpToken({ aud: 'other' }))).toEqual({ ok: false, reason: 'wrong_audience' })
    const logout = humanToken(idpClaims(now), { header: { typ: 'logout+jwt' }, by: idpKey })
    expect(await verify(logout)).toEqual({ ok: false, reason: 'wrong_type' })
  })

  it.each<[string, string]>([
    ['of an issuer that is not configured', humanToken({ ...poolClaims(now), iss: 'https://evil.example.com' })],
    ['of an issuer that is spelt otherwise', humanToken({ ...idpClaims(now), iss: `${peopleIdp.issuer}/` })],
    ['with a list of issuers', humanToken({ ...idpClaims(now), iss: [peopleIdp.issuer] })],
    ['without an issuer', humanToken({ ...idpClaims(now), iss: undefined })],
    ['that is none', 'not a token'],
    ['that is empty', '.'],
    ['whose claims are null', `e30.${Buffer.from('null').toString('base64url')}.AAAA`],
    ['whose claims are a text', `e30.${Buffer.from('"iss"').toString('base64url')}.AAAA`],
  ])('%s is refused, and nobody is asked for keys', async (_, token) => {
    const { asked, verify } = setUp()

    expect(await verify(token)).toEqual({ ok: false, reason: 'unknown_issuer' })
    expect(asked).toEqual([])
  })

  it('is 4,096 characters long at most', async () => {
    const { verify } = setUp()
    const ofLength = (length: number): string => {
      const without = poolToken({ padding: '' }).length
      const padded = poolToken({ padding: 'x'.repeat(Math.floor(((length - without) * 3) / 4)) })
      return padded
    }
    const longest = ofLength(longestHumanToken)

    expect(longestHumanToken - longest.length).toBeLessThan(3)
    expect(await verify(longest)).toMatchObject({ ok: true })
    expect(await verify(ofLength(longestHumanToken + 4))).toEqual({ ok: false, reason: 'too_long' })
    expect(await verify('x'.repeat(longestHumanToken))).toEqual({ ok: false, reason: 'unknown_issuer' })
    expect(await verify('x'.repeat(longestHumanToken + 1))).toEqual({ ok: false, reason: 'too_long' })
  })

  it('that was good a moment ago is expired all the same', async () => {
    const { clock, verify } = setUp()
    const token = poolToken({ exp: now / 1_000 + 10 })
    expect(await verify(token)).toMatchObject({ ok: true })
    clock.advance(10_000)

    expect(await verify(token)).toEqual({ ok: false, reason: 'expired' })
  })

  it('is not judged where its issuer cannot be reached', async () => {
    const { logger, verify } = setUp({ reachable: false })

    await expect(verify(poolToken())).rejects.toMatchObject({ name: 'KeySetError', reason: 'jwks_unreachable' })
    await expect(verify(idpToken())).rejects.toMatchObject({ name: 'KeySetError', reason: 'discovery_unreachable' })
    expect(logger.lines).toMatchObject([
      { reason: 'jwks_unreachable', human_issuer: peoplePool.issuer, request_id: 'r' },
      { reason: 'discovery_unreachable', human_issuer: peopleIdp.issuer, request_id: 'r' },
    ])
  })
})

describe('the keys of all issuers', () => {
  it('are fetched at start', async () => {
    const { asked, verify, verifier } = setUp()
    await verifier.warmUp()
    expect(asked).toHaveLength(3)

    expect(await verify(poolToken())).toMatchObject({ ok: true })
    expect(asked).toHaveLength(3)
  })

  it('need not be there at start', async () => {
    await expect(setUp({ reachable: false }).verifier.warmUp()).resolves.toBeUndefined()
  })
})

describe('the rules of a function', () => {
  it('are there where issuers are configured', () => {
    const deps = { send: () => Promise.reject(new Error('not asked')), now: () => now, logger: recordingLogger() }

    expect(createHumanRules(undefined, deps)).toBeUndefined()
    expect(createHumanRules({ identity: 'verified', issuers }, deps)).toMatchObject({
      ...{ identity: 'verified', issuers: [peoplePool.issuer, peopleIdp.issuer] },
    })
  })
})
