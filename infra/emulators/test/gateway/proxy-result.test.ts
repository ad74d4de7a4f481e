import { describe, expect, it } from 'vitest'
import { toHttpReply, toRestReply } from '../../gateway/proxy-result.ts'

const malformed = (message: string): unknown => expect.objectContaining({ name: 'MalformedProxyResultError', message })
const notRest = malformed('the result is not that of a REST API proxy integration')
const notHttp = malformed('the result is not one of payload format 2.0')
const badHeader = malformed('a header of the result cannot be sent')
const json = ['content-type', 'application/json']

describe('toRestReply', () => {
  it.each([
    ['a status alone', { statusCode: 200 }],
    ['nulls', { statusCode: 200, headers: null, multiValueHeaders: null, body: null, isBase64Encoded: null }],
    [
      'what only frames the answer',
      { statusCode: 200, headers: { 'Transfer-Encoding': 'chunked', 'Keep-Alive': 'x' } },
    ],
  ])('%s is an empty answer of JSON', (_, result) => {
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

  it('a base64 body goes out undecoded: the API has no binary media types', () => {
    expect(toRestReply({ statusCode: 200, body: 'aGk=', isBase64Encoded: true }).body).toBe('aGk=')
  })

  it('the status 599 can be sent', () => {
    expect(toRestReply({ statusCode: 599 }).status).toBe(599)
  })

  it.each([
    ['null', null, notRest],
    ['text', 'text', notRest],
    ['no status', { body: '' }, notRest],
    ['a status that is text', { statusCode: '200' }, notRest],
    ['a status of 199', { statusCode: 199 }, notRest],
    ['a status of 600', { statusCode: 600 }, notRest],
    ['a status with a fraction', { statusCode: 200.5 }, notRest],
    ['an unknown field', { statusCode: 200, cookies: [] }, notRest],
    ['a body that is an object', { statusCode: 200, body: {} }, notRest],
    ['a header that is a list', { statusCode: 200, headers: { a: ['b'] } }, notRest],
    ['several values that are one text', { statusCode: 200, multiValueHeaders: { a: 'b' } }, notRest],
    ['a header with a line break', { statusCode: 200, headers: { 'x-a': 'a\r\nset-cookie: b' } }, badHeader],
    ['a header name with a space', { statusCode: 200, headers: { 'x a': 'b' } }, badHeader],
    ['an empty header name', { statusCode: 200, headers: { '': 'b' } }, badHeader],
  ])('%s is malformed', (_, result, error) => {
    expect(() => toRestReply(result)).toThrow(error)
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
    ['a status that is text', { statusCode: '200' }, notHttp],
    ['a status that is undefined', { statusCode: undefined }, notHttp],
    ['a body that is an object', { statusCode: 200, body: {} }, notHttp],
    ['cookies that are text', { statusCode: 200, cookies: 'a' }, notHttp],
    ['a cookie with a line break', { statusCode: 200, cookies: ['a\r\nb: c'] }, badHeader],
  ])('%s is malformed', (_, result, error) => {
    expect(() => toHttpReply(result)).toThrow(error)
  })
})
