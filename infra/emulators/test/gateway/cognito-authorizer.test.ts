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

  const noScope = 'token has none of the scopes'

  it.each<[string, () => string | undefined, string]>([
    ...['app2/users', 'app2/users.create2', 'APP2/users.create', 'app2/users.create,app2/sample.call', ''].map(
      (scope): [string, () => string, string] => [`the scope "${scope}"`, () => token({ scope }), noScope],
    ),
    ['a user’s token from a password sign-in', () => key.accessToken(), noScope],
    ['no token', () => undefined, 'identity source missing'],
    ['an empty token', () => '', 'identity source missing'],
    ['an expired token', () => token({ exp: now / 1000 - 365 * 86_400 }), 'token is not valid'],
    ['another pool’s token', () => token({ iss: `${testPool.issuer}x` }), 'token is not valid'],
    ['a token that somebody else signed', () => token({}, stranger), 'token is not valid'],
    ['an unknown key', () => createSigner('other').accessToken({ claims: machineClaims }), 'token is not valid'],
    ['what is no token', () => 'a.b.c', 'token is not valid'],
    ['another scheme', () => `Basic ${token()}`, 'token is not valid'],
    [
      'an ID token with the scope',
      () => key.idToken({ claims: { scope: 'app2/users.create' } }),
      'token is not an access token',
    ],
    ['a token without an end', () => token({ exp: undefined }), 'token does not expire'],
  ])('%s is refused', async (_, make, reason) => {
    expect(await start()(make())).toEqual(refused(reason))
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
