import { STATUS_CODES } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  listenOnLoopback,
  type GatewayReply,
  type GatewayRequest,
  type LoopbackServer,
} from '../../gateway/loopback-server.ts'
import { sendBytes } from './raw-request.ts'

const made: GatewayReply = { status: 201, headers: [['content-type', 'application/json']], body: '{"made":1}' }

let server: LoopbackServer
let requests: GatewayRequest[]

beforeEach(async () => {
  requests = []
  server = await listenOnLoopback({
    port: 0,
    answer: (request) => {
      requests.push(request)
      return Promise.resolve(made)
    },
  })
})
afterEach(() => server.close())

const host = 'Host: local\r\n'
const close = 'Connection: close\r\n'
const post = (headers: string, body = ''): string => `POST /a HTTP/1.1\r\n${headers}\r\n${body}`
const withBody = (headers: string): string => post(`${host}${close}${headers}`, '{}')
const chunked = (headers: string, body = '2\r\n{}\r\n0\r\n\r\n'): string => post(`${host}${close}${headers}`, body)
const chunks = 'Transfer-Encoding: chunked\r\n'

describe('what HTTP forbids is refused in JSON, and the gateway is not asked', () => {
  it.each([
    ['two Host headers', 400, post(host + host + close)],
    ['two of other cases', 400, post(`${host}HOST: local\r\n${close}`)],
    ['no Host', 400, post(close)],
    ['an empty Host', 400, post(`Host:\r\n${close}`)],
    ['a Host with a space', 400, post(`Host: a b\r\n${close}`)],
    ['a Host with a user', 400, post(`Host: a@b\r\n${close}`)],
    ['a Host with a path', 400, post(`Host: a/b\r\n${close}`)],
    ['a list of Hosts', 400, post(`Host: a, b\r\n${close}`)],
    ['a Host with a port that is none', 400, post(`Host: a:b\r\n${close}`)],
    ['an absolute target without a host', 400, `GET http:///a HTTP/1.1\r\n${host}${close}\r\n`],
    ['an absolute target with a user', 400, `GET http://u@local/a HTTP/1.1\r\n${host}${close}\r\n`],
    ['HTTP/2.0', 505, `GET /a HTTP/2.0\r\n${host}\r\n`],
    ['HTTP/0.9', 505, `GET /a HTTP/0.9\r\n${host}\r\n`],
    ['HTTP/3.0', 505, `GET /a HTTP/3.0\r\n${host}\r\n`],
    ['a request line without a version', 505, 'GET /a\r\n\r\n'],
    ['the preface of HTTP/2', 505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['another transfer coding before chunked', 501, chunked('Transfer-Encoding: gzip, chunked\r\n')],
    ['the same in two headers', 501, chunked(`Transfer-Encoding: gzip\r\n${chunks}`)],
    ['another transfer coding alone', 501, chunked('Transfer-Encoding: gzip\r\n')],
    ['a transfer coding in HTTP/1.0', 400, `POST /a HTTP/1.0\r\n${chunks}\r\n0\r\n\r\n`],
    ['a length beside chunked', 400, chunked(`Content-Length: 2\r\n${chunks}`)],
    ['two lengths', 400, withBody('Content-Length: 2\r\nContent-Length: 2\r\n')],
    ['a length with a sign', 400, withBody('Content-Length: +2\r\n')],
    ['a length with a space inside', 400, withBody('Content-Length: 2 2\r\n')],
    ['a space before the colon', 400, withBody('Content-Length : 2\r\n')],
    ['a folded header', 400, withBody('X-A: 1\r\n 2\r\n')],
    ['a NUL in a header', 400, withBody('X-A: a\0b\r\n')],
    ['a header name with a space', 400, withBody('X A: 1\r\n')],
    ['a lone line feed', 400, `GET /a HTTP/1.1\n${host}\r\n`],
    ['a lone line feed among the headers', 400, 'GET /a HTTP/1.1\r\nHost: local\nX: 1\r\n\r\n'],
    ['a target that is no path', 400, `GET a HTTP/1.1\r\n${host}\r\n`],
    ['a method that is no word', 400, `G@T /a HTTP/1.1\r\n${host}\r\n`],
    ['a chunk size that is none', 400, chunked(chunks, 'zz\r\n')],
    ['a chunk longer than its size', 400, chunked(chunks, '2\r\n{}}\r\n0\r\n\r\n')],
    ['an expectation that is unknown', 417, withBody('Expect: a-miracle\r\nContent-Length: 2\r\n')],
    ['headers beyond what the parser reads', 431, withBody(`X-Pad: ${'x'.repeat(65_536)}\r\n`)],
    ['a target beyond it', 431, `GET /${'x'.repeat(65_536)} HTTP/1.1\r\n${host}\r\n`],
    ['a greeting of TLS', 400, '\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03'],
  ])('%s: %i', async (_, status, bytes) => {
    const answers = await sendBytes(server.url, bytes)

    expect(answers.map((answer) => answer.status)).toEqual([status])
    expect(answers[0]?.headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(answers[0]?.body ?? '')).toEqual({ message: STATUS_CODES[status] })
    expect(requests).toEqual([])
  })

  it.each([
    ['HTTP/1.0 without a Host', 'GET /a HTTP/1.0\r\n\r\n'],
    ['a Host with a port', post(`Host: [::1]:8080\r\n${close}`)],
    ['chunked in another case', chunked('Transfer-Encoding: Chunked\r\n')],
    ['a chunk extension and a trailer', chunked(chunks, '2;x=1\r\n{}\r\n0\r\nX-T: 1\r\n\r\n')],
    ['an upgrade that nobody offers', post(`${host}Connection: upgrade, close\r\nUpgrade: websocket\r\n`)],
  ])('%s is served', async (_, bytes) => {
    expect((await sendBytes(server.url, bytes)).map(({ status }) => status)).toEqual([201])
  })
})

describe('a form of request that Node does not serve by itself', () => {
  it('an absolute target is handed over in origin form, with its authority as the Host', async () => {
    await sendBytes(server.url, `GET HTTP://api.example:8080?x HTTP/1.1\r\n${host}${close}\r\n`)

    expect(requests).toMatchObject([{ target: '/?x' }])
    expect(requests[0]?.headers[0]).toEqual(['Host', 'api.example:8080'])
  })

  it.each(['FOO', 'get', 'CREATE-USER', 'CONNECT'])('the method %s is handed over like any other', async (method) => {
    const answers = await sendBytes(server.url, `${method} /a HTTP/1.1\r\n${host}\r\n`)

    expect(answers).toMatchObject([{ status: 201, body: '{"made":1}' }])
    expect(requests).toMatchObject([{ method, target: '/a' }])
  })
})

describe('bytes behind a request', () => {
  const first = post(`${host}Content-Length: 2\r\n`, '{}')

  it.each([
    ['malformed ones', '\0\x01garbage\r\n\r\n', [201, 400]],
    ['an unknown method', 'FOO /a HTTP/1.1\r\n\r\n', [201, 400]],
    ['a second request, then malformed ones', `${first}garbage\r\n`, [201, 201, 400]],
    ['a second request with a malformed body', post(`${host}${chunks}`, 'zz\r\n'), [201, 400]],
    ['CONNECT', `CONNECT local:80 HTTP/1.1\r\n${host}\r\n`, [201, 201]],
  ])('%s never take its own answer away', async (_, behind, statuses) => {
    const answers = await sendBytes(server.url, first + behind)

    expect(answers.map(({ status }) => status)).toEqual(statuses)
    expect(answers[0]?.body).toBe('{"made":1}')
  })

  it('behind a request that closes its connection they are not answered', async () => {
    const answers = await sendBytes(server.url, `${withBody('Content-Length: 2\r\n')}garbage\r\n`)

    expect(answers).toMatchObject([{ status: 201, body: '{"made":1}' }])
  })
})
