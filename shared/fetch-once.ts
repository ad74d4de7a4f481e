// `fetch` as every function uses it: each request has a connection of its own, as a call that nobody repeats must have.

/**
 * For the reason that `unrepeatedCallOptions` have. RFC 9112, section 9.6: with this header neither side keeps the
 * connection. It belongs to no signature.
 */
export const fetchOnce: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('connection', 'close')
  return fetch(input, { ...init, headers })
}
