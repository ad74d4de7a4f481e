import { describe, expect, it } from 'vitest'
import { readLimited, ResponseTooLargeError } from '#shared/client/read-limited.ts'

describe('readLimited', () => {
  it('reads up to the limit, and not a byte more', async () => {
    expect((await readLimited(new Response('é'.repeat(5)), 10)).toString()).toBe('ééééé')
    await expect(readLimited(new Response('é'.repeat(5)), 9)).rejects.toBeInstanceOf(ResponseTooLargeError)
  })

  it('reads a response without a body as empty', async () => {
    expect(await readLimited(new Response(null, { status: 204 }), 0)).toHaveLength(0)
  })

  it('stops an endless response', async () => {
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1000))
      },
      cancel: () => {
        cancelled = true
      },
    })

    await expect(readLimited(new Response(endless), 5000)).rejects.toBeInstanceOf(ResponseTooLargeError)
    expect(cancelled).toBe(true)
  })
})
