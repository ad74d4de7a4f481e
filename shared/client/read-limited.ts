// Reads a response's body up to a size; it never buffers more than that, whatever the other side sends.

export class ResponseTooLargeError extends Error {
  override readonly name = 'ResponseTooLargeError'
}

/** The body. Throws ResponseTooLargeError, and ends the transfer, as soon as it passes `limitBytes`. */
export async function readLimited(response: Response, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limitBytes) throw new ResponseTooLargeError()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
