// Sends a request that is not what fetch would make of it: the target, the headers and their casing are the test's own.
import { connect } from 'node:net'

export type RawResponse = {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export async function sendRaw(
  url: string,
  request: {
    readonly method?: string
    readonly target: string
    readonly headers?: readonly string[]
    readonly body?: string
  },
): Promise<RawResponse> {
  const { method = 'GET', target, headers = [], body = '' } = request
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const head = [`${method} ${target} HTTP/1.1`, 'Host: local', 'Connection: close', ...length, ...headers].join('\r\n')
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end(`${head}\r\n\r\n${body}`)
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  return parseResponse(Buffer.concat(chunks).toString('utf8'))
}

/** Sends these bytes as they are, one for each character, and reads whatever comes until the server ends the connection. */
export async function sendBytes(url: string, bytes: string): Promise<RawResponse[]> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(bytes, 'latin1')
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  const answers = Buffer.concat(chunks)
    .toString('utf8')
    .split(/(?=HTTP\/1\.1 \d)/)
  return answers.filter((text) => text !== '').map(parseResponse)
}

function parseResponse(text: string): RawResponse {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
  })
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers), body: rest.join('\r\n\r\n') }
}
