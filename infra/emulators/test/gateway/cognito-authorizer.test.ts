import { describe, expect, it, vi } from 'vitest'
import { createCognitoAuthorizer } from '../../gateway/cognito-authorizer.ts'
import { createSigner, jwksOf, testPool, type Changes } from '../../../../test/support/tokens.ts'

const key = createSigner('pool-key')
const stranger = createSigner('pool-key')
const now = Date.UTC(2026, 10, 4, 3, 50, 6)

const machineClaims: Changes = {
  sub: 'machineclient',
  client_id: 'machineclient',
  scope: 'app2/users.create',
  username: undefined,
  'cognito:groups': undefined,
}

const token = (claims: Changes = {}, signer = key): string =>
  signer.accessToken({ claims: { ...machineClaims, ...claims } })

function start(fetchJwks = () => Promise.resolve(jwksOf(key))) {
  const authorize = createCognitoAuthorizer({ issuer: testPool.issuer, fetchJwks })
  return (unverified: string | undefined, scopes: string[] = ['app2/users.create']) =>
    authorize({ token: unverified, scopes })
}

const refused = (reason: string) => ({ effect: 'refuse', responseType: 'UNAUTHORIZED', reason })

describe('createCognitoAuthorizer', () => {
  it('hands all claims over as text, the instants as API Gateway prints them', async () => {
    const iat = Date.UTC(2023, 4, 4, 3, 50, 6) / 1000
    const decision = await start()(token({ iat, version: 2, list: ['a', 'b'] }))

    expect(decision).toMatchObject({
      effect: 'allow',
      claims: {
        token_use: 'access',
        client_id: 'machineclient',
        scope: 'app2/users.create',
        iss: testPool.issuer,
        iat: 'Thu May 04 03:50:06 UTC 2023',
        exp: expect.stringMatching(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:]{8} UTC \d{4}$/) as string,
        version: '2',
        list: 'a,b',
      },
    })
    expect(JSON.stringify(decision)).not.toContain('username')
  })

  it('one of the scopes is enough, and the scheme may be there', async () => {
    const authorize = start()

    expect(await authorize(`Bearer ${token()}`, ['app2/x', 'app2/users.create'])).toMatchObject({ effect: 'allow' })
    expect(await authorize(token({ scope: 'app2/x app2/users.create' }))).toMatchObject({ effect: 'allow' })
  })

  it.each(['app2/users', 'app2/users.create2', 'APP2/users.create', 'app2/users.create,app2/sample.call', ''])(
    'the scope %j is another one: 401',
    async (scope) => {
      expect(await start()(token({ scope }))).toEqual(refused('token has none of the scopes'))
    },
  )

  it('a user’s token from a password sign-in has none of our scopes', async () => {
    expect(await start()(key.accessToken())).toEqual(refused('token has none of the scopes'))
  })

  it.each([undefined, ''])('%j is no token', async (missing) => {
    expect(await start()(missing)).toEqual(refused('identity source missing'))
  })

  it.each<[string, () => string]>([
    ['an expired token', () => token({ exp: now / 1000 - 365 * 86_400 })],
    ['another pool’s token', () => token({ iss: `${testPool.issuer}x` })],
    ['a token that somebody else signed', () => token({}, stranger)],
    ['a token whose key is not known', () => createSigner('other').accessToken({ claims: machineClaims })],
    ['what is no token', () => 'a.b.c'],
    ['another scheme', () => `Basic ${token()}`],
  ])('%s is not valid', async (_, make) => {
    expect(await start()(make())).toEqual(refused('token is not valid'))
  })

  it('an ID token is refused, whatever scope it says it has', async () => {
    const idToken = key.idToken({ claims: { scope: 'app2/users.create' } })

    expect(await start()(idToken)).toEqual(refused('token is not an access token'))
  })

  it('a token without an end is refused', async () => {
    expect(await start()(token({ exp: undefined }))).toEqual(refused('token does not expire'))
  })

  it('keys out of reach let nobody in, and are fetched once when they are there', async () => {
    const fetchJwks = vi.fn(() => Promise.resolve(jwksOf(key)))
    const authorize = start(fetchJwks)
    fetchJwks.mockRejectedValueOnce(new Error('out of reach'))

    expect(await authorize(token())).toEqual(refused('keys cannot be fetched'))
    expect(await authorize(token())).toMatchObject({ effect: 'allow' })
    expect(await authorize(token())).toMatchObject({ effect: 'allow' })
    expect(fetchJwks).toHaveBeenCalledTimes(2)
  })
})
