import { describe, expect, it } from 'vitest'
import { RefusedAnswerError, type OutgoingRequest, type SendOnce } from '#shared/aws/send-once.ts'
import { createDiscoveringFetcher } from '#shared/human/discover-keys.ts'
import { answerOf } from '#test/support/answers.ts'
import { humanKey } from '#test/support/human-tokens.ts'
import { jwksOf } from '#test/support/tokens.ts'

const issuer = 'https://idp.example.com'
const keys = jwksOf(humanKey())
const document = { issuer, jwks_uri: 'https://keys.example.com/keys?p=1' }

/** An issuer whose document is this text, and whose keys are good. */
function setUp(text: string | Error, { at = issuer, status = 200 }: { at?: string; status?: number } = {}) {
  const asked: OutgoingRequest[] = []
  const send: SendOnce = (request) => {
    asked.push(request)
    if (!request.url.pathname.endsWith('/openid-configuration')) return Promise.resolve(answerOf(JSON.stringify(keys)))
    return text instanceof Error ? Promise.reject(text) : Promise.resolve(answerOf(text, { status }))
  }
  return { asked: () => asked.map(({ url }) => url.href), fetchJwks: createDiscoveringFetcher({ send, issuer: at }) }
}

describe('the keys of an issuer', () => {
  it.each([issuer, `${issuer}/`, `${issuer}/tenant`, `${issuer}/tenant/`])(
    '%s are where its own document says',
    async (at) => {
      const { asked, fetchJwks } = setUp(JSON.stringify({ ...document, issuer: at }), { at })

      expect(await fetchJwks('short')).toEqual(keys)
      expect(asked()).toEqual([`${at.replace(/\/$/, '')}/.well-known/openid-configuration`, document.jwks_uri])
    },
  )

  it('are looked for anew each time', async () => {
    const { asked, fetchJwks } = setUp(JSON.stringify(document))
    await fetchJwks('short')
    await fetchJwks('long')

    expect(asked()).toHaveLength(4)
  })

  it.each([
    ['https://10.0.0.5', 'https://10.0.0.5/keys'],
    ['https://10.0.0.5:8443', 'https://10.0.0.5/keys?x=1\n?'],
    [issuer, 'https://10.example.com/keys'],
    [issuer, 'https://localhost.example.com/keys'],
    [issuer, 'https://mylocalhost/keys'],
    [issuer, 'https://keys.example.h2/keys'],
    ['http://127.0.0.1:8080', 'https://10.0.0.5/keys'],
  ])('of %s may be at %s', async (at, jwks_uri) => {
    const { fetchJwks } = setUp(JSON.stringify({ issuer: at, jwks_uri }), { at })

    expect(await fetchJwks('short')).toEqual(keys)
  })

  it('of this machine may be here too', async () => {
    const at = 'http://127.0.0.1:8080'
    const { fetchJwks } = setUp(JSON.stringify({ issuer: at, jwks_uri: 'http://localhost:8081/keys' }), { at })

    expect(await fetchJwks('short')).toEqual(keys)
  })

  it.each<[string, string]>([
    ['another issuer', JSON.stringify({ ...document, issuer: 'https://other.example.com' })],
    ['the issuer with a slash', JSON.stringify({ ...document, issuer: `${issuer}/` })],
    ['no issuer', JSON.stringify({ jwks_uri: document.jwks_uri })],
  ])('are not looked for where the document names %s', async (_, text) => {
    const { asked, fetchJwks } = setUp(text)

    await expect(fetchJwks('short')).rejects.toMatchObject({ reason: 'discovery_of_another_issuer' })
    expect(asked()).toHaveLength(1)
  })

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['null', 'null'],
    ['text', '"keys"'],
    ['no address', JSON.stringify({ issuer })],
    ['a list of addresses', JSON.stringify({ issuer, jwks_uri: [document.jwks_uri] })],
    ['no URL', JSON.stringify({ issuer, jwks_uri: '/keys' })],
    ['plain http', JSON.stringify({ issuer, jwks_uri: 'http://idp.example.com/keys' })],
    ['this machine, of an issuer elsewhere', JSON.stringify({ issuer, jwks_uri: 'http://127.0.0.1/keys' })],
    ['a user', JSON.stringify({ issuer, jwks_uri: 'https://user@idp.example.com/keys' })],
    ['a fragment', JSON.stringify({ issuer, jwks_uri: 'https://idp.example.com/keys#a' })],
    ['an address', JSON.stringify({ issuer, jwks_uri: 'https://169.254.169.254/keys' })],
    ['an address as a number', JSON.stringify({ issuer, jwks_uri: 'https://2852039166/keys' })],
    ['an address of IPv6', JSON.stringify({ issuer, jwks_uri: 'https://[fd00:ec2::254]/keys' })],
    ['this machine by name', JSON.stringify({ issuer, jwks_uri: 'https://localhost/keys' })],
    ['this machine by another name', JSON.stringify({ issuer, jwks_uri: 'https://idp.localhost./keys' })],
    ['a file', JSON.stringify({ issuer, jwks_uri: 'file:///etc/passwd' })],
  ])('are not looked for where the document has %s', async (_, text) => {
    const { asked, fetchJwks } = setUp(text)

    await expect(fetchJwks('short')).rejects.toMatchObject({ reason: 'discovery_malformed' })
    expect(asked()).toHaveLength(1)
  })

  it('of this machine are not elsewhere over plain http', async () => {
    const at = 'http://127.0.0.1:8080'
    for (const jwks_uri of ['http://idp.example.com/keys', 'ftp://127.0.0.1/keys']) {
      const { fetchJwks } = setUp(JSON.stringify({ issuer: at, jwks_uri }), { at })

      await expect(fetchJwks('short')).rejects.toMatchObject({ reason: 'discovery_malformed' })
    }
  })

  it.each<[string, string | Error, number]>([
    ['a redirect', new RefusedAnswerError('redirect'), 200],
    ['too large an answer', new RefusedAnswerError('answer_too_large'), 200],
    ['no answer', new Error('ECONNRESET'), 200],
    ['another status', JSON.stringify(document), 404],
    ['a created one', JSON.stringify(document), 201],
  ])('cannot be had after %s', async (_, text, status) => {
    const { fetchJwks } = setUp(text, { status })

    await expect(fetchJwks('long')).rejects.toMatchObject({ name: 'KeySetError', reason: 'discovery_unreachable' })
  })

  it.each([
    ['short', 1_000],
    ['long', 3_000],
  ] as const)('are given up, %s, after %i ms', async (patience, ms) => {
    const waits: number[] = []
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    AbortSignal.timeout = (given) => (waits.push(given), timeout(given))
    try {
      await setUp(new Error('none'))
        .fetchJwks(patience)
        .catch(() => undefined)
    } finally {
      AbortSignal.timeout = timeout
    }

    expect(waits).toEqual([ms])
  })
})
