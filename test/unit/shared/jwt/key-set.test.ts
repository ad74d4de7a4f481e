import { describe, expect, it } from 'vitest'
import { KeySetError } from '#shared/jwt/key-set-error.ts'
import { createKeySet } from '#shared/jwt/key-set.ts'
import { manualClock } from '#test/support/clock.ts'
import { recordingLogger } from '#test/support/logger.ts'

const minutes = 60_000
const hours = 60 * minutes

const reachable = (): Promise<{ keys: [] }> => Promise.resolve({ keys: [] })
const unreachable = (): Promise<never> => Promise.reject(new KeySetError('jwks_unreachable'))

function scene() {
  const clock = manualClock()
  const logger = recordingLogger()
  let behaviour: () => Promise<{ keys: [] }> = reachable
  const patience: string[] = []
  let installs = 0
  const keys = createKeySet({
    fetchJwks: (given) => {
      patience.push(given)
      return behaviour()
    },
    install: () => {
      installs += 1
    },
    now: clock.now,
    logger,
  })
  return {
    keys,
    clock,
    /** How the JWKS's address behaves from now on. */
    behave: (next: () => Promise<{ keys: [] }>) => {
      behaviour = next
    },
    fetches: () => patience.length,
    /** How patiently each fetch was made. */
    patience,
    installs: () => installs,
    lines: logger.lines,
  }
}

async function filledScene() {
  const filled = scene()
  await filled.keys.refresh()
  return filled
}

describe('an empty key set', () => {
  it('is not fresh, and fetches at the first refresh', async () => {
    const { keys, fetches, installs } = scene()

    expect(keys.isFresh()).toBe(false)
    expect(fetches()).toBe(0)
    await keys.refresh()
    expect(keys.isFresh()).toBe(true)
    expect([fetches(), installs()]).toEqual([1, 1])
  })

  it('throws while the JWKS is out of reach, and tries again for each request without a back-off', async () => {
    const { keys, behave, fetches } = scene()
    behave(unreachable)

    await expect(keys.refresh()).rejects.toMatchObject({ name: 'KeySetError', reason: 'jwks_unreachable' })
    await expect(keys.refresh()).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    behave(reachable)
    await keys.refresh()

    expect(keys.isFresh()).toBe(true)
    expect(fetches()).toBe(3)
  })

  it('shares one fetch among all who wait', async () => {
    const { keys, fetches } = scene()

    await Promise.all(Array.from({ length: 50 }, () => keys.refresh()))

    expect(fetches()).toBe(1)
  })
})

describe('the patience of a fetch', () => {
  it('is long while there are no keys that serve, and short while there are', async () => {
    const { keys, clock, behave, patience } = scene()
    behave(unreachable)
    await expect(keys.refresh()).rejects.toThrow()
    clock.advance(30_000)
    behave(reachable)
    await keys.refresh()
    clock.advance(6 * hours)
    behave(unreachable)
    await keys.refresh()
    clock.advance(30_000)
    await expect(keys.refresh()).rejects.toThrow()

    expect(patience).toEqual(['long', 'long', 'short', 'long'])
  })

  it('is short within 30 seconds of a failure, so that an outage does not hold every instance for long', async () => {
    const { keys, clock, behave, patience } = scene()
    behave(unreachable)
    await expect(keys.refresh()).rejects.toThrow()
    clock.advance(29_999)
    await expect(keys.refresh()).rejects.toThrow()
    clock.advance(30_000)
    await expect(keys.refresh()).rejects.toThrow()

    expect(patience).toEqual(['long', 'short', 'long'])
  })

  it('is short for an unknown key, since the keys in hand serve all others', async () => {
    const { keys, clock, patience } = await filledScene()
    clock.advance(10_000)

    await keys.refetchForUnknownKey()

    expect(patience).toEqual(['long', 'short'])
  })
})

describe('keys in hand', () => {
  it('are fresh for 15 minutes', async () => {
    const { keys, clock } = await filledScene()

    clock.advance(15 * minutes)
    expect(keys.isFresh()).toBe(true)
    clock.advance(1)
    expect(keys.isFresh()).toBe(false)
  })

  it('count their age from the start of the fetch', async () => {
    const { keys, clock, behave } = scene()
    behave(() => {
      clock.advance(1_000)
      return reachable()
    })

    await keys.refresh()
    clock.advance(15 * minutes - 1_000)
    expect(keys.isFresh()).toBe(true)
    clock.advance(1)

    expect(keys.isFresh()).toBe(false)
  })

  it('are replaced by a refresh when stale', async () => {
    const { keys, clock, fetches, installs } = await filledScene()
    clock.advance(15 * minutes + 1)

    await keys.refresh()

    expect(keys.isFresh()).toBe(true)
    expect([fetches(), installs()]).toEqual([2, 2])
  })

  it('serve for 6 hours while the JWKS is out of reach, with an attempt every 30 seconds', async () => {
    const { keys, clock, behave, fetches, installs, lines } = await filledScene()
    behave(unreachable)
    clock.advance(15 * minutes + 1)

    await keys.refresh()
    expect(fetches()).toBe(2)
    clock.advance(29_999)
    await keys.refresh()
    expect(fetches()).toBe(2)
    clock.advance(1)
    await keys.refresh()

    expect(fetches()).toBe(3)
    expect(installs()).toBe(1)
    expect(lines).toEqual([
      { level: 'warn', message: 'The JWKS could not be fetched', reason: 'jwks_unreachable' },
      { level: 'warn', message: 'The JWKS could not be fetched', reason: 'jwks_unreachable' },
    ])
  })

  it('serve at 6 hours and not a millisecond longer', async () => {
    const { keys, clock, behave } = await filledScene()
    behave(unreachable)

    clock.advance(6 * hours)
    await keys.refresh()
    clock.advance(1)

    await expect(keys.refresh()).rejects.toMatchObject({ reason: 'jwks_unreachable' })
  })

  it('recover as soon as the JWKS is back after the back-off', async () => {
    const { keys, clock, behave } = await filledScene()
    behave(unreachable)
    clock.advance(16 * minutes)
    await keys.refresh()

    behave(reachable)
    clock.advance(30_000)
    await keys.refresh()

    expect(keys.isFresh()).toBe(true)
  })

  it('a failure of another kind is logged without its text', async () => {
    const { keys, behave, lines } = scene()
    behave(() => Promise.reject(new Error('canary')))

    await expect(keys.refresh()).rejects.toThrow('canary')

    expect(lines).toEqual([{ level: 'warn', message: 'The JWKS could not be fetched', reason: 'unexpected' }])
  })
})

describe('an unknown key', () => {
  it('is looked up again once the last fetch is 10 seconds old', async () => {
    const { keys, clock, fetches } = await filledScene()

    clock.advance(9_999)
    expect(await keys.refetchForUnknownKey()).toBe(false)
    expect(fetches()).toBe(1)
    clock.advance(1)
    expect(await keys.refetchForUnknownKey()).toBe(true)
    expect(await keys.refetchForUnknownKey()).toBe(false)

    expect(fetches()).toBe(2)
  })

  it('ten thousand of them, arriving over 50 seconds, cause five fetches', async () => {
    const { keys, clock, fetches } = await filledScene()

    for (let i = 0; i < 10_000; i += 1) {
      clock.advance(5)
      await keys.refetchForUnknownKey()
    }

    expect(fetches()).toBe(1 + 5)
  })

  it('joins a fetch that is under way, whatever the penalty', async () => {
    const { keys, clock, behave, fetches } = await filledScene()
    clock.advance(10_000)
    let finish: (() => void) | undefined
    behave(
      () =>
        new Promise((resolve) => {
          finish = () => {
            resolve({ keys: [] })
          }
        }),
    )

    const first = keys.refetchForUnknownKey()
    const second = keys.refetchForUnknownKey()
    finish?.()

    expect(await Promise.all([first, second])).toEqual([true, true])
    expect(fetches()).toBe(2)
  })

  it('throws when the look-up fails, and for ten seconds after it without another one', async () => {
    const { keys, clock, behave, fetches } = await filledScene()
    clock.advance(10_000)
    behave(unreachable)

    await expect(keys.refetchForUnknownKey()).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    clock.advance(9_999)
    await expect(keys.refetchForUnknownKey()).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    expect(fetches()).toBe(2)
    clock.advance(1)
    await expect(keys.refetchForUnknownKey()).rejects.toMatchObject({ reason: 'jwks_unreachable' })

    expect(fetches()).toBe(3)
    expect(keys.isFresh()).toBe(true)
  })

  it('is not known right after a fetch that came after a failed one, be it in the same instant', async () => {
    const { keys, behave, fetches } = scene()
    behave(unreachable)
    await expect(keys.refresh()).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    behave(reachable)
    await keys.refresh()

    expect(await keys.refetchForUnknownKey()).toBe(false)
    expect(fetches()).toBe(2)
  })

  it('is not known once a look-up has succeeded since one that failed', async () => {
    const { keys, clock, behave, fetches } = await filledScene()
    clock.advance(10_000)
    behave(unreachable)
    await expect(keys.refetchForUnknownKey()).rejects.toMatchObject({ reason: 'jwks_unreachable' })
    behave(() => Promise.resolve({ keys: [] }))
    clock.advance(10_000)

    expect(await keys.refetchForUnknownKey()).toBe(true)
    clock.advance(9_999)
    expect(await keys.refetchForUnknownKey()).toBe(false)

    expect(fetches()).toBe(3)
  })
})

describe('a clock that was set back', () => {
  it('makes the keys stale, since nobody knows their age any more', async () => {
    const { keys, clock, fetches } = await filledScene()

    clock.advance(-1)

    expect(keys.isFresh()).toBe(false)
    await keys.refresh()
    expect(keys.isFresh()).toBe(true)
    expect(fetches()).toBe(2)
  })

  it('does not let them serve while the JWKS is out of reach', async () => {
    const { keys, clock, behave } = await filledScene()
    behave(unreachable)

    clock.advance(-2 * hours)

    await expect(keys.refresh()).rejects.toMatchObject({ reason: 'jwks_unreachable' })
  })

  it('does not make the back-off after a failure last until it has caught up', async () => {
    const { keys, clock, behave, fetches } = await filledScene()
    clock.advance(1 * hours)
    behave(unreachable)
    await keys.refresh()
    expect(fetches()).toBe(2)

    clock.advance(-30 * minutes)
    behave(reachable)
    await keys.refresh()

    expect(fetches()).toBe(3)
    expect(keys.isFresh()).toBe(true)
  })

  it('does not make the wait for an unknown key last until it has caught up', async () => {
    const { keys, clock, fetches } = await filledScene()

    clock.advance(-1 * hours)

    expect(await keys.refetchForUnknownKey()).toBe(true)
    expect(await keys.refetchForUnknownKey()).toBe(false)
    expect(fetches()).toBe(2)
  })
})

describe('the request in which the JWKS could not be fetched', () => {
  it('stands in the log line: the first of those who waited', async () => {
    const { keys, behave, lines } = scene()
    behave(unreachable)

    await Promise.allSettled([keys.refresh('request-1'), keys.refresh('request-2')])

    expect(lines).toMatchObject([{ message: 'The JWKS could not be fetched', request_id: 'request-1' }])
  })

  it('stands there for an unknown key as well', async () => {
    const { keys, clock, behave, lines } = await filledScene()
    clock.advance(10_000)
    behave(unreachable)

    await expect(keys.refetchForUnknownKey('request-3')).rejects.toThrow()

    expect(lines).toMatchObject([{ request_id: 'request-3' }])
  })
})

describe('keys that are fetched before anybody needs them', () => {
  it('serve as any others, by one short try', async () => {
    const { keys, patience, installs, clock } = scene()

    await keys.prefetch()

    expect([patience, installs()]).toEqual([['short'], 1])
    expect(keys.isFresh()).toBe(true)
    clock.advance(15 * minutes + 1)
    expect(keys.isFresh()).toBe(false)
  })

  it('and cannot be had leave no trace: no line, and the first request waits as long as ever', async () => {
    const { keys, behave, patience, lines } = scene()
    behave(unreachable)

    await keys.prefetch()
    behave(reachable)
    await keys.refresh()

    expect(patience).toEqual(['short', 'long'])
    expect(lines).toEqual([])
  })
})
