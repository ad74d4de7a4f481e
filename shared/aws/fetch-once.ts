// `fetch` as every function uses it: each request has a connection of its own, as a call that nobody repeats must have.

/**
 * For the reason that `unrepeatedCallOptions` have. RFC 9112, section 9.6: with this header neither side keeps the
 * connection. It belongs to no signature. For requests without a body.
 */
export const fetchOnce: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('connection', 'close')
  return fetch(input, { ...init, headers })
}

/** The same with a body, as a stream: one that it still has, Node's `fetch` sends a second time by itself after a 421. */
export const sendOnce: typeof fetch = (input, init) => {
  const body = init?.body
  if (typeof body !== 'string' && !(body instanceof Buffer)) return fetchOnce(input, init)
  const whole = new Blob([body])
  const headers = new Headers(init?.headers)
  headers.set('content-length', String(whole.size))
  return fetchOnce(input, { ...init, headers, body: whole.stream(), duplex: 'half' })
}
