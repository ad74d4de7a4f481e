import type { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createBaseApp } from '#shared/http/create-base-app.ts'
import { readJsonBody } from '#shared/http/read-json-body.ts'
import { recordingLogger } from '#test/support/logger.ts'

function echo(): Pick<Hono, 'request'> {
  const app = createBaseApp({ logger: recordingLogger(), now: Date.now })
  app.post('/echo', async (c) => c.json(await readJsonBody(c)))
  return { request: (path, init) => app.request(path, init, {}) }
}

type Answer = { status: number; body: unknown; acceptEncoding: string | null }

async function send(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Answer> {
  const response = await echo().request('/echo', { method: 'POST', body, headers })
  const acceptEncoding = response.headers.get('accept-encoding')
  return { status: response.status, body: await response.json(), acceptEncoding }
}

const json = { 'content-type': 'application/json' }

describe('the content type of a JSON body', () => {
  it.each([
    ...['application/json', 'APPLICATION/JSON ; charset=UTF-8', 'application/json;charset=utf8'],
    ...['application/json; charset="utf-8"', 'application/json;', 'application/json ; ; '],
    ...['application/json;;charset=utf-8', 'application/json;\tcharset=utf-8\t;'],
    ...['application/json; charset=iso-8859-1'],
    ...['application/json; charset=utf-8; version=1; profile="https://example.com/a,b;c"'],
    ...[String.raw`application/json; a="\"\\"; b=""`, "application/json; !#$%&'*+.^_`|~-=!#$%&'*+.^_`|~-"],
  ])('%s is taken', async (contentType) => {
    expect(await send('{"a":"é"}', { 'content-type': contentType })).toMatchObject({ status: 200, body: { a: 'é' } })
  })

  it.each([
    ...['', 'application', 'application/jsonx', 'xapplication/json', 'application/ json'],
    ...['application/problem+json', 'application/json-seq', 'text/json', 'text/plain; application/json'],
    ...['application/json charset=utf-8', 'application/json; charset', 'application/json; charset='],
    ...['application/json; charset =utf-8', 'application/json; charset= utf-8', 'application/json; =utf-8'],
    ...['application/json; charset="utf-8', 'application/json; charset="utf-8"x'],
    ...['application/json; charset=utf-8 x', 'application/json; a/b=c', `application/json${'; '.repeat(2_000)}x`],
    ...[`application/json; a="${'\\"'.repeat(2_000)}`],
  ])('%s is not', async (contentType) => {
    const answer = await send('{}', { 'content-type': contentType })

    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    // It would say that the coding was the reason (RFC 9110, section 12.5.3).
    expect(answer.acceptEncoding).toBeNull()
  })
})

describe('the content coding of a JSON body', () => {
  it.each(['identity', 'Identity'])('%s is none', async (coding) => {
    expect(await send('{}', { ...json, 'content-encoding': coding })).toMatchObject({ status: 200 })
  })

  it.each(['gzip', 'x-gzip', 'br', 'deflate', 'zstd', 'aws-chunked', 'gzip, identity', 'identity, gzip', 'utf-8'])(
    '%s is refused, whatever the body',
    async (coding) => {
      expect(await send('{}', { ...json, 'content-encoding': coding })).toMatchObject({
        status: 415,
        body: { code: 'unsupported_media_type', errors: [{ header: 'content-encoding' }] },
        acceptEncoding: 'identity',
      })
    },
  )
})

it.each([
  ['POST', '/echo', 16_384],
  ['POST', '/admin/check-users', 1_048_576],
  ['POST', '/jobs', 6_291_456],
])('%s %s takes %i bytes and not one more', async (method, path, longest) => {
  const app = createBaseApp({ logger: recordingLogger(), now: Date.now })
  app.post(path, async (c) => c.json(String(await readJsonBody(c)).length))
  const statuses = [longest, longest + 1].map(async (bytes) => {
    const body = JSON.stringify('x'.repeat(bytes - 2))
    return (await app.request(path, { method, body, headers: json }, {})).status
  })

  expect(await Promise.all(statuses)).toEqual([200, 413])
})

describe('the text of a JSON body', () => {
  it.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['a surrogate in UTF-8', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a character that is cut off', new Uint8Array([0x22, 0xc3, 0x22])],
    ['U+FFFD, which API Gateway puts in place of such bytes', '"\uFFFD"'],
    ['UTF-16', new Uint8Array(Buffer.from('\uFEFF"a"', 'utf16le'))],
    ['no JSON', '{"a":'],
    ['nothing', ''],
  ])('%s is refused', async (_, body) => {
    expect(await send(body, json)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '', detail: 'must be JSON in UTF-8' }] },
    })
  })

  it.each([
    [String.raw`"\ufffd"`, '\uFFFD'],
    ['"\uFFFC\u{1F600}"', '\uFFFC\u{1F600}'],
    ['\uFEFF"a"', 'a'],
    ['null', null],
  ])('%j is taken', async (body, value) => {
    expect(await send(body, json)).toMatchObject({ status: 200, body: value })
  })
})
