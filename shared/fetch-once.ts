// `fetch` as every function uses it: each request has a connection of its own, as a call that nobody repeats must have.

/**
 * For the reason that `unrepeatedCallOptions` have. RFC 9112, section 9.6: with this header neither side keeps the
 * connection. It belongs to no signature.
 *
 * A body goes as a stream: one that it still has, Node's `fetch` sends a second time by itself after a 421.
 */
export const fetchOnce: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('connection', 'close')
  const { body } = init ?? {}
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return fetch(input, { ...init, headers })
  const bytes = Buffer.from(body)
  headers.set('content-length', String(bytes.length))
  return fetch(input, { ...init, headers, body: new Blob([bytes]).stream(), duplex: 'half' })
}
