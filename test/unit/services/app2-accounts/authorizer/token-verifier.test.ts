import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { AuthorizerError } from '#services/app2-accounts/authorizer/authorizer-error.ts'
import { createTokenVerifier, type Verification } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { manualClock, type ManualClock } from '#test/support/clock.ts'
import { recordingLogger } from '#test/support/logger.ts'
import {
  accessTokenClaims,
  createSigner,
  jwksOf,
  respellSignature,
  serviceUserClaims,
  testPool,
  testRules,
  type PublicJwk,
  type Signer,
  type TokenParts,
} from '#test/support/tokens.ts'

const signer = createSigner()
const newSigner = createSigner('test-key-2')
const stranger = createSigner()

type Scene = {
  clock: ManualClock
  verify: (token: string) => Promise<Verification>
  freshKeySet: () => number | undefined
  /** A token of the pool at the clock's time. */
  token: (parts?: TokenParts, by?: Signer) => string
  /** What the JWKS's address holds from now on; undefined for one that is out of reach. */
  publish: (next: { keys: PublicJwk[] } | undefined) => void
  fetches: () => number
}

function scene(): Scene {
  const clock = manualClock()
  let jwks: { keys: PublicJwk[] } | undefined = jwksOf(signer)
  let fetches = 0
  const verifier = createTokenVerifier({
    issuer: testPool.issuer,
    rules: testRules,
    fetchJwks: () => {
      fetches += 1
      return jwks === undefined ? Promise.reject(new AuthorizerError('jwks_unreachable')) : Promise.resolve(jwks)
    },
    now: clock.now,
    logger: recordingLogger(),
  })
  return {
    clock,
    verify: (token) => verifier.verify(token),
    freshKeySet: () => verifier.freshKeySet(),
    token: (parts = {}, by = signer) => by.accessToken({ now: clock.now(), ...parts }),
    publish: (next) => {
      jwks = next
    },
    fetches: () => fetches,
  }
}

const refused = (reason: string): Verification => ({ ok: false, reason }) as Verification
const verifyWith = ({ verify, token }: Scene, parts: TokenParts): Promise<Verification> => verify(token(parts))
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

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
      keySet: 1,
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
    ['good', {}, true],
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

describe('the form of a token', () => {
  const good = scene()
  const token = good.token()
  const [header = '', payload = '', signature = ''] = token.split('.')

  it.each([
    ['nothing', ''],
    ['one part', header],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${token}.${signature}`],
    ['the five parts of a JWE', `${token}.${signature}.${signature}`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['an empty signature', `${header}.${payload}.`],
    ['the scheme left in front', `Bearer ${token}`],
    ['a space at the end', `${token} `],
    ['a line feed at the end', `${token}\n`],
    ['padding on the signature', `${token}==`],
    ['padding on the header', `${header}==.${payload}.${signature}`],
    ['a part of an impossible length', `${header}.${payload}.${signature}AAA`],
    ['standard base64', `${header}.${payload}.${signature.slice(0, -4)}+/AA`],
    ['a letter beyond ASCII', `${header}.${payload}.${signature.slice(0, -1)}ç`],
    ['JSON serialization', JSON.stringify({ protected: header, payload, signature })],
    ['another spelling of the same signature', respellSignature(token)],
    ['a header that is no JSON', `${Buffer.from('{"alg"').toString('base64url')}.${payload}.${signature}`],
    ['a payload that is no JSON', `${header}.${Buffer.from('{').toString('base64url')}.${signature}`],
    ['a header that is no object', `${part([])}.${payload}.${signature}`],
    ['a payload that is no object', `${header}.${part(null)}.${signature}`],
  ])('%s is malformed', async (_, text) => {
    expect(await good.verify(text)).toEqual(refused('malformed'))
  })

  it('has one spelling of 16 that would all be the same bytes', async () => {
    for (let nth = 1; nth < 16; nth += 1) {
      const text = respellSignature(token, nth)

      expect(await good.verify(text)).toEqual(refused('malformed'))
      expect(Buffer.from(text.split('.')[2] ?? '', 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
    }
  })

  it.each<unknown>([42, { kid: 7 }, { alg: ['RS256'] }])('a header such as %j is malformed', async (value) => {
    expect(await good.verify(`${part(value)}.${payload}.${signature}`)).toEqual(refused('malformed'))
  })

  it('is taken at the 10240 characters that API Gateway carries, and malformed above that', async () => {
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

  it('nested as deep as the size allows is refused like any other', async () => {
    const { clock, verify } = scene()
    const nested = `${'['.repeat(2_600)}${']'.repeat(2_600)}`
    const claims = JSON.stringify(accessTokenClaims(clock.now()))
    const text = signer.signText(
      JSON.stringify({ alg: 'RS256', kid: signer.kid }),
      `${claims.slice(0, -1)},"cognito:groups":${nested}}`,
    )

    expect(text.length).toBeLessThanOrEqual(10_240)
    // Node's stack decides how far the parser gets; in both cases it is the token that is wrong.
    expect([refused('malformed'), refused('malformed_groups')]).toContainEqual(await verify(text))
  })

  it.each([
    '',
    'AAAA',
    'AAAA.AAAA',
    'AAAA.AAAA.AAAA.AAAA',
    'AAAA.AAA.AAAA.AAAA',
    'AAAA.AA.A.AAA.AAAA',
    '.AAAA.AAAA',
    'AAAA..AAAA',
    'AAAA.AAAA.',
    'AAAA.AAAA.AA=',
    'AAAA.AAAA.AA==',
  ])('is looked at before any key is fetched: %j', async (text) => {
    const { verify, fetches } = scene()

    expect(await verify(text)).toEqual(refused('malformed'))

    expect(fetches()).toBe(0)
  })
})

describe('the header of a token', () => {
  it.each([{ crit: ['exp'] }, { crit: [] }, { crit: null }, { b64: false }, { b64: true }])(
    'with %j is a critical_header',
    async (header) => {
      expect(await verifyWith(scene(), { header })).toEqual(refused('critical_header'))
    },
  )

  it.each([
    'none',
    'None',
    'NONE',
    'nOnE',
    'HS256',
    'RS384',
    'RS512',
    'PS256',
    'ES256',
    'EdDSA',
    'rs256',
    '',
    undefined,
  ])('with the algorithm %j is wrong_algorithm', async (alg) => {
    expect(await verifyWith(scene(), { header: { alg } })).toEqual(refused('wrong_algorithm'))
  })

  it('HS256 with the public key as its secret is wrong_algorithm', async () => {
    const { verify, clock } = scene()
    const input = `${part({ alg: 'HS256', kid: signer.kid })}.${part(accessTokenClaims(clock.now()))}`
    const pem = signer.publicKey.export({ type: 'spki', format: 'pem' })
    const signature = createHmac('sha256', pem).update(input).digest('base64url')

    expect(await verify(`${input}.${signature}`)).toEqual(refused('wrong_algorithm'))
  })

  it.each([undefined, '', 'another', '../../dev/null', "' OR 1=1 --"])(
    'with the key id %j is unknown_key',
    async (kid) => {
      expect(await verifyWith(scene(), { header: { kid } })).toEqual(refused('unknown_key'))
    },
  )
})

describe('the signature of a token', () => {
  it('of another key under the same id is bad_signature', async () => {
    const { verify, token } = scene()

    expect(await verify(token({}, stranger))).toEqual(refused('bad_signature'))
  })

  it('does not cover another payload', async () => {
    const { verify, token, clock } = scene()
    const [header = '', , signature = ''] = token().split('.')
    const payload = part({ ...accessTokenClaims(clock.now()), 'cognito:groups': ['api-client', 'service-user'] })

    expect(await verify(`${header}.${payload}.${signature}`)).toEqual(refused('bad_signature'))
  })

  it('of one byte is bad_signature', async () => {
    const { verify, token } = scene()

    expect(await verify(`${token().split('.').slice(0, 2).join('.')}.AA`)).toEqual(refused('bad_signature'))
  })
})

describe('the claims of a token', () => {
  it.each([
    undefined,
    '',
    `${testPool.issuer}/`,
    `${testPool.issuer}x`,
    testPool.issuer.slice(0, -1),
    testPool.issuer.toUpperCase(),
    testPool.issuer.replace('https://', 'https://issuer-'),
    testPool.issuer.replace('https', 'http'),
    'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another1',
  ])('with the issuer %j are wrong_issuer', async (iss) => {
    expect(await verifyWith(scene(), { claims: { iss } })).toEqual(refused('wrong_issuer'))
  })

  it.each([
    [{ iss: [testPool.issuer] }, 'malformed'],
    [{ exp: '2000000000' }, 'malformed'],
    [{ sub: 7 }, 'malformed'],
    [{ exp: undefined }, 'invalid_expiry'],
    [{ exp: 2 ** 53 }, 'invalid_expiry'],
    [{ exp: 1 }, 'expired'],
    [{ nbf: 4_000_000_000 }, 'not_yet_valid'],
    [{ iat: 4_000_000_000 }, 'not_yet_valid'],
    [{ client_id: 'other' }, 'unknown_client'],
    [{ sub: undefined }, 'no_subject'],
    [{ username: undefined }, 'no_username'],
    [{ 'cognito:groups': 'api-client' }, 'malformed_groups'],
  ])('such as %j are %s', async (claims, reason) => {
    expect(await verifyWith(scene(), { claims })).toEqual(refused(reason))
  })

  it('of an ID token are wrong_token_use', async () => {
    const { verify, clock } = scene()

    expect(await verify(signer.idToken({ now: clock.now() }))).toEqual(refused('wrong_token_use'))
  })

  it('expire by the clock that was handed over, at exp and not before', async () => {
    const { verify, token, clock } = scene()
    const text = token()

    clock.advance(3_600_000 - 1)
    expect(await verify(text)).toMatchObject({ ok: true })
    clock.advance(1)

    expect(await verify(text)).toEqual(refused('expired'))
  })
})

describe('the keys of the pool', () => {
  it('are fetched once for many tokens', async () => {
    const { verify, token, fetches } = scene()

    await Promise.all([verify(token()), verify(token()), verify(token({ claims: serviceUserClaims }))])
    await verify(token())

    expect(fetches()).toBe(1)
  })

  it('have a number that changes with each fetch, and none before the first or once they are 15 minutes old', async () => {
    const { verify, token, clock, freshKeySet } = scene()

    expect(freshKeySet()).toBeUndefined()
    expect(await verify(token())).toMatchObject({ keySet: 1 })
    clock.advance(15 * 60_000)
    expect(freshKeySet()).toBe(1)
    clock.advance(1)
    expect(freshKeySet()).toBeUndefined()
    expect(await verify(token())).toMatchObject({ keySet: 2 })

    expect(freshKeySet()).toBe(2)
  })

  it('out of reach at the first request are an error, and the next request finds them', async () => {
    const { verify, token, publish } = scene()
    publish(undefined)

    await expect(verify(token())).rejects.toMatchObject({ name: 'AuthorizerError', reason: 'jwks_unreachable' })
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

  it('an unknown id while the JWKS is out of reach is an error for who looked, unknown_key in the penalty after', async () => {
    const { verify, token, clock, publish } = scene()
    await verify(token())
    publish(undefined)
    clock.advance(10_000)

    await expect(verify(token({}, newSigner))).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    expect(await verify(token({}, newSigner))).toEqual(refused('unknown_key'))
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
