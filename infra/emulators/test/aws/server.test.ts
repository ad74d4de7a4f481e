import { createPublicKey } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import {
  AdminCreateUserCommand,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { startLocalAws } from '../../aws/server.ts'
import { startTestAws, startTestPool } from './test-aws.ts'

type KeySet = { keys: { kid: string; alg: string; use: string; kty: string; n: string; e: string }[] }

async function keySet(url: string, poolId: string): Promise<KeySet> {
  const response = await fetch(`${url}/${poolId}/.well-known/jwks.json`)
  return (await response.json()) as KeySet
}

describe('local AWS', () => {
  it('listens on the loopback address and on no other', async () => {
    const { aws } = await startTestAws()
    const { port } = new URL(aws.url)
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)

    const attempts = await Promise.allSettled([
      fetch(`http://127.0.0.2:${port}`),
      ...others.map(({ address }) => fetch(`http://${address}:${port}`)),
    ])

    expect(aws.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 'rejected'))
  })

  it('says what region and account its resources are in', async () => {
    const { aws, cognito } = await startTestAws({ region: 'eu-central-1', accountId: '210987654321' })

    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'here' }))

    expect(aws).toMatchObject({ region: 'eu-central-1', accountId: '210987654321' })
    expect(UserPool?.Id).toMatch(/^eu-central-1_[0-9A-Za-z]{9}$/)
    expect(UserPool?.Arn).toBe(`arn:aws:cognito-idp:eu-central-1:210987654321:userpool/${UserPool?.Id}`)
  })

  it('rejects with EADDRINUSE on a taken port', async () => {
    const { aws } = await startTestAws()

    const second = startLocalAws({ port: Number(new URL(aws.url).port) })

    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('runs on the system clock when it is told nothing, and frees its port and cuts what hangs when it is closed', async () => {
    const before = Date.now()
    const aws = await startLocalAws({
      faults: [{ operation: 'JWKS', kind: 'timeout', when: 'before', calls: { next: 1 } }],
    })
    const hanging = fetch(`${aws.url}/us-east-1_absent/.well-known/jwks.json`).catch(() => 'cut')
    while (aws.calls.length === 0) await new Promise((resolve) => setImmediate(resolve))

    const startedAt = aws.calls[0]?.startMs
    await aws.close()
    const again = await startLocalAws({ port: Number(new URL(aws.url).port) })
    await again.close()

    expect(startedAt).toBeGreaterThanOrEqual(before)
    expect(await hanging).toBe('cut')
    expect(again.url).toBe(aws.url)
  })

  it('records each call by name and time, with the error that was answered and nothing else', async () => {
    const { aws, clock, cognito } = await startTestAws()
    const started = clock.now

    await cognito.send(new CreateUserPoolCommand({ PoolName: 'one' }))
    clock.now += 5
    await cognito.send(new AdminCreateUserCommand({ UserPoolId: 'us-east-1_absent', Username: 'x' })).catch(() => null)

    expect(aws.calls).toEqual([
      { operation: 'CreateUserPool', startMs: started, endMs: started, error: undefined },
      { operation: 'AdminCreateUser', startMs: started + 5, endMs: started + 5, error: 'ResourceNotFoundException' },
    ])
  })

  it('adds latency to every call', async () => {
    const { aws, cognito } = await startTestAws({ latencyMs: 60 })
    const startedAt = performance.now()

    await cognito.send(new ListUserPoolsCommand({ MaxResults: 1 }))
    const afterCall = performance.now()
    await keySet(aws.url, 'us-east-1_absent')

    // Node's timers may fire up to a millisecond early.
    expect(afterCall - startedAt).toBeGreaterThanOrEqual(59)
    expect(performance.now() - afterCall).toBeGreaterThanOrEqual(59)
  })
})

describe('the key set of a user pool', () => {
  it('holds two public RSA keys of 2048 bits and nothing else', async () => {
    const pool = await startTestPool()

    const { keys } = await keySet(pool.aws.url, pool.poolId)

    for (const key of keys) {
      const { asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' })
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
      expect(asymmetricKeyDetails?.modulusLength).toBe(2048)
    }
    expect(keys).toHaveLength(2)
  })

  it('belongs to one pool alone', async () => {
    const { aws, cognito, poolId } = await startTestPool()
    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'other' }))

    const [one, other] = await Promise.all([keySet(aws.url, poolId), keySet(aws.url, UserPool?.Id ?? '')])

    expect(one.keys.map(({ kid }) => kid)).not.toEqual(expect.arrayContaining(other.keys.map(({ kid }) => kid)))
  })

  it('is not there for a pool that does not exist', async () => {
    const { aws } = await startTestAws()

    const response = await fetch(`${aws.url}/us-east-1_absent/.well-known/jwks.json`)

    expect(response.status).toBe(400)
    expect(aws.calls).toMatchObject([{ operation: 'JWKS', error: '400' }])
  })

  it('is named by the OpenID configuration, with the token endpoint of a pool that has a domain', async () => {
    const { aws, cognito, poolId } = await startTestPool()
    const discover = async (): Promise<unknown> =>
      (await fetch(`${aws.url}/${poolId}/.well-known/openid-configuration`)).json()

    const before = await discover()
    await cognito.send(new CreateUserPoolDomainCommand({ UserPoolId: poolId, Domain: 'accounts' }))
    const after = await discover()

    expect(before).toMatchObject({
      issuer: `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`,
      jwks_uri: `${aws.url}/${poolId}/.well-known/jwks.json`,
    })
    expect(before).not.toHaveProperty('token_endpoint')
    expect(after).toMatchObject({ token_endpoint: `${aws.url}/accounts/oauth2/token` })
    expect(aws.calls.filter(({ operation }) => operation === 'OpenIdConfiguration')).toHaveLength(2)
  })

  it('answers 503 while it is stopped, and is the same afterwards', async () => {
    const { aws, poolId } = await startTestPool()
    const before = await keySet(aws.url, poolId)

    aws.stopServingKeys(true)
    const stopped = await fetch(`${aws.url}/${poolId}/.well-known/jwks.json`)
    aws.stopServingKeys(false)

    expect(stopped.status).toBe(503)
    expect(await keySet(aws.url, poolId)).toEqual(before)
  })

  it.each([
    ['throttled', 429],
    ['internal_error', 500],
    ['access_denied', 403],
  ] as const)('answers fault %s with %i, once', async (kind, status) => {
    const { aws, poolId } = await startTestPool()
    aws.setFaults([{ operation: 'JWKS', kind, when: 'before', calls: { nth: 1 } }])
    const url = `${aws.url}/${poolId}/.well-known/jwks.json`

    const statuses = [(await fetch(url)).status, (await fetch(url)).status]

    expect(statuses).toEqual([status, 200])
  })

  it('can be cut off', async () => {
    const { aws, poolId } = await startTestPool()
    aws.setFaults([{ operation: 'JWKS', kind: 'connection_reset', when: 'after', calls: { next: 1 } }])

    const cut = fetch(`${aws.url}/${poolId}/.well-known/jwks.json`)

    await expect(cut).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  })
})
