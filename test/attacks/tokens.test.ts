// Tokens that the pool never signed, or signed as something else.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { forgedKey, poolKey } from '../support/pool-keys.ts'
import { accessTokenClaims, createSigner, serviceUserClaims, testPool } from '../support/tokens.ts'
import { present, unauthorized } from './support/repel.ts'
import { bodies, openStage, stageArn, type Stage } from './support/stage.ts'

type Attack = readonly [name: string, token: string, reason: string]

const now = manualClock().now()
const good = poolKey.accessToken({ now })
const [header = '', payload = '', signature = ''] = good.split('.')
const otherPoolKey = createSigner('other-pool-key')
const pem = poolKey.publicKey.export({ type: 'spki', format: 'pem' })

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = encode(accessTokenClaims(now))

/** A token of the machine's claims under `changes` to the header, signed by whatever `signInput` is. */
const compact = (changes: object, signInput: (input: string) => Buffer): string => {
  const input = `${encode({ kid: poolKey.kid, alg: 'RS256', ...changes })}.${claims}`
  return `${input}.${signInput(input).toString('base64url')}`
}
const hmac =
  (digest: string, secret: string | Buffer) =>
  (input: string): Buffer =>
    createHmac(digest, secret).update(input).digest()
const signWith =
  (digest: string | null, key: KeyObject | Parameters<typeof sign>[2]) =>
  (input: string): Buffer =>
    sign(digest, Buffer.from(input), key)
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const edKey = generateKeyPairSync('ed25519').privateKey
const pss = { key: poolKey.privateKey, padding: 6, saltLength: 32 }

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

describe('the stage', () => {
  it('serves whom it should, so that a refusal below means something', async () => {
    const machine = { authorizationToken: `Bearer ${good}`, methodArn: `${stageArn}/POST/admin/create-user` }
    const service = `Authorization: Bearer ${poolKey.accessToken({ now, claims: serviceUserClaims })}`

    expect(await stage.ask(machine)).toEqual({ outcome: 'allowed' })
    expect(
      await stage.send({ target: '/admin/create-user', headers: [`Authorization: Bearer ${good}`], body: '{}' }),
    ).toEqual({ status: 400, code: 'invalid_request', reached: 'create-user' })
    expect(await stage.send({ target: '/sample', headers: [service], body: bodies['/sample'] })).toEqual({
      status: 200,
      reached: 'sample',
    })
  })
})

describe('algorithms', () => {
  repel([
    ...['none', 'None', 'NONE', 'nOnE', 'none ', ''].flatMap((alg): Attack[] => [
      [
        `alg ${JSON.stringify(alg)} without a signature`,
        `${encode({ kid: poolKey.kid, alg })}.${claims}.`,
        'malformed',
      ],
      [`alg ${JSON.stringify(alg)} with any signature`, compact({ alg }, () => Buffer.from('any')), 'wrong_algorithm'],
      [
        `alg ${JSON.stringify(alg)} with a good token’s signature`,
        `${encode({ kid: poolKey.kid, alg })}.${payload}.${signature}`,
        'wrong_algorithm',
      ],
    ]),
    ['HS256 keyed with the public key as PEM', compact({ alg: 'HS256' }, hmac('sha256', pem)), 'wrong_algorithm'],
    [
      'HS256 keyed with the public key as PEM without its last line feed',
      compact({ alg: 'HS256' }, hmac('sha256', pem.toString().trim())),
      'wrong_algorithm',
    ],
    [
      'HS256 keyed with the public key as PKCS #1',
      compact({ alg: 'HS256' }, hmac('sha256', poolKey.publicKey.export({ type: 'pkcs1', format: 'pem' }))),
      'wrong_algorithm',
    ],
    [
      'HS256 keyed with the public key as DER',
      compact({ alg: 'HS256' }, hmac('sha256', poolKey.publicKey.export({ type: 'spki', format: 'der' }))),
      'wrong_algorithm',
    ],
    ['HS256 keyed with the modulus', compact({ alg: 'HS256' }, hmac('sha256', poolKey.jwk.n)), 'wrong_algorithm'],
    [
      'HS256 keyed with the JWK',
      compact({ alg: 'HS256' }, hmac('sha256', JSON.stringify(poolKey.jwk))),
      'wrong_algorithm',
    ],
    ['HS256 keyed with nothing', compact({ alg: 'HS256' }, hmac('sha256', '')), 'wrong_algorithm'],
    ['HS384 keyed with the public key', compact({ alg: 'HS384' }, hmac('sha384', pem)), 'wrong_algorithm'],
    ['HS512 keyed with the public key', compact({ alg: 'HS512' }, hmac('sha512', pem)), 'wrong_algorithm'],
    ['an HMAC under the name RS256', compact({}, hmac('sha256', pem)), 'bad_signature'],
    [
      'RS384 by the pool’s own key',
      compact({ alg: 'RS384' }, signWith('sha384', poolKey.privateKey)),
      'wrong_algorithm',
    ],
    [
      'RS512 by the pool’s own key',
      compact({ alg: 'RS512' }, signWith('sha512', poolKey.privateKey)),
      'wrong_algorithm',
    ],
    ['PS256 by the pool’s own key', compact({ alg: 'PS256' }, signWith('sha256', pss)), 'wrong_algorithm'],
    ['PSS under the name RS256', compact({}, signWith('sha256', pss)), 'bad_signature'],
    ['SHA-1 under the name RS256', compact({}, signWith('sha1', poolKey.privateKey)), 'bad_signature'],
    ['SHA-512 under the name RS256', compact({}, signWith('sha512', poolKey.privateKey)), 'bad_signature'],
    [
      'ES256',
      compact({ alg: 'ES256' }, signWith('sha256', { key: ecKey, dsaEncoding: 'ieee-p1363' })),
      'wrong_algorithm',
    ],
    ['EdDSA', compact({ alg: 'EdDSA' }, signWith(null, edKey)), 'wrong_algorithm'],
    ...['rs256', 'RS256 ', 'RSA-SHA256', 'sha256WithRSAEncryption', '__proto__'].map((alg): Attack => [
      `alg ${JSON.stringify(alg)}, signed by the pool’s key`,
      poolKey.accessToken({ now, header: { alg } }),
      'wrong_algorithm',
    ]),
    ['no alg', poolKey.accessToken({ now, header: { alg: undefined } }), 'wrong_algorithm'],
    ['alg null', poolKey.accessToken({ now, header: { alg: null } }), 'malformed'],
    ['alg as a list', poolKey.accessToken({ now, header: { alg: ['RS256', 'none'] } }), 'malformed'],
  ])
})

describe('keys', () => {
  const kids = [
    'unknown',
    '',
    ' pool-key-1',
    'POOL-KEY-1',
    'pool-key-1\u0000',
    '../../../../dev/null',
    '/etc/passwd',
    'file:///dev/null',
    'https://attacker.example/jwks.json',
    "' OR '1'='1",
    "pool-key-1' UNION SELECT 'secret' --",
    '$(id)',
    '__proto__',
    'constructor',
    'toString',
    'x'.repeat(2_000),
  ]

  repel([
    ...kids.map((kid): Attack => [
      `kid ${JSON.stringify(kid.slice(0, 40))}`,
      poolKey.accessToken({ now, header: { kid } }),
      'unknown_key',
    ]),
    ['no kid', poolKey.accessToken({ now, header: { kid: undefined } }), 'unknown_key'],
    ['kid as a number', poolKey.accessToken({ now, header: { kid: 1 } }), 'malformed'],
    ['kid as a list', poolKey.accessToken({ now, header: { kid: [poolKey.kid] } }), 'malformed'],
    ['a key of another pool, under its own kid', otherPoolKey.accessToken({ now }), 'unknown_key'],
    [
      'a key of another pool, under the kid of ours',
      otherPoolKey.accessToken({ now, header: { kid: poolKey.kid } }),
      'bad_signature',
    ],
    ['a key of the attacker’s, under the kid of ours', forgedKey.accessToken({ now }), 'bad_signature'],
    ...(
      [
        ['jku', 'https://attacker.example/jwks.json'],
        ['x5u', 'https://attacker.example/cert.pem'],
        ['x5c', [Buffer.from('certificate').toString('base64')]],
        ['jwk', forgedKey.jwk],
      ] as const
    ).flatMap(([name, value]): Attack[] => [
      [
        `${name} of the attacker’s key, which signed`,
        forgedKey.accessToken({ now, header: { [name]: value } }),
        'bad_signature',
      ],
      [
        `${name} of the attacker’s key in place of a kid`,
        forgedKey.accessToken({ now, header: { [name]: value, kid: undefined } }),
        'unknown_key',
      ],
    ]),
  ])

  it('jku, x5u, x5c, jwk and typ are ignored: a good token that has them is one, and nothing is fetched for them', async () => {
    const ignored = { jku: 'https://attacker.example', x5u: 'https://attacker.example', x5c: [], jwk: forgedKey.jwk }
    const token = poolKey.accessToken({ now, header: { ...ignored, typ: 'dpop+jwt' } })
    const methodArn = `${stageArn}/POST/admin/create-user`

    expect(await stage.ask({ authorizationToken: `Bearer ${token}`, methodArn })).toEqual({ outcome: 'allowed' })
    expect(
      await stage.send({ target: '/admin/create-user', headers: [`Authorization: Bearer ${token}`] }),
    ).toMatchObject({ reached: 'create-user' })
    expect(stage.fetches()).toEqual([1, 1])
  })
})

describe('critical header members, validly signed', () => {
  repel(
    [{ crit: ['exp'] }, { crit: ['b64'], b64: false }, { crit: [] }, { crit: null }, { b64: false }, { b64: true }].map(
      (changes): Attack => [JSON.stringify(changes), poolKey.accessToken({ now, header: changes }), 'critical_header'],
    ),
  )
})

describe('signatures', () => {
  const raised = encode({ ...accessTokenClaims(now), ...serviceUserClaims })
  const other = poolKey.accessToken({ now, claims: { jti: 'other' } }).split('.')
  const flipped = Buffer.from(signature, 'base64url')
  flipped[0] = (flipped[0] ?? 0) ^ 1

  repel([
    ['none', `${header}.${payload}.`, 'malformed'],
    ['none, and no dot for it', `${header}.${payload}`, 'malformed'],
    ['one byte', `${header}.${payload}.AA`, 'bad_signature'],
    ['zeros', `${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`, 'bad_signature'],
    ['the first bit flipped', `${header}.${payload}.${flipped.toString('base64url')}`, 'bad_signature'],
    ['the last byte cut off', `${header}.${payload}.${flipped.subarray(0, -1).toString('base64url')}`, 'bad_signature'],
    [
      'a zero byte in front',
      `${header}.${payload}.${Buffer.concat([Buffer.alloc(1), Buffer.from(signature, 'base64url')]).toString('base64url')}`,
      'bad_signature',
    ],
    ['of another token', `${header}.${payload}.${other[2] ?? ''}`, 'bad_signature'],
    ['kept under other claims', `${header}.${raised}.${signature}`, 'bad_signature'],
    [
      'kept under another header',
      `${encode({ alg: 'RS256', kid: poolKey.kid })}.${payload}.${signature}`,
      'bad_signature',
    ],
    ['kept under header and claims in each other’s place', `${payload}.${header}.${signature}`, 'wrong_issuer'],
  ])
})

describe('other tokens of the same pool', () => {
  repel([
    ['an ID token', poolKey.idToken({ now }), 'wrong_token_use'],
    [
      'an ID token that names a client_id',
      poolKey.idToken({ now, claims: { client_id: testPool.machineClientId } }),
      'wrong_token_use',
    ],
    [
      'an access token of another client of the pool',
      poolKey.accessToken({ now, claims: { client_id: 'otherclient' } }),
      'unknown_client',
    ],
  ])
})
