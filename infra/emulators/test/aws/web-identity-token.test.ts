import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { LocalAws, LocalAwsOptions } from '../../aws/server.ts'
import type { PrincipalOption } from '../../aws/principal.ts'
import { claimsOf, startTestAws } from './test-aws.ts'

const accountId = '123456789012'
const otherAccountId = '111122223333'
const roleArn = `arn:aws:iam::${accountId}:role/service-role/app1`
const functionArn = `arn:aws:lambda:us-east-1:${accountId}:function:app1`

type Form = Readonly<Record<string, string>>

const good: Form = { 'Audience.member.1': 'https://app2.example', SigningAlgorithm: 'RS256' }

type Answer = { readonly token: string } | { readonly refused: string; readonly status: number }

async function ask({ url }: LocalAws, form: Form = good, accessKeyId = 'ASIAROLE'): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/sts/aws4_request` },
    body: new URLSearchParams({ Action: 'GetWebIdentityToken', Version: '2011-06-15', ...form }),
  })
  const text = await response.text()
  const element = (name: string): string => new RegExp(`<${name}>(.*)</${name}>`).exec(text)?.[1] ?? ''
  return response.status === 200
    ? { token: element('WebIdentityToken') }
    : { refused: element('Code'), status: response.status }
}

async function tokenFor(aws: LocalAws, form: Form = good, accessKeyId?: string): Promise<string> {
  const answer = await ask(aws, form, accessKeyId)
  return 'token' in answer ? answer.token : answer.refused
}

/** Local AWS in which the role gets tokens. */
async function start(
  role: Partial<Exclude<PrincipalOption, string>> = {},
  options: Omit<LocalAwsOptions, 'now'> = {},
): ReturnType<typeof startTestAws> {
  const principals = new Map<string, PrincipalOption>([
    ['ASIAROLE', { roleArn, ...role }],
    ['ASIAOTHER', `arn:aws:iam::${otherAccountId}:role/app1`],
  ])
  return startTestAws({ accountId, principals, webIdentityAccounts: [accountId, otherAccountId], ...options })
}

type Jwk = JsonWebKey & { readonly kid: string }

async function keysOf(aws: LocalAws, issuer: string): Promise<Jwk[]> {
  const response = await fetch(`${aws.url}/${new URL(issuer).host}/.well-known/jwks.json`)
  return ((await response.json()) as { keys: Jwk[] }).keys
}

function list(member: string, length: number, value: (index: number) => string): Form {
  return Object.fromEntries(
    Array.from({ length }, (_, index) => [member.replace('N', String(index + 1)), value(index)]),
  )
}

const tags = (length: number, size = 1): Form => ({
  ...list('Tags.member.N.Key', length, (index) => `key-${index}`),
  ...list('Tags.member.N.Value', length, () => 'v'.repeat(size)),
})

const oneTag = (Key: string, Value: string): Form => ({ 'Tags.member.1.Key': Key, 'Tags.member.1.Value': Value })

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
describe('GetWebIdentityToken', () => {
  it('says who the caller is and to whom, for five minutes', async () => {
    const { aws, clock } = await start()
    const now = clock.now / 1000

    const { jti, iss, ...claims } = claimsOf(await tokenFor(aws))

    expect(iss).toMatch(/^https:\/\/[0-9a-f-]{36}\.tokens\.sts\.global\.api\.aws$/)
    expect(jti).toMatch(/^[0-9a-f-]{36}$/)
    expect(claims).toEqual({
      aud: 'https://app2.example',
      sub: roleArn,
      iat: now,
      exp: now + 300,
      'https://sts.amazonaws.com/': { aws_account: accountId, source_region: 'us-east-1', principal_id: roleArn },
    })
    expect(aws.calls).toMatchObject([{ operation: 'GetWebIdentityToken', error: undefined }])
  })

  it('says of the session, the organisation and the request what is known', async () => {
    const expiresAt = Date.UTC(2026, 0, 1, 6)
    const { aws } = await start({ expiresAt, sourceFunctionArn: functionArn }, { organizationId: 'o-abc1234567' })
    const form = { ...good, ...tags(11), ...oneTag('body', 'é/+=@: 1') }

    const token = claimsOf(await tokenFor(aws, form))

    expect(token['https://sts.amazonaws.com/']).toMatchObject({
      org_id: 'o-abc1234567',
      original_session_exp: '2026-01-01T06:00:00Z',
      lambda_source_function_arn: functionArn,
      request_tags: { body: 'é/+=@: 1', 'key-10': 'v' },
    })
  })

  it('writes several audiences as a list, in their order', async () => {
    const { aws } = await start()

    const token = await tokenFor(aws, { ...good, ...list('Audience.member.N', 10, (index) => `audience-${index}`) })

    expect(claimsOf(token)['aud']).toEqual(Array.from({ length: 10 }, (_, index) => `audience-${index}`))
  })

  it.each([
    ['RS256', 'sha256', 'RSA_0'],
    ['ES384', 'sha384', 'EC384_0'],
  ])('signs with %s, by a key that the issuer publishes', async (algorithm, digest, kid) => {
    const { aws } = await start()

    const token = await tokenFor(aws, { ...good, SigningAlgorithm: algorithm })

    const [header = '', payload = '', signature = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ kid, alg: algorithm })
    const key = (await keysOf(aws, String(claimsOf(token)['iss']))).find((jwk) => jwk.kid === kid)
    const publicKey = { key: createPublicKey({ key: key ?? {}, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const }
    const isGood = (signed: string): boolean =>
      verify(digest, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64url'))
    expect([isGood(`${header}.${payload}`), isGood(`${header}.${payload}x`)]).toEqual([true, false])
  })

  it('has an issuer for each account, with keys of its own', async () => {
    const { aws } = await start()

    const [one = '', other = '', again = ''] = (
      await Promise.all([tokenFor(aws), tokenFor(aws, good, 'ASIAOTHER'), tokenFor(aws)])
    ).map((token) => String(claimsOf(token)['iss']))

    expect(again).toBe(one)
    expect(other).not.toBe(one)
    const [[mine], [others]] = await Promise.all([keysOf(aws, one), keysOf(aws, other)])
    expect(mine?.n).not.toBe(others?.n)
    // As AWS has it: the RSA key does not name its algorithm.
    expect(mine).toEqual({ kty: 'RSA', kid: 'RSA_0', use: 'sig', e: 'AQAB', n: mine?.n })
  })

  it('is discovered by its OpenID configuration', async () => {
    const { aws } = await start()
    const issuer = aws.enableWebIdentity(accountId)
    const place = `${aws.url}/${new URL(issuer).host}/.well-known`

    const response = await fetch(`${place}/openid-configuration`)

    expect(await response.json()).toMatchObject({ issuer, jwks_uri: `${place}/jwks.json` })
  })

  it.each<[string, Form]>([
    ['an audience of 1,000 characters', { 'Audience.member.1': 'a'.repeat(1000) }],
    ['60 seconds', { DurationSeconds: '60' }],
    ['an hour', { DurationSeconds: '3600' }],
    ['50 tags', tags(50)],
    ['a tag as long as can be', oneTag('k'.repeat(128), 'v'.repeat(256))],
    ['a tag without a value', oneTag('key', '')],
  ])('takes %s', async (_what, form) => {
    const { aws } = await start()

    expect(await ask(aws, { ...good, ...form })).toHaveProperty('token')
  })

  it.each<[string, Form]>([
    ['no audience', { 'Audience.member.1': '', Audience: '' }],
    ['11 audiences', list('Audience.member.N', 11, String)],
    ['an audience of 1,001 characters', { 'Audience.member.1': 'a'.repeat(1001) }],
    ['an algorithm of another name', { SigningAlgorithm: 'RS384' }],
    ['59 seconds', { DurationSeconds: '59' }],
    ['3,601 seconds', { DurationSeconds: '3601' }],
    ['51 tags', tags(51)],
    ['a key of 129 characters', oneTag('k'.repeat(129), 'v')],
    ['a value of 257 characters', oneTag('k', 'v'.repeat(257))],
    ['a comma in a key', oneTag('k,', 'v')],
    ['a comma in a value', oneTag('k', 'v,')],
    [
      'two keys that differ in their case',
      { ...oneTag('k', 'v'), 'Tags.member.2.Key': 'K', 'Tags.member.2.Value': 'v' },
    ],
    ['a scope beside the role as the subject', { Scope: 'read' }],
    ['an origin that the session does not have', { SubjectMode: 'OriginIdentity' }],
  ])('refuses %s', async (_what, form) => {
    const { aws } = await start()

    expect(await ask(aws, { ...good, ...form })).toEqual({ refused: 'ValidationError', status: 400 })
  })

  it('refuses a time that is no number', async () => {
    const { aws } = await start()

    expect(await ask(aws, { ...good, DurationSeconds: '3e2' })).toEqual({ refused: 'MalformedInput', status: 400 })
  })

  it('refuses claims that are too long together', async () => {
    const { aws } = await start()

    const answer = await ask(aws, { ...good, ...tags(50, 256) })

    expect(answer).toEqual({ refused: 'JWTPayloadSizeExceededException', status: 400 })
  })

  it('is enabled for one account at a time, and disabled without its keys being withdrawn', async () => {
    const { aws } = await start({}, { webIdentityAccounts: [otherAccountId] })
    const disabled = { refused: 'OutboundWebIdentityFederationDisabledException', status: 403 }

    const before = await ask(aws)
    const issuer = aws.enableWebIdentity(accountId)
    const enabled = await tokenFor(aws)
    aws.disableWebIdentity(accountId)
    const after = await ask(aws)

    expect([before, after]).toEqual([disabled, disabled])
    expect(claimsOf(enabled)['iss']).toBe(issuer)
    expect(await keysOf(aws, issuer)).toHaveLength(2)
  })

  it('outlives no session', async () => {
    const { aws, clock } = await start({ expiresAt: Date.UTC(2026, 0, 1, 1) })
    clock.now = Date.UTC(2026, 0, 1, 0, 55)

    const [fitting, longer] = await Promise.all([ask(aws), ask(aws, { ...good, DurationSeconds: '301' })])

    expect(fitting).toHaveProperty('token')
    expect(longer).toEqual({ refused: 'SessionDurationEscalationException', status: 403 })
  })

  it('is not for the root of an account', async () => {
    const { aws } = await start()

    expect(await ask(aws, good, 'AKIAROOT')).toEqual({ refused: 'AccessDenied', status: 403 })
  })

  it('asks an identity policy, where there is one, for the token and for its tags', async () => {
    const Statement = [{ Effect: 'Allow', Action: 'sts:GetWebIdentityToken', Resource: '*' }]
    const { aws } = await start({ identityPolicy: { Version: '2012-10-17', Statement } })

    const answers = [await ask(aws), await ask(aws, { ...good, ...tags(1) })]

    expect(answers).toEqual([{ token: expect.any(String) as string }, { refused: 'AccessDenied', status: 403 }])
  })

  it.each([`ARN:aws:iam::${accountId}:role/app1`, ' alice', 'alice ', 'ali\u200bce'])(
    'is not for an origin that could be taken for another: %j',
    async (originSubject) => {
      const { aws } = await start({ originSubject })

      const answer = await ask(aws, { ...good, SubjectMode: 'OriginIdentity' })

      expect(answer).toEqual({ refused: 'AccessDenied', status: 403 })
    },
  )

  it('names the origin of the session as the subject, and says so', async () => {
    const { aws } = await start({ originSubject: 'alice' })

    const token = claimsOf(await tokenFor(aws, { ...good, SubjectMode: 'OriginIdentity', Scope: 'read' }))

    expect(token).toMatchObject({ sub: 'alice', subject_mode: 'OriginIdentity', scope: 'read' })
    expect(token['https://sts.amazonaws.com/']).toMatchObject({ principal_id: roleArn })
  })
})
