import { describe, expect, it } from 'vitest'
import { createQueue } from '#shared/time/queue.ts'

describe('a queue', () => {
  it('begins a task when the one before it has ended, however it ended', async () => {
    const queue = createQueue()
    const seen: string[] = []
    const task = (name: string, failure?: Error) => async (): Promise<string> => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
      if (failure) throw failure
      return name
    }

    const results = await Promise.allSettled([
      queue(task('a', new Error('canary'))),
      queue(task('b')),
      queue(task('c')),
    ])

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })
})
