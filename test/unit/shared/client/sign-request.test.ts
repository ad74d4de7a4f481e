import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { verifySigV4 } from '../../../../infra/emulators/gateway/sig-v4.ts'
import { newSigningCredential } from '../../../../infra/emulators/gateway/signing-credential.ts'
import { signRequest } from '#shared/client/sign-request.ts'
import { listen } from '../../../support/listen.ts'

const credential = newSigningCredential({ arn: 'arn:aws:sts::123456789012:assumed-role/a/b', policy: {} })
const now = Date.UTC(2026, 10, 28)

/** What AWS's own verification says of a request as it came over the wire. */
async function send(target: string, init: { method: string; body?: string | Uint8Array<ArrayBuffer> }) {
  const seen: unknown[] = []
  const { url, close } = await listen((request, response) => {
    const { method = '', url: target = '', rawHeaders } = request
    const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []))
    void buffer(request)
      .then((body) =>
        verifySigV4(
          { method, target, headers, body, sourceIp: '127.0.0.1' },
          { credentials: [credential], region: 'eu-west-1', service: 'execute-api', now: () => now },
        ),
      )
      .then((verification) => {
        seen.push(verification.ok ? target : verification.reason)
        response.end()
      })
  })
  const request = { ...init, url: new URL(url + target), headers: { 'x-amz-meta': 'a' } }
  const headers = await signRequest(request, {
    credentials: () => Promise.resolve(credential),
    region: 'eu-west-1',
    now: () => now,
  })
  await fetch(request.url, { ...init, headers })
  await close()
  expect(Object.keys(headers)).not.toContain('host')
  return seen
}

it.each([
  ['GET', '/service-users', undefined],
  ['GET', '/service-users?prefix=a.b&limit=20&cursor=v1.YQ._-', undefined],
  ['GET', '/service-users?a=%20%2B&b=+&a=2&empty=&%C3%A9=%2F', undefined],
  ['DELETE', '/service-users/a%20b%2Fc?force=true', undefined],
  ['PUT', '/service-users/a/groups/b', ''],
  ['POST', '/create-service-user', '{"password":"é"}'],
  ['POST', '/', new Uint8Array([0, 255])],
])('a signature of %s %s counts, whatever its body', async (method, target, body) => {
  expect(await send(target, { method, ...(body !== undefined && { body }) })).toEqual([target])
})

it('rejects with what the credentials reject with', async () => {
  const failure = new Error('none')
  const run = signRequest(
    { method: 'GET', url: new URL('https://a.example'), headers: {} },
    { credentials: () => Promise.reject(failure), region: 'eu-west-1', now: () => now },
  )

  await expect(run).rejects.toBe(failure)
})
