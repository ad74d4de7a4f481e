import { JwtInvalidSignatureError } from 'aws-jwt-verify/error'
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { KeySetError } from '#shared/jwt/key-set-error.ts'
import { createTokenVerifier, type Verification } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { manualClock } from '#test/support/clock.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { forgedKey as stranger, poolKey as signer } from '#test/support/pool-keys.ts'
import { refusedTokens, unsendableTokens, type RefusedToken } from '#test/support/refused-tokens.ts'
import { stsClaims, stsRules, testSts } from '#test/support/sts-tokens.ts'
import {
  accessTokenClaims,
  createSigner,
  jwksOf,
  serviceUserClaims,
  testPool,
  testRules,
  type PublicJwk,
  type TokenParts,
} from '#test/support/tokens.ts'

const newSigner = createSigner('pool-key-2')

function scene(options: { mostRemembered?: number } = {}) {
  const clock = manualClock()
  let jwks: { keys: PublicJwk[] } | undefined = jwksOf(signer)
  let fetches = 0
  const verifier = createTokenVerifier({
    issuer: testPool.issuer,
    rules: testRules,
    fetchJwks: () => {
      fetches += 1
      return jwks === undefined ? Promise.reject(new KeySetError('jwks_unreachable')) : Promise.resolve(jwks)
    },
    now: clock.now,
    logger: recordingLogger(),
    ...options,
  })
  return {
    clock,
    verify: (token: string) => verifier.verify(token),
    warmUp: () => verifier.warmUp(),
    /** A token of the pool at the clock's time. */
    token: (parts: TokenParts = {}, by = signer) => by.accessToken({ now: clock.now(), ...parts }),
    /** What the JWKS's address holds from now on; undefined for one that is out of reach. */
    publish: (next: { keys: PublicJwk[] } | undefined) => {
      jwks = next
    },
    fetches: () => fetches,
  }
}

const refused = (reason: string): Verification => ({ ok: false, reason }) as Verification
const verifyWith = ({ verify, token }: ReturnType<typeof scene>, parts: TokenParts): Promise<Verification> =>
  verify(token(parts))

describe('a good token', () => {
  it('is verified, with what it claims', async () => {
    const { verify, token, clock } = scene()

    expect(await verify(token())).toEqual({
      ok: true,
      claims: {
        kind: 'user',
        sub: '0a1b2c3d-0000-4000-8000-00000000cafe',
        client: 'machine',
        groups: ['api-client'],
        expiresAt: clock.now() + 3_600_000,
      },
    })
  })

  it('of a service user is verified as one', async () => {
    expect(await verifyWith(scene(), { claims: serviceUserClaims })).toMatchObject({
      claims: { client: 'service', groups: ['service-user'] },
    })
  })

  it('may carry header members that name other keys or types: they are ignored', async () => {
    const header = {
      typ: 'anything',
      jku: 'https://example.com/jwks.json',
      x5u: 'https://example.com/cert.pem',
      x5c: ['cert'],
      jwk: stranger.jwk,
    }

    expect(await verifyWith(scene(), { header })).toMatchObject({ ok: true })
  })

  it('may carry claims that nobody knows', async () => {
    const claims = { device_key: 'x', 'custom:thing': { deep: [1] }, aud: 'https://api.example.com' }

    expect(await verifyWith(scene(), { claims })).toMatchObject({ ok: true })
  })

  it('with a claim twice counts the last one, which the signature covers too', async () => {
    const { verify, clock } = scene()
    const claims = JSON.stringify(accessTokenClaims(clock.now()))
    const header = JSON.stringify({ alg: 'RS256', kid: signer.kid })
    const doubled = `${claims.slice(0, -1)},"cognito:groups":[]}`

    expect(await verify(signer.signText(header, doubled))).toMatchObject({ ok: true, claims: { groups: [] } })
  })
})

describe('the stack traces of errors', () => {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')
  afterEach(() => {
    Object.defineProperty(Error, 'stackTraceLimit', limit ?? {})
  })

  it.each([
    ['good', { claims: { jti: 'another' } }, true],
    ['bad', { claims: { iss: 'https://example.com' } }, false],
  ] as const)('are left out while a %s token is verified, and made again after it', async (_, parts, ok) => {
    const { verify, token } = scene()
    await verify(token())
    const limits = [10]
    Object.defineProperty(Error, 'stackTraceLimit', {
      configurable: true,
      get: () => limits.at(-1),
      set: (value: number) => limits.push(value),
    })
    expect((await verify(token(parts))).ok).toBe(ok)
    expect(limits).toContain(0)
    expect(limits.at(-1)).toBe(10)
  })

  it.each([
    ['good', {}, { ok: true }],
    ['bad', { claims: { iss: 'https://example.com' } }, { ok: false, reason: 'wrong_issuer' }],
  ] as const)('are written where the runtime is frozen, and a %s token is what it is', async (_, parts, expected) => {
    const { verify, token } = scene()
    Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, writable: false, value: 10 })

    expect(await verify(token(parts))).toMatchObject(expected)
    expect(Error.stackTraceLimit).toBe(10)
  })
})

describe.each(Object.entries({ ...refusedTokens, unsendable: unsendableTokens }))('refused tokens: %s', (_, tokens) => {
  it.for<RefusedToken>(tokens)('%s', async ([, token, reason]) => {
    expect(await scene().verify(token())).toEqual(refused(reason))
  })
})

describe('the form of a token', () => {
  it('is looked at before any key is fetched', async () => {
    const { verify, fetches } = scene()

    for (const [, token] of [...refusedTokens.serializations, ...refusedTokens.spellings, ...unsendableTokens]) {
      await verify(token())
    }

    expect(fetches()).toBe(0)
  })

  it('is taken at the 10240 characters that API Gateway carries, and malformed above that', async () => {
    const good = scene()
    const claimsOf = (length: number): TokenParts => ({ claims: { filler: 'x'.repeat(length) } })
    // Six bits a character: three more characters of filler are four more of the token.
    const length = Math.floor(((10_240 - good.token(claimsOf(0)).length) / 4) * 3)
    const longest = [length - 1, length, length + 1, length + 2].map((n) => good.token(claimsOf(n)))

    for (const text of longest) {
      const verification = await good.verify(text)
      expect(verification.ok).toBe(text.length <= 10_240)
    }
    expect(longest.map((text) => text.length)).toEqual(expect.arrayContaining([10_240]))
    expect(Math.max(...longest.map((text) => text.length))).toBeGreaterThan(10_240)
  })
})

describe('the expiry of a token', () => {
  it('is by the clock that was handed over, at exp and not before', async () => {
    const { verify, token, clock } = scene()
    const text = token()

    clock.advance(3_600_000 - 1)
    expect(await verify(text)).toMatchObject({ ok: true })
    clock.advance(1)

    expect(await verify(text)).toEqual(refused('expired'))
  })
})

describe('a token that was verified before', () => {
  const claimsOf = async (verification: Promise<Verification>): Promise<unknown> => {
    const settled = await verification
    return settled.ok ? settled.claims : settled.reason
  }

  it('is remembered by all of its characters, with what it claims', async () => {
    const { verify, token } = scene()
    const text = token()
    const first = await claimsOf(verify(text))

    expect(await claimsOf(verify(text))).toBe(first)
    expect(await claimsOf(verify(token()))).toEqual(first)
    expect(await claimsOf(verify(token({ claims: serviceUserClaims })))).toMatchObject({ client: 'service' })
  })

  it('is served until the millisecond before it expires, and refused from then on', async () => {
    const { verify, token, clock } = scene()
    const text = token({ claims: { exp: clock.now() / 1_000 + 1 } })
    const first = await claimsOf(verify(text))

    clock.advance(999)
    expect(await claimsOf(verify(text))).toBe(first)
    clock.advance(1)

    expect(await claimsOf(verify(text))).toBe('expired')
  })

  it('is not served from memory before its beginning, to which the clock was put back', async () => {
    const { verify, token, clock } = scene()
    await claimsOf(verify(token()))
    clock.advance(1_000)
    const text = token({ claims: { nbf: clock.now() / 1_000 } })
    await claimsOf(verify(text))

    // The keys are of before, and still serve.
    clock.advance(-1)

    expect(await claimsOf(verify(text))).toBe('not_yet_valid')
  })

  it('is verified anew under a key set that was fetched since', async () => {
    const { verify, token, clock, fetches } = scene()
    const text = token()
    const first = await claimsOf(verify(text))

    clock.advance(15 * 60_000 + 1)
    const second = await claimsOf(verify(text))

    expect(fetches()).toBe(2)
    expect(second).not.toBe(first)
    expect(second).toEqual(first)
  })

  it('is not forgotten for one that is refused', async () => {
    const { verify, token } = scene({ mostRemembered: 1 })
    const text = token()
    const first = await claimsOf(verify(text))

    expect(await claimsOf(verify(token({ claims: { token_use: 'id' } })))).toBe('wrong_token_use')

    expect(await claimsOf(verify(text))).toBe(first)
  })

  it('is one of a thousand that are: for each one more the oldest is forgotten', async () => {
    const { verify, token } = scene()
    const texts = Array.from({ length: 1_001 }, (_, n) => token({ claims: { jti: `${n}` } }))
    const first = await claimsOf(verify(texts[0] ?? ''))
    for (const text of texts.slice(1, 1_000)) await verify(text)
    expect(await claimsOf(verify(texts[0] ?? ''))).toBe(first)
    const second = await claimsOf(verify(texts[1] ?? ''))

    await verify(texts[1_000] ?? '')

    expect(await claimsOf(verify(texts[1] ?? ''))).toBe(second)
    expect(await claimsOf(verify(texts[0] ?? ''))).not.toBe(first)
  })
})

describe('the keys of the pool', () => {
  it('are fetched once for many tokens', async () => {
    const { verify, token, fetches } = scene()

    await Promise.all([verify(token()), verify(token()), verify(token({ claims: serviceUserClaims }))])
    await verify(token())

    expect(fetches()).toBe(1)
  })

  it('out of reach at the first request are an error, and the next request finds them', async () => {
    const { verify, token, publish } = scene()
    publish(undefined)

    await expect(verify(token())).rejects.toMatchObject({ name: 'KeySetError', reason: 'jwks_unreachable' })
    publish(jwksOf(signer))

    expect(await verify(token())).toMatchObject({ ok: true })
  })

  it('a new one is found at its first token', async () => {
    const { verify, token, clock, publish, fetches } = scene()
    await verify(token())
    publish(jwksOf(signer, newSigner))
    clock.advance(10_000)

    expect(await verify(token({}, newSigner))).toMatchObject({ ok: true })
    expect(await verify(token())).toMatchObject({ ok: true })
    expect(fetches()).toBe(2)
  })

  it('a new one that is still not there after the look-up is unknown_key', async () => {
    const { verify, token, clock, fetches } = scene()
    await verify(token())
    clock.advance(10_000)

    expect(await verify(token({}, newSigner))).toEqual(refused('unknown_key'))
    expect(fetches()).toBe(2)
  })

  it('are neither used nor fetched for a token that names another issuer, so that made-up issuers fill no cache', async () => {
    const { verify, token, clock, publish, fetches } = scene()
    publish({ keys: [{ ...signer.jwk, e: '' }] })
    await expect(verify(token())).rejects.toThrow('Missing exponent')
    clock.advance(10_000)

    for (const kid of [signer.kid, 'made-up']) {
      const text = token({ header: { kid }, claims: { iss: 'https://made-up.example' } }, stranger)
      expect(await verify(text)).toEqual(refused('wrong_issuer'))
    }

    expect(fetches()).toBe(1)
  })

  it('thousands of unknown ids cause one fetch, and good tokens go on being served', async () => {
    const { verify, token, clock, fetches } = scene()
    await verify(token())
    clock.advance(10_000)

    for (let i = 0; i < 1_000; i += 1) {
      expect(await verify(token({ header: { kid: `made-up-${i}` } }, stranger))).toEqual(refused('unknown_key'))
    }

    expect(await verify(token())).toMatchObject({ ok: true })
    expect(fetches()).toBe(2)
  })

  it('an unknown id while the JWKS is out of reach is an error, and not the token’s, for who looked and who comes in the penalty after', async () => {
    const { verify, token, clock, publish } = scene()
    await verify(token())
    publish(undefined)
    clock.advance(10_000)

    await expect(verify(token({}, newSigner))).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    await expect(verify(token({}, newSigner))).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    expect(await verify(token())).toMatchObject({ ok: true })
  })

  it('a retired one is refused after 15 minutes at the latest', async () => {
    const { verify, token, clock, publish } = scene()
    await verify(token())
    publish(jwksOf(newSigner))

    clock.advance(15 * 60_000)
    expect(await verify(token())).toMatchObject({ ok: true })
    clock.advance(1)

    expect(await verify(token())).toEqual(refused('unknown_key'))
  })

  it('a retired one is forgotten at once when the set is fetched for another', async () => {
    const { verify, token, clock, publish } = scene()
    await verify(token())
    publish(jwksOf(newSigner))
    clock.advance(10_000)
    await verify(token({}, newSigner))

    expect(await verify(token())).toEqual(refused('unknown_key'))
  })

  it('a key id that was given to another key serves the new one alone', async () => {
    const { verify, token, clock, publish } = scene()
    await verify(token())
    publish(jwksOf(stranger))
    clock.advance(15 * 60_000 + 1)

    expect(await verify(token())).toEqual(refused('bad_signature'))
    expect(await verify(token({}, stranger))).toMatchObject({ ok: true })
  })

  it('that no library can use are an error, never a refusal', async () => {
    const { verify, token, publish } = scene()
    publish({ keys: [{ ...signer.jwk, e: '' }] })

    await expect(verify(token())).rejects.toThrow('Missing exponent')
  })
})

describe('a verifier that was warmed up', () => {
  it('has its keys, and has verified with each of them', async () => {
    const { warmUp, publish, fetches, verify, token } = scene()
    publish(jwksOf(signer, newSigner))
    const verifySignature = vi.spyOn(JwtVerifier.prototype, 'verifySync')

    await warmUp()

    const refusals = verifySignature.mock.results.map(({ value }) => value as unknown)
    expect(refusals).toEqual([expect.any(JwtInvalidSignatureError), expect.any(JwtInvalidSignatureError)])
    publish(undefined)
    expect(await verify(token())).toMatchObject({ ok: true })
    expect(fetches()).toBe(1)
  })

  it('without success fetches the keys for the first token', async () => {
    const { warmUp, publish, fetches, verify, token } = scene()
    publish(undefined)
    await warmUp()

    publish(jwksOf(signer))

    expect(await verify(token())).toMatchObject({ ok: true })
    expect(fetches()).toBe(2)
  })
})

describe('tokens of roles, where they are accepted', () => {
  function stsScene() {
    const now = Date.UTC(2026, 10, 28)
    const pool = { issuer: testPool.issuer, rules: testRules, fetchJwks: () => Promise.resolve(jwksOf(signer)) }
    const sts = { issuer: testSts.issuer, rules: stsRules, fetchJwks: () => Promise.resolve(jwksOf(newSigner)) }
    const verifier = createTokenVerifier({ ...pool, sts, now: () => now, logger: recordingLogger() })
    const tokenBy = (by: typeof signer, claims: object = stsClaims(now)): string =>
      by.signText(JSON.stringify({ alg: 'RS256', kid: by.kid }), JSON.stringify(claims))
    return { now, verify: (token: string) => verifier.verify(token), tokenBy }
  }

  it('are verified by their own issuer’s keys and rules, beside those of the pool', async () => {
    const { now, verify, tokenBy } = stsScene()

    expect(await verify(tokenBy(newSigner))).toMatchObject({
      ok: true,
      claims: { kind: 'principal', sub: testSts.role },
    })
    expect(await verify(signer.accessToken({ now }))).toMatchObject({ ok: true, claims: { kind: 'user' } })
  })

  it('are never judged by the pool’s keys or rules, nor the pool’s by theirs', async () => {
    const { now, verify, tokenBy } = stsScene()

    expect(await verify(tokenBy(signer))).toEqual(refused('unknown_key'))
    expect(await verify(tokenBy(newSigner, { ...stsClaims(now), iss: testPool.issuer }))).toEqual(
      refused('unknown_key'),
    )
    expect(await verify(tokenBy(newSigner, accessTokenClaims(now)))).toEqual(refused('unknown_key'))
    expect(await verify(tokenBy(newSigner, { ...accessTokenClaims(now), iss: testSts.issuer }))).toEqual(
      refused('wrong_audience'),
    )
    expect(await verify(tokenBy(signer, { ...stsClaims(now), iss: testPool.issuer }))).toEqual(
      refused('wrong_token_use'),
    )
  })

  it('are of nobody where none are accepted', async () => {
    const { now, tokenBy } = stsScene()

    expect(await scene().verify(tokenBy(newSigner, stsClaims(now)))).toEqual(refused('wrong_issuer'))
  })
})
