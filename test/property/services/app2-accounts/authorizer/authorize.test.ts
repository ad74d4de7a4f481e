import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTokenAuthorizer, type TokenAuthorizer } from '#services/app2-accounts/authorizer/authorize.ts'
import { createTokenVerifier, type TokenVerifier } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { identityValidationExpression } from '#services/app2-accounts/authorizer/bearer-token.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { accessTokenClaims, createSigner, jwksOf, testPool, testRules } from '#test/support/tokens.ts'

const signer = createSigner()
const now = Date.UTC(2026, 0, 1)
const methodArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/dev/POST/sample'
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

let verifier: TokenVerifier
let authorizer: TokenAuthorizer

beforeAll(() => {
  const deps = { now: () => now, logger: recordingLogger() }
  const fetchJwks = (): Promise<ReturnType<typeof jwksOf>> => Promise.resolve(jwksOf(signer))
  verifier = createTokenVerifier({ issuer: testPool.issuer, rules: testRules, fetchJwks, ...deps })
  authorizer = createTokenAuthorizer({ verifier, logger: deps.logger })
})

const token = signer.accessToken({ now })

describe('a good token', () => {
  it('with any one character changed to another, or to any text, is refused', async () => {
    const replacement = fc.oneof(fc.constantFrom(...Array.from(base64url)), fc.string({ maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: token.length - 1 }), replacement, async (at, text) => {
        fc.pre(token[at] !== text)

        const verification = await verifier.verify(token.slice(0, at) + text + token.slice(at + 1))

        expect(verification.ok).toBe(false)
      }),
    )
  })

  it('with any bit of its decoded parts flipped is refused', async () => {
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'))
    const place = fc
      .nat({ max: 2 })
      .chain((part) => fc.record({ part: fc.constant(part), at: fc.nat({ max: (parts[part]?.length ?? 1) - 1 }) }))
    await fc.assert(
      fc.asyncProperty(place, fc.nat({ max: 7 }), async ({ part, at }, bit) => {
        const flipped = parts.map((bytes, index) =>
          index === part ? bytes.map((byte, position) => (position === at ? byte ^ (1 << bit) : byte)) : bytes,
        )

        const verification = await verifier.verify(
          flipped.map((bytes) => Buffer.from(bytes).toString('base64url')).join('.'),
        )

        expect(verification.ok).toBe(false)
      }),
    )
  })

  it('cut anywhere or lengthened by anything is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: token.length - 1 }), fc.string({ minLength: 1 }), async (at, more) => {
        expect((await verifier.verify(token.slice(0, at))).ok).toBe(false)
        expect((await verifier.verify(token + more)).ok).toBe(false)
        expect((await verifier.verify(more + token)).ok).toBe(false)
      }),
    )
  })
})

describe('what the pool itself signed', () => {
  it('with any JSON in any claim is a verification, never an error', async () => {
    const names = [...Object.keys(accessTokenClaims(now)), 'nbf', 'aud', 'constructor', '__proto__', 'toString']
    const claims = fc.dictionary(fc.constantFrom(...names), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(claims, async (changes) => {
        const verification = await verifier.verify(signer.accessToken({ now, claims: changes }))

        if (verification.ok) {
          const { claims } = verification
          if (claims.kind === 'principal') expect.fail('the pool signs for no role')
          expect(['machine', 'service']).toContain(claims.client)
          expect(claims.expiresAt).toBeGreaterThan(now)
          const names = claims.kind === 'user' ? claims.groups : claims.scopes
          expect(names.every((name) => typeof name === 'string')).toBe(true)
        } else expect(verification.reason).toMatch(/^[a-z_]+$/)
      }),
    )
  })

  it('as any two texts for header and payload is a refusal, never an error', async () => {
    const text = fc.oneof(fc.json(), fc.string({ maxLength: 200 }))
    await fc.assert(
      fc.asyncProperty(text, text, async (header, payload) => {
        expect((await verifier.verify(signer.signText(header, payload))).ok).toBe(false)
      }),
    )
  })
})

describe('the authorizer', () => {
  it('for any event throws Unauthorized or an AuthorizerError, and nothing else', async () => {
    const header = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.string().map((text) => `Bearer ${text}`),
      fc.constant(`Bearer ${token}`),
    )
    const event = fc.oneof(fc.record({ authorizationToken: header, methodArn: fc.anything() }), fc.constant(null))
    await fc.assert(
      fc.asyncProperty(event, async (given) => {
        const failure: unknown = await authorizer(given as { authorizationToken: unknown }).catch(
          (error: unknown) => error,
        )

        const expected =
          given === null || given.authorizationToken === `Bearer ${token}`
            ? 'The authorizer cannot decide.'
            : 'Unauthorized'
        expect(failure).toBeInstanceOf(Error)
        expect(failure).toHaveProperty('message', expected)
      }),
    )
  })

  it('lets no header through that API Gateway would turn away', async () => {
    const matches = new RegExp(`^(?:${identityValidationExpression})$`)
    const pieces = fc.constantFrom(
      'Bearer',
      'bearer',
      ' ',
      '\t',
      '\n',
      '.',
      '=',
      ',',
      'A',
      'QQ',
      token,
      ...token.split('.'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 8 }), async (written) => {
        const authorizationToken = written.join('')
        fc.pre(!matches.test(authorizationToken))

        await expect(authorizer({ authorizationToken, methodArn })).rejects.toThrow(/^Unauthorized$/)
      }),
    )

    expect(matches.test(`Bearer ${token}`)).toBe(true)
  })

  it('lets a good token through in one spelling of the header only', async () => {
    const good = await authorizer({ authorizationToken: `Bearer ${token}`, methodArn })
    const space = fc.stringMatching(/^[ \t\r\n\u00a0,;]*$/)
    await fc.assert(
      fc.asyncProperty(space, space, space, async (before, between, after) => {
        fc.pre(before + between + after !== ' ' || between !== ' ')
        const authorizationToken = `${before}Bearer${between}${token}${after}`

        await expect(authorizer({ authorizationToken, methodArn })).rejects.toThrow(/^Unauthorized$/)
      }),
    )

    expect(good.policyDocument.Statement[0].Effect).toBe('Allow')
  })
})
