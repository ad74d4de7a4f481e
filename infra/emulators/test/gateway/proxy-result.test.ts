import { describe, expect, it } from 'vitest'
import { toHttpReply, toRestReply } from '../../gateway/proxy-result.ts'

const malformed = (message: string): unknown => expect.objectContaining({ name: 'MalformedProxyResultError', message })
const notRest = malformed('the result is not that of a REST API proxy integration')
const notHttp = malformed('the result is not one of payload format 2.0')
const badHeader = malformed('a header of the result cannot be sent')
const json = ['content-type', 'application/json']

describe('toRestReply', () => {
  it('a status alone is an empty answer of JSON', () => {
    expect(toRestReply({ statusCode: 204 })).toEqual({ status: 204, headers: [json], body: '' })
  })

  it('nulls count as absent', () => {
    const result = { statusCode: 200, headers: null, multiValueHeaders: null, body: null, isBase64Encoded: null }

    expect(toRestReply(result)).toEqual({ status: 200, headers: [json], body: '' })
  })

  it('header values become text, and several of a name win over one', () => {
    const result = {
      statusCode: 200,
      headers: { 'Content-Type': 'text/plain', 'X-Number': 1, 'X-Flag': true, 'x-both': 'lost' },
      multiValueHeaders: { 'X-Both': ['a', 2] },
      body: 'text',
    }

    expect(toRestReply(result)).toEqual({
      status: 200,
      headers: [
        ['Content-Type', 'text/plain'],
        ['X-Number', '1'],
        ['X-Flag', 'true'],
        ['X-Both', 'a'],
        ['X-Both', '2'],
      ],
      body: 'text',
    })
  })

  it.each([
    ['www-Authenticate', 'x-amzn-Remapped-WWW-Authenticate'],
    ['authorization', 'x-amzn-Remapped-Authorization'],
    ['Connection', 'x-amzn-Remapped-Connection'],
    ['Content-Length', 'x-amzn-Remapped-Content-Length'],
    ['content-md5', 'x-amzn-Remapped-Content-MD5'],
    ['Date', 'x-amzn-Remapped-Date'],
    ['Expect', 'x-amzn-Remapped-Expect'],
    ['Host', 'x-amzn-Remapped-Host'],
    ['Max-Forwards', 'x-amzn-Remapped-Max-Forwards'],
    ['Proxy-Authenticate', 'x-amzn-Remapped-Proxy-Authenticate'],
    ['Server', 'x-amzn-Remapped-Server'],
    ['Trailer', 'x-amzn-Remapped-Trailer'],
    ['Upgrade', 'x-amzn-Remapped-Upgrade'],
    ['User-Agent', 'x-amzn-Remapped-User-Agent'],
  ])('%s of the function leaves as %s: only the gateway can say that', (name, renamed) => {
    expect(toRestReply({ statusCode: 401, headers: { [name]: '1' } }).headers).toEqual([[renamed, '1'], json])
    expect(toRestReply({ statusCode: 401, multiValueHeaders: { [name]: ['1', '2'] } }).headers).toEqual([
      [renamed, '1'],
      [renamed, '2'],
      json,
    ])
  })

  it('what only frames the answer is dropped', () => {
    const headers = { 'Transfer-Encoding': 'chunked', 'Keep-Alive': 'x' }

    expect(toRestReply({ statusCode: 200, headers }).headers).toEqual([json])
  })

  it('a base64 body goes out undecoded: the API has no binary media types', () => {
    expect(toRestReply({ statusCode: 200, body: 'aGk=', isBase64Encoded: true }).body).toBe('aGk=')
  })

  it.each([200, 599])('the status %d can be sent', (statusCode) => {
    expect(toRestReply({ statusCode }).status).toBe(statusCode)
  })

  it.each([
    ['null', null],
    ['text', 'text'],
    ['no status', { body: '' }],
    ['a status that is text', { statusCode: '200' }],
    ['a status of 199', { statusCode: 199 }],
    ['a status of 600', { statusCode: 600 }],
    ['a status with a fraction', { statusCode: 200.5 }],
    ['an unknown field', { statusCode: 200, cookies: [] }],
    ['a body that is an object', { statusCode: 200, body: {} }],
    ['a header that is a list', { statusCode: 200, headers: { a: ['b'] } }],
    ['several values that are one text', { statusCode: 200, multiValueHeaders: { a: 'b' } }],
  ])('%s is malformed', (_, result) => {
    expect(() => toRestReply(result)).toThrow(notRest)
  })

  it.each([
    ['a line break', { 'x-a': 'a\r\nset-cookie: b' }],
    ['a name with a space', { 'x a': 'b' }],
    ['an empty name', { '': 'b' }],
  ])('a header with %s is malformed', (_, headers) => {
    expect(() => toRestReply({ statusCode: 200, headers })).toThrow(badHeader)
  })
})

describe('toHttpReply', () => {
  it.each([
    ['text', 'hello', 'hello'],
    ['an object', { message: 'hello' }, '{"message":"hello"}'],
    ['null', null, 'null'],
    ['a list', [1], '[1]'],
  ])('%s without a status is the body of a 200', (_, result, body) => {
    expect(toHttpReply(result)).toEqual({ status: 200, headers: [json], body })
  })

  it('a result with a status is sent as it says, unknown fields ignored', () => {
    const result = { statusCode: 201, headers: { 'X-One': 1 }, cookies: ['a=1', 'b=2'], body: 'é', extra: 1 }

    expect(toHttpReply(result)).toEqual({
      status: 201,
      headers: [
        ['X-One', '1'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['content-type', 'text/plain;charset=utf-8'],
      ],
      body: Buffer.from('é'),
    })
  })

  it('a base64 body is decoded, and no body is empty', () => {
    expect(toHttpReply({ statusCode: 200, body: '/wA=', isBase64Encoded: true }).body).toEqual(Buffer.from([0xff, 0]))
    expect(toHttpReply({ statusCode: 200 }).body).toEqual(Buffer.alloc(0))
  })

  it('a challenge of the function goes out as it is, and what belongs to the gateway does not', () => {
    const headers = { 'www-authenticate': 'Bearer', Connection: 'x', 'Content-Length': 9, Date: 'x', Upgrade: 'x' }

    expect(toHttpReply({ statusCode: 401, headers: { ...headers, 'content-type': 'x' } }).headers).toEqual([
      ['www-authenticate', 'Bearer'],
      ['content-type', 'x'],
    ])
  })

  it.each([
    ['a status that is text', { statusCode: '200' }],
    ['a status that is undefined', { statusCode: undefined }],
    ['a body that is an object', { statusCode: 200, body: {} }],
    ['cookies that are text', { statusCode: 200, cookies: 'a' }],
  ])('%s is malformed', (_, result) => {
    expect(() => toHttpReply(result)).toThrow(notHttp)
  })

  it('a cookie with a line break is malformed', () => {
    expect(() => toHttpReply({ statusCode: 200, cookies: ['a\r\nb: c'] })).toThrow(badHeader)
  })
})
