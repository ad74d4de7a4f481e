import { describe, expect, it } from 'vitest'
import { readLimitedText, ResponseTooLargeError } from '../../../../services/app1-provisioner/read-limited-text.ts'

describe('readLimitedText', () => {
  it('reads up to the limit, and not a byte more', async () => {
    expect(await readLimitedText(new Response('é'.repeat(5)), 10)).toBe('ééééé')
    await expect(readLimitedText(new Response('é'.repeat(5)), 9)).rejects.toBeInstanceOf(ResponseTooLargeError)
  })

  it('reads a response without a body as empty', async () => {
    expect(await readLimitedText(new Response(null, { status: 204 }), 0)).toBe('')
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

    await expect(readLimitedText(new Response(endless), 5000)).rejects.toBeInstanceOf(ResponseTooLargeError)
    expect(cancelled).toBe(true)
  })
})
