// One HTTPS request on a connection of its own, as a call that nobody repeats must have; it never sends a second time.
import { Agent, request as requestHttps } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

export type OutgoingRequest = {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** With one it is a POST, without a GET. */
  readonly body?: Uint8Array
  readonly signal: AbortSignal
}

/** `body` is UTF-8, malformed parts of it as U+FFFD. */
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }

/**
 * The answer, whatever its status. Throws RefusedAnswerError past 64 KiB and for a 3xx, the signal's reason
 * when it aborts, and else what Node says of the connection.
 *
 * Not `fetch`: the first one of a process costs four times as much as the first `https.request`, and it repeats a request
 * by itself after a 421. No connection is kept, for the reason that `unrepeatedCallOptions` have; the TLS session is, so
 * that the next connection takes one round trip less.
 */
export type SendOnce = (request: OutgoingRequest) => Promise<Answer>

/** A redirect would carry what was sent to an address that nobody configured; a large answer would fill the memory. */
export class RefusedAnswerError extends Error {
  readonly reason: 'answer_too_large' | 'redirect'

  constructor(reason: RefusedAnswerError['reason']) {
    super(reason)
    this.reason = reason
  }
}

const longestAnswerBytes = 65_536

const agent = new Agent({ keepAlive: false })

export const sendOnce: SendOnce = async ({ url, headers, body, signal }) => {
  // Loopback alone: the configuration refuses http elsewhere.
  const request = url.protocol === 'http:' ? process.getBuiltinModule('node:http').request : requestHttps
  const options = {
    method: body && 'POST',
    headers,
    // Neither keeps a connection, and Node says so to the other side; its own agent for http would keep one.
    agent: request === requestHttps ? agent : false,
    signal,
  }
  try {
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(url, options, resolve).on('error', reject)
      // Also without an answer and without an error: after a 101, which nobody asked for.
      outgoing.on('close', () => {
        reject(new Error('no answer'))
      })
      outgoing.end(body)
    })
    return await readAnswer(incoming)
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = incoming
  if (status >= 300 && status < 400) {
    incoming.destroy()
    throw new RefusedAnswerError('redirect')
  }
  const chunks: Buffer[] = []
  let size = 0
  // Left early, the loop ends the connection.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > longestAnswerBytes) throw new RefusedAnswerError('answer_too_large')
    chunks.push(chunk)
  }
  return { status, headers, body: Buffer.concat(chunks).toString('utf8') }
}
