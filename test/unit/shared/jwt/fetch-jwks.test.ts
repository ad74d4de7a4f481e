import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createJwksFetcher } from '#shared/jwt/fetch-jwks.ts'
import { sendOnce, type Answer, type SendOnce } from '#shared/aws/send-once.ts'
import { answerOf } from '#test/support/answers.ts'
import { listen, type Listening } from '#test/support/listen.ts'
import { createSigner, jwksOf } from '#test/support/tokens.ts'

const signer = createSigner()
const other = createSigner('test-key-2')
const servers: Listening[] = []
const closeAll = (): Promise<unknown> => Promise.all(servers.splice(0).map((server) => server.close()))

afterEach(closeAll)

async function serve(listener: RequestListener): Promise<string> {
  const server = await listen(listener)
  servers.push(server)
  return server.url
}

const answer =
  (body: string | Buffer, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status).end(body)
  }

const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url')

/** 0, 1 and even numbers, with zeros before them or not; of 65,536 the zeros are behind. */
const weakExponents = ['00', '01', '02', '04', '000000', '000001', '000002', '010000', 'fffffffe']

/** Of 2047 bits in as many bytes as 2048 have, and shorter ones behind zeros. */
const weakModuli = [
  `7f${'ff'.repeat(255)}`,
  `00${'ff'.repeat(255)}`,
  `${'00'.repeat(128)}${'ff'.repeat(128)}`,
  'ff'.repeat(255),
]

const fetchFrom = (jwksUri: string): Promise<unknown> => createJwksFetcher({ send: sendOnce, jwksUri })('short')
const fetchAnswer = async (body: string | Buffer, status = 200): Promise<unknown> =>
  fetchFrom(await serve(answer(body, status)))

describe('the JWKS fetcher', () => {
  it('resolves with the signing keys, asking exactly the address that it was given', async () => {
    const asked: unknown[] = []
    const url = await serve((request, response) => {
      asked.push([request.method, request.url])
      response.end(JSON.stringify(jwksOf(signer, other)))
    })

    expect(await fetchFrom(`${url}/pool/.well-known/jwks.json`)).toEqual(jwksOf(signer, other))
    expect(asked).toEqual([['GET', '/pool/.well-known/jwks.json']])
  })

  // AWS publishes such a set for STS: RFC 7517 leaves `alg` to the issuer.
  it('takes an RSA key that names no algorithm for one of RS256, beside one on a curve', async () => {
    const curve = { kty: 'EC', alg: 'ES384', crv: 'P-384', kid: 'EC384_0', use: 'sig', x: 'AA', y: 'AA' }
    const keys = [{ ...signer.jwk, alg: undefined }, curve]

    expect(await fetchAnswer(JSON.stringify({ keys }))).toEqual(jwksOf(signer))
  })

  it.each([
    { ...other.jwk, kty: 'EC' },
    { ...other.jwk, kty: 'oct', k: 'c2VjcmV0' },
    { ...other.jwk, use: 'enc' },
    { ...other.jwk, use: undefined },
    { ...other.jwk, alg: 'RS512' },
    { ...other.jwk, alg: 'PS256' },
    { ...other.jwk, alg: null },
    { ...other.jwk, kid: undefined },
    { ...other.jwk, kid: '' },
    { ...other.jwk, n: undefined },
    { ...other.jwk, n: `${other.jwk.n}=` },
    { ...other.jwk, n: `=${other.jwk.n}` },
    // base64's own alphabet, which Node reads as well.
    { ...other.jwk, n: `/${other.jwk.n}` },
    { ...other.jwk, n: `${other.jwk.n}/` },
    { ...other.jwk, n: [other.jwk.n] },
    { ...other.jwk, e: undefined },
    { ...other.jwk, e: '' },
    { ...other.jwk, e: `${other.jwk.e}=` },
    { ...other.jwk, e: `=${other.jwk.e}` },
    { ...other.jwk, e: [other.jwk.e] },
    ...weakExponents.map((e) => ({ ...other.jwk, e: base64url(e) })),
    ...weakModuli.map((n) => ({ ...other.jwk, n: base64url(n) })),
    // 342 characters, as 2048 bits have, and none of them a bit.
    { ...other.jwk, n: 'A'.repeat(342) },
    { ...other.jwk, n: 'A', e: 'A' },
    null,
    'key',
  ])('leaves out a key that cannot sign an access token: %#', async (useless) => {
    const jwks = { keys: [useless, signer.jwk] }

    expect(await fetchAnswer(JSON.stringify(jwks))).toEqual(jwksOf(signer))
  })

  it.each([
    { ...other.jwk, e: base64url('03') },
    { ...other.jwk, e: base64url('0005') },
    { ...other.jwk, e: base64url('0100000001') },
    { ...other.jwk, n: base64url(`80${'00'.repeat(255)}`) },
    // Some libraries write a zero before a first bit that is set; it takes nothing off the key.
    { ...other.jwk, n: base64url(`00ff${'00'.repeat(254)}01`) },
  ])('takes a key that is just strong enough: %#', async (strong) => {
    expect(await fetchAnswer(JSON.stringify({ keys: [strong] }))).toEqual({ keys: [strong] })
  })

  it('keeps no member that verification does not need', async () => {
    const jwks = { keys: [{ ...signer.jwk, x5c: ['cert'], x5u: 'https://example.com' }], more: true }

    expect(await fetchAnswer(JSON.stringify(jwks))).toEqual(jwksOf(signer))
  })

  it.each([
    ['', 'jwks_malformed'],
    ['<html>', 'jwks_malformed'],
    ['null', 'jwks_malformed'],
    ['"keys"', 'jwks_malformed'],
    ['{}', 'jwks_malformed'],
    ['{"keys":{}}', 'jwks_malformed'],
    ['\uFEFF\uFEFF{"keys":[]}', 'jwks_malformed'],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'jwks_malformed'],
    ['{"keys":[]}', 'jwks_without_usable_key'],
  ])('refuses the body %j as %s', async (body, reason) => {
    await expect(fetchAnswer(body)).rejects.toMatchObject({ name: 'KeySetError', reason })
  })

  it('refuses good keys beside bytes that are not UTF-8', async () => {
    const body = Buffer.from(JSON.stringify({ ...jwksOf(signer), text: '\u00ff' }), 'latin1')

    await expect(fetchAnswer(body)).rejects.toMatchObject({ reason: 'jwks_malformed' })
  })

  it.each([201, 204, 400, 404, 500])('refuses the status %i, even with a good body', async (status) => {
    await expect(fetchAnswer(JSON.stringify(jwksOf(signer)), status)).rejects.toMatchObject({ reason: 'jwks_status' })
  })

  it.each([
    [new DOMException('too late', 'TimeoutError'), 'jwks_timeout'],
    [new DOMException('given up', 'AbortError'), 'jwks_unreachable'],
    [Object.assign(new Error('too late'), { name: 'TimeoutError' }), 'jwks_unreachable'],
    [new Error('socket hang up'), 'jwks_unreachable'],
  ])('takes only the end of its own deadline for a time-out: %s', async (failure, reason) => {
    const failing = (): Promise<never> => Promise.reject(failure)
    const fetchJwks = createJwksFetcher({ send: failing, jwksUri: 'http://127.0.0.1' })

    await expect(fetchJwks('short')).rejects.toMatchObject({ name: 'KeySetError', reason })
  })

  it('follows no redirect', async () => {
    const target = vi.fn<RequestListener>(answer(JSON.stringify(jwksOf(signer))))
    const targetUrl = await serve(target)
    const url = await serve((_, response) => {
      response.writeHead(302, { location: targetUrl }).end()
    })

    await expect(fetchFrom(url)).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    expect(target).not.toHaveBeenCalled()
  })

  it('takes 64 KiB, and not a byte more', async () => {
    const body = JSON.stringify(jwksOf(signer))

    expect(await fetchAnswer(body.padEnd(65_536))).toEqual(jwksOf(signer))
    await expect(fetchAnswer(body.padEnd(65_537))).rejects.toMatchObject({ reason: 'jwks_too_large' })
  })

  it('gives up on a body that never ends', async () => {
    const url = await serve((_, response) => {
      const more = (): boolean => response.write(Buffer.alloc(16_384, 0x20), () => response.destroyed || more())
      more()
    })

    await expect(fetchFrom(url)).rejects.toMatchObject({ reason: 'jwks_too_large' })
  })

  it.each([
    ['no answer', (): void => undefined],
    [
      'an answer that stops in the middle',
      (response: { write(text: string): unknown }): void => void response.write('{"keys":['),
    ],
  ])('gives up on %s', async (_, begin) => {
    const limit = new AbortController()
    const tooLate = (): void => {
      limit.abort(new DOMException('too late', 'TimeoutError'))
    }
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)
    const jwksUri = await serve((_request, response) => {
      begin(response)
      if (!response.headersSent) tooLate()
    })
    const begun: SendOnce = (request) => {
      const answering = sendOnce(request)
      setTimeout(tooLate, 20)
      return answering
    }

    await expect(createJwksFetcher({ send: begun, jwksUri })('short')).rejects.toMatchObject({ reason: 'jwks_timeout' })
  })

  it('reports an address where nobody listens, without naming it', async () => {
    const url = await serve(answer(''))
    await closeAll()

    const failure = fetchFrom(url)

    await expect(failure).rejects.toMatchObject({
      reason: 'jwks_unreachable',
      message: 'The key set cannot be had.',
    })
    await expect(failure).rejects.not.toHaveProperty('cause')
  })
})

describe('the patience of the JWKS fetcher', () => {
  const good = (): Promise<Answer> => Promise.resolve(answerOf(jwksOf(signer)))
  const failing = (name: string) => (): Promise<Answer> => Promise.reject(new DOMException('', name))
  const empty = (): Promise<Answer> => Promise.resolve(answerOf({ keys: [] }))

  /** A fetcher whose answers come in this order, and the milliseconds that each try was given. */
  const scene = (...answers: (() => Promise<Answer>)[]) => {
    const limits = vi.spyOn(AbortSignal, 'timeout')
    const send = vi.fn(() => (answers.shift() ?? expect.fail())())
    return {
      fetchJwks: createJwksFetcher({ send, jwksUri: 'http://127.0.0.1' }),
      send,
      limitsMs: () => limits.mock.calls.flat(),
    }
  }

  it('short: tries once, for a second', async () => {
    const { fetchJwks, limitsMs } = scene(failing('TimeoutError'))

    await expect(fetchJwks('short')).rejects.toMatchObject({ reason: 'jwks_timeout' })

    expect(limitsMs()).toEqual([1_000])
  })

  it('long: waits three seconds for an answer', async () => {
    const { fetchJwks, limitsMs } = scene(good)

    expect(await fetchJwks('long')).toEqual(jwksOf(signer))

    expect(limitsMs()).toEqual([3_000])
  })

  it.each([
    ['no answer', failing('TimeoutError')],
    ['a connection that broke', failing('NetworkError')],
    ['no key', empty],
  ])('long: tries once more after %s, within the five seconds of the function', async (_, first) => {
    const { fetchJwks, limitsMs } = scene(first, good)

    expect(await fetchJwks('long')).toEqual(jwksOf(signer))

    expect(limitsMs()).toEqual([3_000, 1_000])
  })

  it('long: gives up after the second try, by its reason', async () => {
    const { fetchJwks, send } = scene(failing('TimeoutError'), empty)

    await expect(fetchJwks('long')).rejects.toMatchObject({ reason: 'jwks_without_usable_key' })

    expect(send).toHaveBeenCalledTimes(2)
  })
})
