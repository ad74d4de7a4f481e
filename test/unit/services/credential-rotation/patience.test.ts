import { describe, expect, it } from 'vitest'
import { lookUntil } from '#services/credential-rotation/steps/rotation-step.ts'

/** Looks in vain, or until the clock says so; a look takes `lookTakesMs`. */
async function waitWith(options: {
  readonly remainingMs: number
  readonly atMostMs?: number
  readonly seenAfterMs?: number
  readonly lookTakesMs?: number
}) {
  const { remainingMs, atMostMs, seenAfterMs = Infinity, lookTakesMs = 0 } = options
  const pauses: number[] = []
  let now = 0
  let looks = 0
  const look = (): Promise<boolean> => {
    looks += 1
    now += lookTakesMs
    return Promise.resolve(now >= seenAfterMs)
  }
  const sleep = (ms: number): Promise<unknown> => {
    now += ms
    return Promise.resolve(pauses.push(ms))
  }
  const waiting = { sleep, remainingMs: () => remainingMs - now }
  const seen = await lookUntil(look, Boolean, waiting, ...(atMostMs === undefined ? [] : [atMostMs]))
  return { seen, pauses, looks }
}

describe('lookUntil', () => {
  it('pauses ever longer, up to two seconds, and stops when it sees what it waits for', async () => {
    expect(await waitWith({ remainingMs: 60_000, seenAfterMs: 6_000 })).toEqual({
      seen: true,
      pauses: [100, 200, 400, 800, 1_600, 2_000, 2_000],
      looks: 8,
    })
  })

  it('keeps a second of the function’s time free, also where its looks take time', async () => {
    expect(await waitWith({ remainingMs: 4_100 })).toMatchObject({ seen: false, pauses: [100, 200, 400, 800, 1_600] })
    expect(await waitWith({ remainingMs: 4_099 })).toMatchObject({ seen: false, pauses: [100, 200, 400, 800] })
    expect(await waitWith({ remainingMs: 4_100, lookTakesMs: 500 })).toMatchObject({ pauses: [100, 200, 400] })
  })

  it('pauses no longer than it may, however much time there is', async () => {
    expect(await waitWith({ remainingMs: 60_000, atMostMs: 700 })).toMatchObject({ pauses: [100, 200, 400] })
    expect(await waitWith({ remainingMs: 60_000, atMostMs: 699 })).toMatchObject({ pauses: [100, 200] })
  })

  it('looks once where there is no time left', async () => {
    expect(await waitWith({ remainingMs: 0 })).toEqual({ seen: false, pauses: [], looks: 1 })
  })
})
