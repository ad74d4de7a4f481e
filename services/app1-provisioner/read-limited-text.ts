// Reads a response's text up to a size; it never buffers more than that, whatever the other side sends.

export class ResponseTooLargeError extends Error {
  override readonly name = 'ResponseTooLargeError'
}

/** The body as UTF-8 text. Throws ResponseTooLargeError, and ends the transfer, as soon as it passes `limitBytes`. */
export async function readLimitedText(response: Response, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limitBytes) throw new ResponseTooLargeError()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
