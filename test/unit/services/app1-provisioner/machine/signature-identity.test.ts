import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import type { Proof, UnprovenRequest } from '#services/app1-provisioner/machine/machine-identity.ts'
import { createSignatureIdentity } from '#services/app1-provisioner/machine/signature-identity.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline } from '#test/support/deadlines.ts'

const roleCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret-key-canary',
  sessionToken: 'session-token-canary',
}

const unproven = (changes: Partial<UnprovenRequest> = {}): UnprovenRequest => ({
  method: 'POST',
  url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com/a%20b/admin/create-user'),
  headers: { 'content-type': 'application/json', 'x-latchkey-request-id': 'request-1' },
  body: Buffer.from('{"username":"jörg"}'),
  ...changes,
})

type Credentials = NonNullable<SecretsManagerClientConfig['credentials']>

function setUp(credentials: Credentials = roleCredentials) {
  const clock = manualClock()
  const { config } = new SecretsManagerClient({ region: 'eu-west-1', credentials })
  const identity = createSignatureIdentity({ signing: config, now: clock.now })
  const headers = async (request = unproven()): ReturnType<Proof['addTo']> =>
    (await identity.prove(farDeadline())).addTo(request)
  const signature = async (request = unproven()): Promise<string | undefined> =>
    /Signature=(\w{64})$/.exec((await headers(request))['authorization'] ?? '')?.[1]
  return { clock, identity, headers, signature }
}

describe('a request to App2 that is signed', () => {
  it('carries the signature that another implementation makes', async () => {
    const headers = await setUp().headers()

    // By botocore 1.44.5: SigV4Auth(Credentials(…), 'execute-api', 'eu-west-1').add_auth(…) of the same request and instant.
    expect(headers).toEqual({
      ...unproven().headers,
      'x-amz-content-sha256': '6e2b01653c3722e802fa30558d16749e44d0f684251d1376af59020e0b81fec7',
      'x-amz-date': '20260101T000000Z',
      'x-amz-security-token': 'session-token-canary',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/execute-api/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-latchkey-request-id, ' +
        'Signature=cb0b67756c598df1112a575faeb7926cc623e228479293e499b3c83c4cef0996',
    })
  })

  it('with long-lived credentials has no session token', async () => {
    const { accessKeyId, secretAccessKey } = roleCredentials

    expect(await setUp({ accessKeyId, secretAccessKey }).headers()).not.toHaveProperty('x-amz-security-token')
  })

  it.each<[string, Partial<UnprovenRequest>]>([
    ['body', { body: Buffer.from('{"username":"jorg"}') }],
    ['path', { url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com/a%20b/sample') }],
    ['host', { url: new URL('https://abd.execute-api.eu-west-1.amazonaws.com/a%20b/admin/create-user') }],
    ['port', { url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com:444/a%20b/admin/create-user') }],
    ['header', { headers: { ...unproven().headers, 'x-latchkey-request-id': 'request-2' } }],
  ])('with another %s has another signature', async (_, change) => {
    const { signature } = setUp()

    expect(await signature(unproven(change))).toMatch(/^\w{64}$/)
    expect(await signature(unproven(change))).not.toBe(await signature())
  })

  it('is signed anew each time, at the time of the clock', async () => {
    const { clock, headers, signature } = setUp()
    const first = await signature()

    clock.advance(1_000)

    expect((await headers())['x-amz-date']).toBe('20260101T000001Z')
    expect(await signature()).not.toBe(first)
  })

  it('is signed with the credentials that hold at that moment', async () => {
    let accessKeyId = 'AKIDOLD'
    const { headers } = setUp(() =>
      Promise.resolve({ ...roleCredentials, accessKeyId, expiration: new Date(Date.now() - 1) }),
    )
    await headers()

    accessKeyId = 'AKIDNEW'

    expect((await headers())['authorization']).toContain('Credential=AKIDNEW/')
  })

  it('without credentials is not sent, and nothing was done', async () => {
    const { headers } = setUp(() =>
      Promise.reject(Object.assign(new Error('canary'), { name: 'CredentialsProviderError' })),
    )

    await expect(headers()).rejects.toMatchObject({
      code: 'internal_error',
      reason: 'CredentialsProviderError',
      outcome: 'none',
    })
  })

  it('is refused by API Gateway with 403, and there is no other signature to try', async () => {
    const proof = await setUp().identity.prove(farDeadline())

    expect(proof.refusedWith).toBe(403)
    await expect(proof.renew(farDeadline())).rejects.toMatchObject({
      code: 'upstream_error',
      reason: 'app2_refuses_our_signature',
    })
  })

  it('prints no credential', async () => {
    const { identity } = setUp()

    expect(JSON.stringify([identity, await identity.prove(farDeadline())])).not.toContain('canary')
  })
})
