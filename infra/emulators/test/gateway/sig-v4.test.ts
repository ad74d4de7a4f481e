import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifySigV4, type SignatureVerification, type SignedRequest } from '../../gateway/sig-v4.ts'
import { invokePolicy, newSigningCredential, type SigningCredential } from '../../gateway/signing-credential.ts'
import { callerArn as arn } from './running-api.ts'
import { signedRequest, type RequestToSign, type SigningOptions } from './sign-request.ts'

const signedAt = Date.UTC(2026, 10, 21, 11, 5, 9)
const policy = invokePolicy('*')
const session = newSigningCredential({ arn, policy })
const userKey: SigningCredential = {
  accessKeyId: 'AKIALOCALUSER',
  secretAccessKey: 'user-secret',
  arn: 'arn:aws:iam::123456789012:user/bob',
  policy,
}

const verify = (request: SignedRequest, now = signedAt): Promise<SignatureVerification> =>
  verifySigV4(request, {
    credentials: [session, userKey],
    region: 'us-east-1',
    service: 'execute-api',
    now: () => now,
  })

type Request = RequestToSign & { readonly target?: string }

const sign = (request: Request = {}, options: Partial<SigningOptions> = {}): Promise<SignedRequest> =>
  signedRequest(request, { credential: session, now: signedAt, ...options })

/** `request` with a header's value replaced, or the header left out. */
function change(request: SignedRequest, name: string, value: (old: string) => string | undefined): SignedRequest {
  const headers = request.headers.flatMap(([key, old]): [string, string][] => {
    const changed = key === name ? value(old) : old
    return changed === undefined ? [] : [[key, changed]]
  })
  return { ...request, headers }
}

const without = (request: SignedRequest, name: string): SignedRequest => change(request, name, () => undefined)

const changeSignature = (request: SignedRequest, edit: (text: string) => string): SignedRequest =>
  change(request, 'authorization', edit)

const add = (request: SignedRequest, ...header: [string, string]): SignedRequest => ({
  ...request,
  headers: [...request.headers, header],
})

describe('verifySigV4, a good signature', () => {
  it.each<[string, Request]>([
    ['an empty body', {}],
    ['a UTF-8 body', { body: '{"name":"Zoë ✓"}' }],
    ['a GET without a body', { method: 'GET', path: '/health' }],
    ['another header that is signed', { headers: { 'content-type': 'application/json', 'x-amz-meta': 'a' } }],
    ['blanks in a value, which count as one', { headers: { 'x-note': ' a   b ' } }],
    ['a query out of order', { query: { b: '2', a: '1' }, target: '/sample?b=2&a=1' }],
    ['a name that is there twice', { query: { a: ['2', '1'] }, target: '/sample?a=2&a=1' }],
    ['a blank as %20', { query: { a: 'x y' }, target: '/sample?a=x%20y' }],
    ['a plus sign as it is', { query: { a: 'x+y' }, target: '/sample?a=x+y' }],
    ['a plus sign as %2B', { query: { a: 'x+y' }, target: '/sample?a=x%2By' }],
    ['a slash in a value', { query: { a: '/x' }, target: '/sample?a=%2fx' }],
    ['UTF-8 in a query', { query: { ä: 'é' }, target: '/sample?%C3%A4=%C3%A9' }],
    ['a name without a value', { query: { a: '' }, target: '/sample?a' }],
    ['an empty pair', { query: { a: '1' }, target: '/sample?&a=1&' }],
    ['an equals sign in a value', { query: { a: 'b=c' }, target: '/sample?a=b=c' }],
    ['an escaped slash in the path', { path: '/a%2Fb' }],
    ['an escaped blank in the path', { path: '/a%20b/' }],
    ['the root', { path: '/' }],
    // They fall out of what is signed, as for all services but S3.
    ['a doubled slash and a dot segment', { path: '/sample', target: '//x/..//sample' }],
  ])('with %s is its owner’s', async (_, request) => {
    expect(await verify(await sign(request))).toEqual({ ok: true, credential: session })
  })

  it('of an IAM user’s own key, which has no session token, is that user’s', async () => {
    expect(await verify(await sign({}, { credential: userKey }))).toEqual({ ok: true, credential: userKey })
  })

  it('with the hash of the body stated and signed, or with a header that was not signed, is its owner’s', async () => {
    expect(await verify(await sign({ body: '{}' }, { applyChecksum: true }))).toMatchObject({ ok: true })
    expect(await verify(add(await sign(), 'user-agent', 'probe'))).toMatchObject({ ok: true })
  })

  it('header names in another case, and a header on two lines, are what was signed', async () => {
    const request = await sign({ headers: { 'x-list': 'a,b' } })
    const headers = without(request, 'x-list').headers.map(([name, value]) => [name.toUpperCase(), value] as const)

    const verification = await verify({ ...request, headers: [...headers, ['X-List', ' a '], ['x-list', 'b']] })

    expect(verification).toMatchObject({ ok: true })
  })

  it.each([-300_000, 300_000])('%i ms away from the present counts', async (skew) => {
    expect(await verify(await sign(), signedAt + skew)).toMatchObject({ ok: true })
  })

  // Worked out without the signer that the verifier has in common with the other tests. A path's escapes are escaped
  // once more, and a query's are not: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
  it('made by hand, of a path and a query with escapes, is its owner’s', async () => {
    const target = '/pets/ada%40example.com/toys/a:b?prefix=a%40b%20c&limit=20'
    const digest = (text: string) => createHash('sha256').update(text).digest('hex')
    const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
    const canonical = [
      ...['GET', '/pets/ada%2540example.com/toys/a%3Ab', 'limit=20&prefix=a%40b%20c'],
      ...['host:local', 'x-amz-date:20261121T110509Z', '', 'host;x-amz-date', digest('')],
    ].join('\n')
    const scope = ['20261121', 'us-east-1', 'execute-api', 'aws4_request']
    const key = scope.reduce<string | Buffer>(hmac, `AWS4${userKey.secretAccessKey}`)
    const toSign = ['AWS4-HMAC-SHA256', '20261121T110509Z', scope.join('/'), digest(canonical)].join('\n')
    const authorization =
      `AWS4-HMAC-SHA256 Credential=${userKey.accessKeyId}/${scope.join('/')}, ` +
      `SignedHeaders=host;x-amz-date, Signature=${hmac(key, toSign).toString('hex')}`

    const verification = await verify({
      method: 'GET',
      target,
      headers: Object.entries({ host: 'local', 'x-amz-date': '20261121T110509Z', authorization }),
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.1',
    })

    expect(verification).toEqual({ ok: true, credential: userKey })
  })

  /** https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html */
  it.each([
    ['get-vanilla', 'GET /', [], '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      'GET /?Param2=value2&Param1=value1',
      [],
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['post-vanilla', 'POST /', [], '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-header-key-duplicate',
      'GET /',
      ['value2', 'value2', 'value1'],
      'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
    ],
  ])('that AWS published, %s, is verified', async (_, requestLine, values, signature) => {
    const published = {
      ...userKey,
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    }
    const [method = '', target = ''] = requestLine.split(' ')
    const signedNames = values.length > 0 ? 'host;my-header1;x-amz-date' : 'host;x-amz-date'
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      `SignedHeaders=${signedNames}, Signature=${signature}`
    const headers: [string, string][] = [
      ['Host', 'example.amazonaws.com'],
      ['X-Amz-Date', '20150830T123600Z'],
      ...values.map((value): [string, string] => ['My-Header1', value]),
      ['Authorization', authorization],
    ]

    const verification = await verifySigV4(
      { method, target, headers, body: Buffer.alloc(0), sourceIp: '127.0.0.1' },
      {
        credentials: [published],
        region: 'us-east-1',
        service: 'service',
        now: () => Date.UTC(2015, 7, 30, 12, 36),
      },
    )

    expect(verification).toEqual({ ok: true, credential: published })
  })
})

const unknown = { ok: false, errorType: 'UnrecognizedClientException', reason: 'credentials are not known' }
const invalid = (reason: string) => ({ ok: false, errorType: 'InvalidSignatureException', reason })
const incomplete = (reason: string) => ({ ok: false, errorType: 'IncompleteSignatureException', reason })
const mismatch = invalid('signature does not match')

describe('verifySigV4, a request other than the one that was signed', () => {
  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    ['another method', (request) => ({ ...request, method: 'PUT' })],
    ['another path', (request) => ({ ...request, target: '/sampl3?a=1' })],
    ['another case of the path', (request) => ({ ...request, target: '/Sample?a=1' })],
    ['a path that is escaped', (request) => ({ ...request, target: '/%73ample?a=1' })],
    ['a slash at the end', (request) => ({ ...request, target: '/sample/?a=1' })],
    ['another value', (request) => ({ ...request, target: '/sample?a=2' })],
    ['one more parameter', (request) => ({ ...request, target: '/sample?a=1&b' })],
    ['no query', (request) => ({ ...request, target: '/sample' })],
    ['one more byte of body', (request) => ({ ...request, body: Buffer.from('{"a":1} ') })],
    ['no body', (request) => ({ ...request, body: Buffer.alloc(0) })],
    ['another value of a signed header', (request) => change(request, 'x-a', () => 'c')],
    ['a second line of a signed header', (request) => add(request, 'X-A', 'c')],
    ['another host', (request) => change(request, 'host', () => 'elsewhere')],
    ['another second', (request) => change(request, 'x-amz-date', () => '20261121T110510Z')],
    [
      'another signature',
      (request) => changeSignature(request, (old) => old.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
    ],
  ])('%s is refused', async (_, tamper) => {
    const good = await sign({ body: '{"a":1}', query: { a: '1' }, target: '/sample?a=1', headers: { 'x-a': 'b' } })

    expect(await verify(tamper(good))).toEqual(mismatch)
  })

  it.each<[string, Request, Partial<SigningOptions>]>([
    ['a plus sign in place of the blank', { query: { a: 'x y' }, target: '/sample?a=x+y' }, {}],
    ['an escaped slash in place of the slash', { path: '/a/b', target: '/a%2Fb' }, {}],
    ['another secret', {}, { credential: { ...session, secretAccessKey: 'x' } }],
  ])('%s is refused', async (_, request, options) => {
    expect(await verify(await sign(request, options))).toEqual(mismatch)
  })
})

describe('verifySigV4, credentials', () => {
  it.each<[string, SigningCredential]>([
    ['of an id that nobody has', { ...session, accessKeyId: 'ASIANOBODY' }],
    ['with another session token', { ...session, sessionToken: `${session.sessionToken}x` }],
    ['of a session without its token', { ...userKey, accessKeyId: session.accessKeyId }],
    ['of a user with a session token', { ...userKey, sessionToken: session.sessionToken }],
  ])('%s are not known', async (_, credential) => {
    expect(await verify(await sign({}, { credential }))).toEqual(unknown)
  })

  it('two session tokens are none', async () => {
    expect(await verify(add(await sign(), 'X-Amz-Security-Token', session.sessionToken))).toEqual(unknown)
  })
})

describe('verifySigV4, what the signature covers', () => {
  it.each([
    [300_001, 'signature expired'],
    [-300_001, 'signature is not yet current'],
  ])('%i ms away from the present: %s', async (skew, reason) => {
    expect(await verify(await sign(), signedAt + skew)).toEqual(invalid(reason))
  })

  const notSigned = 'host or an x-amz- header is not signed'
  const neverSigned = 'a header is signed that never is'

  it.each<[string, () => Promise<SignedRequest>, string]>([
    ['another Region', () => sign({}, { region: 'eu-west-1' }), 'credential is scoped to another Region'],
    ['another service', () => sign({}, { service: 's3' }), 'credential is scoped to another service'],
    [
      'a credential of another day',
      async () => changeSignature(await sign(), (old) => old.replace('/20261121/', '/20261120/')),
      'credential is of another day than x-amz-date',
    ],
    ...['host;', ';x-amz-date', ';x-amz-security-token'].map((name): [string, () => Promise<SignedRequest>, string] => [
      `no ${name}`,
      async () => changeSignature(await sign(), (old) => old.replace(name, '')),
      notSigned,
    ]),
    ['an x-amz- header that was added on the way', async () => add(await sign(), 'X-Amz-Target', 'x'), notSigned],
    [
      'a signed header that is missing',
      async () => without(await sign({ headers: { 'x-a': 'b' } }), 'x-a'),
      'a signed header is missing',
    ],
    [
      'another id of known credentials',
      async () =>
        changeSignature(without(await sign(), 'x-amz-security-token'), (old) =>
          old.replace(session.accessKeyId, userKey.accessKeyId),
        ),
      'a signed header is missing',
    ],
    ...['authorization;', 'date;'].map((name): [string, () => Promise<SignedRequest>, string] => [
      `a claim to cover ${name}`,
      async () =>
        changeSignature(add(await sign(), 'date', 'x'), (old) =>
          old.replace('SignedHeaders=', `SignedHeaders=${name}`),
        ),
      neverSigned,
    ]),
    ...['UNSIGNED-PAYLOAD', createHash('sha256').update('other').digest('hex')].map(
      (hash): [string, () => Promise<SignedRequest>, string] => [
        `the stated hash ${hash}, though it is signed`,
        () => sign({ body: '{}', headers: { 'x-amz-content-sha256': hash } }),
        'x-amz-content-sha256 is not the hash of the body',
      ],
    ),
    [
      'a query that cannot be decoded',
      async () => ({ ...(await sign()), target: '/sample?a=%zz' }),
      'query cannot be decoded',
    ],
  ])('%s is refused', async (_, make, reason) => {
    expect(await verify(await make())).toEqual(invalid(reason))
  })

  it.each([
    '/sample?X-Amz-Signature=00',
    '/sample?a&x-amz-signature',
    '/sample?X-Amz-Sign%61ture=00',
    '/sample?x%2damz-signature',
    '/sample?__proto__=00',
    '/sample?%5f_proto__',
  ])('a parameter of %s that signers leave out is refused, however it is escaped', async (target) => {
    const request = await sign({ query: Object.fromEntries([['__proto__', ['other']]]) })

    for (const signed of [request, await sign()]) {
      expect(await verify({ ...signed, target })).toEqual(invalid('a parameter is there that is never signed'))
    }
  })
})

describe('verifySigV4, the form', () => {
  it('a request without the header is not signed, a presigned one neither', async () => {
    const request = without(await sign(), 'authorization')

    expect(await verify({ ...request, target: '/sample?X-Amz-Signature=00' })).toEqual({
      ok: false,
      errorType: 'MissingAuthenticationTokenException',
      reason: 'request is not signed',
    })
  })

  const notSigV4 = incomplete('authorization header is not of SigV4')

  it('two headers are refused, each good by itself', async () => {
    const request = await sign()
    const [, text = ''] = request.headers.find(([name]) => name === 'authorization') ?? []

    expect(await verify(add(request, 'Authorization', text))).toEqual(notSigV4)
  })

  it.each<[string, (text: string) => string]>([
    ['a bearer token', () => 'Bearer a.b.c'],
    ['the algorithm alone', () => 'AWS4-HMAC-SHA256'],
    ['another algorithm', (text) => text.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256')],
    ['no credential', (text) => text.replace(/Credential=[^,]*, /, '')],
    ['a credential twice', (text) => text.replace(/(Credential=[^,]*, )/, '$1$1')],
    ['a field that is unknown', (text) => `${text}, Extra=1`],
    ['a field without a value', (text) => text.replace(/Signature=.*/, 'Signature')],
    ['a scope that is too short', (text) => text.replace('/aws4_request', '')],
    ['a scope that ends otherwise', (text) => text.replace('aws4_request', 'aws5_request')],
    ['a day of seven digits', (text) => text.replace('/20261121/', '/2026112/')],
    ['no signed headers', (text) => text.replace(/SignedHeaders=[^,]*/, 'SignedHeaders=')],
    ['signed headers out of order', (text) => text.replace('host;x-amz-date', 'x-amz-date;host')],
    ['a signed header twice', (text) => text.replace('host;', 'host;host;')],
    ['signed headers in upper case', (text) => text.replace('host;', 'HOST;')],
    ['a signature in upper case', (text) => text.replace(/Signature=.*/, `Signature=${'A'.repeat(64)}`)],
    ['a signature that is too short', (text) => text.slice(0, -1)],
  ])('%s is incomplete', async (_, edit) => {
    expect(await verify(changeSignature(await sign(), edit))).toEqual(notSigV4)
  })

  const badDate = incomplete('x-amz-date is missing or malformed')

  it.each([undefined, '2026-11-21T11:05:09Z', '20261131T110509Z', '20261121T246009Z', '20261121T110509', ''])(
    'the date %j is refused',
    async (date) => {
      expect(await verify(change(await sign(), 'x-amz-date', () => date))).toEqual(badDate)
    },
  )

  it('two dates are refused', async () => {
    expect(await verify(add(await sign(), 'X-Amz-Date', '20261121T110509Z'))).toEqual(badDate)
  })
})
