// Waits for a call no longer than it may take; it never cancels the call, just as API Gateway cannot.

export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError'
}

/** What `call` settles to. Throws TimeLimitError once `timeoutMs` are over; the call goes on unobserved. */
export async function withinTimeLimit<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimeLimitError(`no answer within ${timeoutMs} ms`))
    }, timeoutMs)
  })
  try {
    return await Promise.race([call, expired])
  } finally {
    clearTimeout(timer)
  }
}
