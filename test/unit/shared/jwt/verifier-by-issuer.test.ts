import { describe, expect, it } from 'vitest'
import type { JwtVerifier } from '#shared/jwt/jwt-verifier.ts'
import { createVerifierByIssuer } from '#shared/jwt/verifier-by-issuer.ts'

type Named = JwtVerifier<{ readonly judgedBy: string; readonly requestId: string | undefined }, never>

function setUp(...issuers: string[]) {
  const warmed: string[] = []
  const verifierOf = (issuer: string): Named => ({
    verify: (_, requestId) => Promise.resolve({ ok: true, claims: { judgedBy: issuer, requestId } }),
    warmUp: () => {
      warmed.push(issuer)
      return Promise.resolve()
    },
  })
  return { warmed, verifier: createVerifierByIssuer(new Map(issuers.map((issuer) => [issuer, verifierOf(issuer)]))) }
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')
const tokenOf = (payload: string): string => `${encode('{"alg":"RS256"}')}.${encode(payload)}.${encode('signature')}`

describe('the verifier by issuer', () => {
  it('has a token judged by the issuer that it names, and by no other', async () => {
    const { verifier } = setUp('https://one', 'https://two')

    for (const iss of ['https://one', 'https://two'])
      expect(await verifier.verify(tokenOf(JSON.stringify({ iss })), 'r')).toEqual({
        ok: true,
        claims: { judgedBy: iss, requestId: 'r' },
      })
  })

  it.each(['{"iss":"https://three"}', '{"iss":"https://one/"}', '{}'])(
    'refuses %s, which nobody here issues',
    async (payload) => {
      expect(await setUp('https://one', 'https://two').verifier.verify(tokenOf(payload))).toEqual({
        ok: false,
        reason: 'wrong_issuer',
      })
    },
  )

  it.each([
    '',
    'a.b',
    tokenOf('no json'),
    tokenOf('{"iss":["https://one"]}'),
    tokenOf('{"iss":null}'),
    tokenOf('"text"'),
    `${tokenOf('{"iss":"https://one"}')}=`,
  ])('refuses %j, which is no token', async (token) => {
    expect(await setUp('https://one', 'https://two').verifier.verify(token)).toEqual({
      ok: false,
      reason: 'malformed',
    })
  })

  it('warms up each of them', async () => {
    const { warmed, verifier } = setUp('https://one', 'https://two')

    await verifier.warmUp()

    expect(warmed).toEqual(['https://one', 'https://two'])
  })
})
