// Every token and header that the authorizer refuses, and why: the one table that the verifier's tests and the attacks play.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import type { TokenRefusal } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { manualClock } from './clock.ts'
import { forgedKey, poolKey } from './pool-keys.ts'
import {
  accessTokenClaims,
  createSigner,
  machineScopeClaims,
  respellSignature,
  serviceScopeClaims,
  serviceUserClaims,
  testPool,
  type Changes,
} from './tokens.ts'

const otherPoolKey = createSigner('other-pool-key')

export type RefusedToken = readonly [name: string, token: () => string, reason: TokenRefusal]

const now = manualClock().now()
const nowSeconds = now / 1_000
const { issuer, userPoolId, machineClientId, serviceClientId, machineScopeClientId, serviceScopeClientId } = testPool
const good = poolKey.accessToken({ now })
const [header = '', payload = '', signature = ''] = good.split('.')
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const label = (value: unknown): string => inspect(value, { breakLength: Infinity, maxStringLength: 60, depth: 1 })

/** Tokens as they are written here. */
const texts = (reason: TokenRefusal, tokens: Readonly<Record<string, string>>): RefusedToken[] =>
  Object.entries(tokens).map(([name, token]) => [name, () => token, reason])

/** The machine user's tokens under changes to the header, signed by the pool. */
const withHeader = (reason: TokenRefusal, changes: readonly Changes[]): RefusedToken[] =>
  changes.map((change) => [label(change), () => poolKey.accessToken({ now, header: change }), reason])

/** Tokens with changes to the claims, of the machine user unless told, signed by the pool. */
const withClaims = (reason: TokenRefusal, changes: readonly Changes[], bearer: Changes = {}): RefusedToken[] =>
  changes.map((change) => [label(change), () => poolKey.accessToken({ now, claims: { ...bearer, ...change } }), reason])

/** Tokens with each of the values for one claim. */
const withClaim = (
  reason: TokenRefusal,
  name: string,
  values: readonly unknown[],
  bearer: Changes = {},
): RefusedToken[] =>
  withClaims(
    reason,
    values.map((value) => ({ [name]: value })),
    bearer,
  )

/** Tokens of the machine user's claims under `changes` to the header, signed by whatever `signInput` is. */
const signedBy = (
  name: string,
  reason: TokenRefusal,
  changes: object,
  signInput: (input: string) => Buffer,
): RefusedToken => [
  name,
  () => {
    const input = `${encode({ kid: poolKey.kid, alg: 'RS256', ...changes })}.${encode(accessTokenClaims(now))}`
    return `${input}.${signInput(input).toString('base64url')}`
  },
  reason,
]
const hmac =
  (digest: string, secret: string | Buffer) =>
  (input: string): Buffer =>
    createHmac(digest, secret).update(input).digest()
const signWith =
  (digest: string | null, key: KeyObject | Parameters<typeof sign>[2]) =>
  (input: string): Buffer =>
    sign(digest, Buffer.from(input), key)

const publicKeyAs = (type: 'spki' | 'pkcs1'): string => poolKey.publicKey.export({ type, format: 'pem' }).toString()

const algorithms: readonly RefusedToken[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none ', ''].flatMap((alg): RefusedToken[] => [
    [`alg ${label(alg)} without a signature`, () => `${encode({ kid: poolKey.kid, alg })}.${payload}.`, 'malformed'],
    signedBy(`alg ${label(alg)} with any signature`, 'wrong_algorithm', { alg }, () => Buffer.from('any')),
    [
      `alg ${label(alg)} with a good token’s signature`,
      () => `${encode({ kid: poolKey.kid, alg })}.${payload}.${signature}`,
      'wrong_algorithm',
    ],
  ]),
  ...Object.entries({
    'the public key as PEM': publicKeyAs('spki'),
    'the public key as PEM without its last line feed': publicKeyAs('spki').trim(),
    'the public key as PKCS #1': publicKeyAs('pkcs1'),
    'the public key as DER': poolKey.publicKey.export({ type: 'spki', format: 'der' }),
    'the modulus': poolKey.jwk.n,
    'the JWK': JSON.stringify(poolKey.jwk),
    nothing: '',
  }).map(([name, secret]) =>
    signedBy(`HS256 keyed with ${name}`, 'wrong_algorithm', { alg: 'HS256' }, hmac('sha256', secret)),
  ),
  signedBy('HS384', 'wrong_algorithm', { alg: 'HS384' }, hmac('sha384', publicKeyAs('spki'))),
  signedBy('HS512', 'wrong_algorithm', { alg: 'HS512' }, hmac('sha512', publicKeyAs('spki'))),
  signedBy('RS384 by the pool’s own key', 'wrong_algorithm', { alg: 'RS384' }, signWith('sha384', poolKey.privateKey)),
  signedBy('RS512 by the pool’s own key', 'wrong_algorithm', { alg: 'RS512' }, signWith('sha512', poolKey.privateKey)),
  signedBy('PS256 by the pool’s own key', 'wrong_algorithm', { alg: 'PS256' }, (input) =>
    sign('sha256', Buffer.from(input), { key: poolKey.privateKey, padding: 6, saltLength: 32 }),
  ),
  signedBy('ES256', 'wrong_algorithm', { alg: 'ES256' }, (input) =>
    sign('sha256', Buffer.from(input), {
      key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      dsaEncoding: 'ieee-p1363',
    }),
  ),
  signedBy('EdDSA', 'wrong_algorithm', { alg: 'EdDSA' }, (input) =>
    signWith(null, generateKeyPairSync('ed25519').privateKey)(input),
  ),
  ...withHeader(
    'wrong_algorithm',
    ['rs256', 'RS256 ', 'RSA-SHA256', 'sha256WithRSAEncryption', '__proto__', undefined].map((alg) => ({ alg })),
  ),
  ...withHeader('malformed', [{ alg: null }, { alg: ['RS256', 'none'] }, { alg: ['RS256'] }]),
  signedBy('an HMAC under the name RS256', 'bad_signature', {}, hmac('sha256', publicKeyAs('spki'))),
  signedBy('PSS under the name RS256', 'bad_signature', {}, (input) =>
    sign('sha256', Buffer.from(input), { key: poolKey.privateKey, padding: 6, saltLength: 32 }),
  ),
  signedBy('SHA-1 under the name RS256', 'bad_signature', {}, signWith('sha1', poolKey.privateKey)),
  signedBy('SHA-512 under the name RS256', 'bad_signature', {}, signWith('sha512', poolKey.privateKey)),
]

const keyIds = [
  undefined,
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

const keys: readonly RefusedToken[] = [
  ...withHeader(
    'unknown_key',
    keyIds.map((kid) => ({ kid })),
  ),
  ...withHeader('malformed', [{ kid: 1 }, { kid: [poolKey.kid] }]),
  ['a key of another pool, under its own kid', () => otherPoolKey.accessToken({ now }), 'unknown_key'],
  [
    'a key of another pool, under the kid of ours',
    () => otherPoolKey.accessToken({ now, header: { kid: poolKey.kid } }),
    'bad_signature',
  ],
  ['a key of the attacker’s, under the kid of ours', () => forgedKey.accessToken({ now }), 'bad_signature'],
  ...[
    { jku: 'https://attacker.example/jwks.json' },
    { x5u: 'https://attacker.example/cert.pem' },
    { x5c: [Buffer.from('certificate').toString('base64')] },
    { jwk: forgedKey.jwk },
  ].flatMap((member): RefusedToken[] => [
    [
      `${Object.keys(member).join()} of the attacker’s key, which signed`,
      () => forgedKey.accessToken({ now, header: member }),
      'bad_signature',
    ],
    [
      `${Object.keys(member).join()} of the attacker’s key in place of a kid`,
      () => forgedKey.accessToken({ now, header: { ...member, kid: undefined } }),
      'unknown_key',
    ],
  ]),
]

const bytes = Buffer.from(signature, 'base64url')
const signatures: readonly RefusedToken[] = [
  ...texts('malformed', { none: `${header}.${payload}.`, 'none, and no dot for it': `${header}.${payload}` }),
  ...texts('bad_signature', {
    'one byte': `${header}.${payload}.AA`,
    zeros: `${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`,
    'the first bit flipped': `${header}.${payload}.${Buffer.from(bytes.map((byte, at) => byte ^ Number(at === 0))).toString('base64url')}`,
    'the last byte cut off': `${header}.${payload}.${bytes.subarray(0, -1).toString('base64url')}`,
    'a zero byte in front': `${header}.${payload}.${Buffer.concat([Buffer.alloc(1), bytes]).toString('base64url')}`,
    'of another token': `${header}.${payload}.${poolKey.accessToken({ now, claims: { jti: 'other' } }).split('.')[2] ?? ''}`,
    'kept under other claims': `${header}.${encode({ ...accessTokenClaims(now), ...serviceUserClaims })}.${signature}`,
    'kept under another header': `${encode({ alg: 'RS256', kid: poolKey.kid })}.${payload}.${signature}`,
  }),
  ...texts('wrong_issuer', {
    'kept under header and claims in each other’s place': `${payload}.${header}.${signature}`,
  }),
]

const jsonToken = { payload, protected: header, signature }
const serializations = texts('malformed', {
  'a second signature': `${good}.${signature}`,
  'two tokens joined by a dot': `${good}.${good}`,
  'JSON, flattened': JSON.stringify(jsonToken),
  'JSON, general': JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
  'JSON, encoded': encode(jsonToken),
  'the five parts of a JWE': `${header}.${signature}.AAAA.${payload}.AAAA`,
  'a detached payload': `${header}..${signature}`,
  'no header': `.${payload}.${signature}`,
  'nothing but dots': '..',
  'thousands of dots': '.'.repeat(8_000),
  'one part': header,
  'a dot in front': `.${good}`,
  'a dot behind': `${good}.`,
  'another dot, U+2024': good.replaceAll('.', '\u2024'),
})

/** One byte is left over at the end: the last character carries two bits, so four more stand for the same. */
const oddClaims = (): string => {
  const json = JSON.stringify(accessTokenClaims(now))
  return Buffer.from(json + ' '.repeat((4 - (Buffer.byteLength(json) % 3)) % 3)).toString('base64url')
}

const spellings: readonly RefusedToken[] = [
  ...Array.from({ length: 15 }, (_, at): RefusedToken => [
    `another last character of the signature, the ${at + 1}. of 15`,
    () => respellSignature(good, at + 1),
    'malformed',
  ]),
  ...texts('malformed', {
    'another last character of the claims, validly signed': poolKey.signParts(header, respellSignature(oddClaims())),
    'another last character of the claims, not signed': `${header}.${respellSignature(oddClaims())}.${signature}`,
    'padding on the signature': `${good}==`,
    'padding on the claims, validly signed': poolKey.signParts(header, `${oddClaims()}==`),
    'padding on the header, validly signed': poolKey.signParts(
      `${encode({ kid: poolKey.kid, alg: 'RS256', typ: 'x' })}=`,
      payload,
    ),
    'escaped padding': `${good}%3D%3D`,
    'the alphabet of plain base64': `${header}.${payload}.${signature.slice(0, -4)}+/AA`,
    'a character too many': `${header}.${payload}.${signature}AAA`,
    'a space inside': `${header}.${payload.slice(0, 8)} ${payload.slice(8)}.${signature}`,
    'a full-width letter': `${header}.${payload}.\uff21${signature.slice(1)}`,
    'a byte beyond ASCII': `${header}.${payload}.\u00e7${signature.slice(1)}`,
    hexadecimal: Buffer.from(good).toString('hex'),
  }),
]

/** No header of HTTP holds these, or they are too long for one: they are tried on the authorizer alone. */
export const unsendableTokens: readonly RefusedToken[] = texts('malformed', {
  nothing: '',
  'a space behind': `${good} `,
  'a line feed behind': `${good}\n`,
  'a line end behind': `${good}\r\n`,
  'a line feed in front': `\n${good}`,
  'a null behind': `${good}\u0000`,
  'a line feed inside': `${header}.${payload}\n.${signature}`,
  'a character more than API Gateway carries': `${header}.${'A'.repeat(10_241 - header.length - signature.length - 2)}.${signature}`,
  'ten million characters': `${header}.${'A'.repeat(10_000_000)}.${signature}`,
})

const head = JSON.stringify({ kid: poolKey.kid, alg: 'RS256' })
const body = JSON.stringify(accessTokenClaims(now))
const signed = (reason: TokenRefusal, parts: Readonly<Record<string, readonly [string, string]>>): RefusedToken[] =>
  Object.entries(parts).map(([name, [head, body]]) => [name, () => poolKey.signText(head, body), reason])
const withMember = (member: string): [string, string] => [head, `${body.slice(0, -1)},${member}}`]

const jsonInside: readonly RefusedToken[] = [
  ...texts('malformed', { 'a good token in upper case': good.toUpperCase() }),
  ...signed('malformed', {
    'a header that is no JSON': ['{"alg"', body],
    'a header in a list': [`[${head}]`, body],
    'a header as a number': ['42', body],
    'claims that are no JSON': [head, body.slice(0, -1)],
    'claims and more behind them': [head, `${body}{}`],
    'claims behind a byte order mark': [head, `\ufeff${body}`],
    'claims in a list': [head, `[${body}]`],
    'claims as null': [head, 'null'],
    'claims as a text': [head, JSON.stringify(body)],
    'expiry beyond what a double holds': [head, body.replace(/"exp":\d+/, '"exp":1e999')],
  }),
  ...signed('malformed_groups', {
    'groups nested a thousand deep': withMember(`"cognito:groups":${'['.repeat(1_000)}${']'.repeat(1_000)}`),
  }),
  ...signed('wrong_issuer', { 'issuer twice, the last one wrong': withMember('"iss":"https://attacker.example"') }),
  ...signed('expired', { 'expiry twice, the last one over': withMember('"exp":1') }),
  ...signed('wrong_token_use', { 'token_use twice, the last one an ID token’s': withMember('"token_use":"id"') }),
  ...signed('wrong_algorithm', { 'alg twice, the last one none': [`${head.slice(0, -1)},"alg":"none"}`, body] }),
]

const otherIssuers = [
  undefined,
  '',
  'null',
  userPoolId,
  issuer.slice(0, -1),
  `${issuer}1`,
  `${issuer}/`,
  `${issuer}#`,
  `${issuer}?`,
  `${issuer}/../${userPoolId}`,
  ` ${issuer}`,
  `${issuer}\u0000`,
  issuer.toUpperCase(),
  issuer.replace('https:', 'http:'),
  issuer.replace('https://', 'https://issuer-'),
  issuer.replace('amazonaws.com', 'amazonaws.com.attacker.example'),
  issuer.replace('https://', 'https://attacker.example@'),
  issuer.replace('.com/', '.com./'),
  issuer.replaceAll('eu-west-1', 'us-east-1'),
  issuer.replace('TestPool1', 'OtherPool'),
  issuer.replace('amazonaws', 'аmazonaws'),
  `${issuer}/.well-known/jwks.json`,
  'https://attacker.example',
]

const otherClients = [
  undefined,
  null,
  '',
  'otherclient',
  `${machineClientId} `,
  machineClientId.toUpperCase(),
  `${machineClientId},${serviceClientId}`,
  [machineClientId],
  { [machineClientId]: true },
  'constructor',
  '__proto__',
]

const noTextOfScopes = [
  '',
  ' ',
  ' app2/users.create',
  'app2/users.create ',
  'app2/users.create  app2/sample.call',
  'x  app2/users.create',
  'app2/users.create\tapp2/sample.call',
  'app2/users.create\napp2/sample.call',
  'app2/users.create\r\n',
  'app2/users.create\u00a0app2/sample.call',
  'app2/users.create\u3000',
  'app2/users.create\u200b',
  'app2/users.create\u0000',
  '\ufeffapp2/users.create',
  '"app2/users.create"',
  '["app2/users.create"]',
  'app2/users.create\\',
  'аpp2/users.create',
  'app2／users.create',
  'app2/users．create',
]

const bothScopes = 'app2/users.create app2/sample.call'
const bothGroups = ['api-client', 'service-user']

/** By what is wrong. Of those that say nothing else the pool itself signed the token: it is somebody else's, or for something else. */
export const refusedTokens = {
  algorithms,
  keys,
  'critical header members': withHeader('critical_header', [
    { crit: ['exp'] },
    { crit: ['b64'], b64: false },
    { crit: [] },
    { crit: null },
    { b64: false },
    { b64: true },
  ]),
  signatures,
  serializations,
  spellings,
  'JSON inside': jsonInside,
  'other tokens of the pool': [
    ['an ID token', () => poolKey.idToken({ now }), 'wrong_token_use'],
    [
      'an ID token that names a client_id',
      () => poolKey.idToken({ now, claims: { client_id: machineClientId } }),
      'wrong_token_use',
    ],
  ],
  'token use': withClaim('wrong_token_use', 'token_use', [
    undefined,
    null,
    '',
    'id',
    'Access',
    'ACCESS',
    'access ',
    'access\u0000',
    ['access'],
    { access: true },
    true,
    1,
  ]),
  issuer: [
    ...withClaim('wrong_issuer', 'iss', otherIssuers),
    ...withClaim('malformed', 'iss', [null, [issuer], { issuer }, 1]),
  ],
  client: [
    ...withClaim('unknown_client', 'client_id', otherClients),
    ...withClaims('unknown_client', [
      { client_id: undefined, aud: machineClientId },
      { client_id: undefined, azp: machineClientId },
    ]),
  ],
  expiry: [
    ...withClaim('invalid_expiry', 'exp', [undefined, nowSeconds + 3_600.5, 2 ** 53, 1e300]),
    ...withClaim('malformed', 'exp', [null, String(nowSeconds + 3_600), [nowSeconds + 3_600]]),
    // To the second, without grace, and without the minute that `iat` is given.
    ...withClaim('expired', 'exp', [-(nowSeconds + 3_600), 0, nowSeconds - 59, nowSeconds - 1, nowSeconds]),
  ],
  beginning: [
    ...withClaim('not_yet_valid', 'nbf', [nowSeconds + 1, nowSeconds + 31_536_000]),
    ...withClaim('not_yet_valid', 'iat', [nowSeconds + 61, nowSeconds + 31_536_000]),
    ...withClaim('malformed', 'nbf', [String(nowSeconds - 1), null]),
    ...withClaim('malformed', 'iat', [String(nowSeconds)]),
  ],
  subject: [
    ...withClaim('no_subject', 'sub', [undefined, '']),
    ...withClaim('malformed', 'sub', [null, 7, ['a']]),
    ...withClaim('no_username', 'username', [undefined, '', null, 7, {}, ['a']]),
    ...withClaims('no_username', [{ username: undefined, 'cognito:username': 'a' }]),
  ],
  groups: withClaim('malformed_groups', 'cognito:groups', [
    'api-client',
    'api-client,service-user',
    '["api-client"]',
    null,
    true,
    1,
    {},
    { 0: 'api-client', length: 1 },
    { 'api-client': true },
    [['api-client']],
    ['api-client', ['service-user']],
    ['api-client', null],
    ['api-client', 1],
    [{ name: 'api-client' }],
  ]),
  'scopes of a machine': [
    ...withClaim('malformed_scope', 'scope', noTextOfScopes, machineScopeClaims),
    ...withClaim('malformed_scope', 'scope', [' app2/sample.call', `${bothScopes}\n`], serviceScopeClaims),
    ...withClaim(
      'malformed',
      'scope',
      [
        ['app2/users.create'],
        bothScopes.split(' '),
        [['app2/users.create']],
        { 'app2/users.create': true },
        { 0: 'app2/users.create', length: 1 },
        null,
        true,
        1,
      ],
      machineScopeClaims,
    ),
  ],
  'a machine’s token with a user in it': [
    ...withClaim(
      'username_in_machine_token',
      'username',
      ['latchkey-machine-a', '', null, 0, false, ['a'], {}],
      machineScopeClaims,
    ),
    ...withClaim(
      'groups_in_machine_token',
      'cognito:groups',
      [['api-client'], bothGroups, [], 'api-client', '', null, {}],
      machineScopeClaims,
    ),
    ...withClaims('groups_in_machine_token', [
      { ...serviceScopeClaims, 'cognito:groups': bothGroups },
      { ...machineScopeClaims, scope: undefined, 'cognito:groups': bothGroups },
    ]),
  ],
  'a user’s token with our scopes': [
    ...withClaim('scope_in_user_token', 'scope', [
      'app2/users.create',
      `aws.cognito.signin.user.admin ${bothScopes}`,
      'aws.cognito.signin.user.admin app2/sample.call',
    ]),
    ...withClaim('scope_in_user_token', 'scope', ['app2/sample.call', 'app2/users.create'], serviceUserClaims),
    ...withClaims('scope_in_user_token', [{ 'cognito:groups': undefined, scope: bothScopes }]),
    ...withClaim('malformed_scope', 'scope', ['', 'app2/users.create  x'], { 'cognito:groups': undefined }),
    ...withClaim('malformed', 'scope', [['app2/users.create'], null]),
  ],
  'a token by the other kind’s client': [
    ...withClaims(
      'no_username',
      [
        { client_id: machineClientId, sub: 'a' },
        { client_id: serviceClientId, sub: 'a', scope: 'app2/sample.call' },
        { client_id: machineClientId, sub: 'a', 'cognito:groups': bothGroups },
      ],
      machineScopeClaims,
    ),
    ...withClaims('username_in_machine_token', [
      { client_id: machineScopeClientId },
      { client_id: machineScopeClientId, scope: bothScopes },
      { ...serviceUserClaims, client_id: serviceScopeClientId },
      { ...serviceUserClaims, client_id: machineScopeClientId, scope: bothScopes },
    ]),
  ],
  'a machine’s token as any other': [
    ...withClaim('no_subject', 'sub', [''], machineScopeClaims),
    ...withClaim('malformed', 'sub', [null], machineScopeClaims),
    ...withClaims(
      'unknown_client',
      [
        { client_id: `${machineScopeClientId} ${machineClientId}` },
        { client_id: undefined, aud: machineScopeClientId },
        { client_id: undefined },
      ],
      machineScopeClaims,
    ),
    ...withClaim('wrong_token_use', 'token_use', ['id', undefined], machineScopeClaims),
    ...withClaim('invalid_expiry', 'exp', [undefined], machineScopeClaims),
    ...withClaim('expired', 'exp', [nowSeconds], machineScopeClaims),
    ...withClaim('wrong_issuer', 'iss', [issuer.replace('TestPool1', 'OtherPool')], machineScopeClaims),
  ],
} as const satisfies Readonly<Record<string, readonly RefusedToken[]>>

/** Whole values of the header, each with `good`, which is a good token, somewhere in it. */
export const refusedHeaders = {
  no_bearer_token: [
    good,
    `bearer ${good}`,
    `BEARER ${good}`,
    `Bearer${good}`,
    `Bearer:${good}`,
    `Bearer=${good}`,
    `Bearer\t${good}`,
    `Bearer\u00a0${good}`,
    `Bearer,${good}`,
    `Basic ${good}`,
    `Token ${good}`,
    `JWT ${good}`,
    `DPoP ${good}`,
    `Digest Bearer ${good}`,
    `AWS4-HMAC-SHA256 Credential=${good}`,
    `"Bearer ${good}"`,
    `Веarer ${good}`,
    `Béarer ${good}`,
    'Bearer',
  ],
  malformed: [
    `Bearer  ${good}`,
    `Bearer ${good} ${good}`,
    `Bearer ${good},${good}`,
    `Bearer ${good}, Bearer ${forgedKey.accessToken({ now })}`,
    `Bearer ${forgedKey.accessToken({ now })}, Bearer ${good}`,
    `Bearer Bearer ${good}`,
    `Bearer ${good};${good}`,
    `Bearer ${good}; realm=sample`,
    `Bearer "${good}"`,
    `Bearer <${good}>`,
    `Bearer token=${good}`,
    `Bearer ${good}é`,
    `Bearer ${good}%20`,
  ],
} as const
