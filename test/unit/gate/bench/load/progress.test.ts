import { describe, expect, it } from 'vitest'
import { createProgress, type Progress } from '../../../../gate/bench/load/progress.ts'

function showing(options: { readonly isTTY?: boolean }): {
  readonly progress: Progress
  readonly written: string[]
  readonly clock: { now: number }
} {
  const clock = { now: 1_000 }
  const written: string[] = []
  const stream = { ...options, write: (text: string) => written.push(text) }
  return { progress: createProgress({ stream, now: () => clock.now }), written, clock }
}

describe('the progress of the load run', () => {
  it('is a bar on a terminal, redrawn in place at most ten times a second', () => {
    const { progress, written, clock } = showing({ isTTY: true })

    progress.show({ done: 0, count: 10_000, repeats: 0 })
    clock.now += 99
    progress.show({ done: 10, count: 10_000, repeats: 0 })
    clock.now += 1_901
    progress.show({ done: 2_500, count: 10_000, repeats: 1_200 })

    expect(written).toEqual([
      '\r\u001b[K[--------------------] 0 of 10,000 settled, 0 repeats, 0/s',
      '\r\u001b[K[#####---------------] 2,500 of 10,000 settled, 1,200 repeats, 1250/s',
    ])
  })

  it('is wiped from a terminal before other lines', () => {
    const { progress, written } = showing({ isTTY: true })

    progress.clear()

    expect(written).toEqual(['\r\u001b[K'])
  })

  it('is a plain line every five seconds elsewhere, without control characters', () => {
    const { progress, written, clock } = showing({})

    progress.show({ done: 1, count: 100, repeats: 0 })
    clock.now += 4_999
    progress.show({ done: 49, count: 100, repeats: 0 })
    clock.now += 1
    progress.show({ done: 50, count: 100, repeats: 2 })
    progress.clear()

    expect(written).toEqual(['50 of 100 settled, 2 repeats, 10/s\n'])
  })
})
