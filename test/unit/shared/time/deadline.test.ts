import { describe, expect, it } from 'vitest'
import { createDeadline, withinDeadline } from '#shared/time/deadline.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline, pastDeadline } from '#test/support/deadlines.ts'

describe('createDeadline', () => {
  it('counts down with the clock and never below zero', () => {
    const clock = manualClock()
    const deadline = createDeadline({ now: clock.now, budgetMs: 1000 })

    clock.advance(400)
    expect(deadline.remainingMs()).toBe(600)
    clock.advance(601)
    expect(deadline.remainingMs()).toBe(0)
  })

  it('a signal aborts at the deadline, or at the shorter time that is asked for', async () => {
    const deadline = createDeadline({ now: Date.now, budgetMs: 20_000 })

    const short = deadline.signal(1)
    await new Promise((resolve) => {
      short.addEventListener('abort', resolve)
    })

    expect((short.reason as Error).name).toBe('TimeoutError')
    expect(deadline.signal().aborted).toBe(false)
  })
})

describe('withinDeadline', () => {
  it('gives what the shared call gives, failures included', async () => {
    expect(await withinDeadline(Promise.resolve(1), farDeadline())).toBe(1)
    await expect(withinDeadline(Promise.reject(new Error('own')), farDeadline())).rejects.toThrow('own')
  })

  it('a waiter whose time is over leaves with upstream_timeout while the call goes on', async () => {
    const never = new Promise<never>(() => undefined)

    await expect(withinDeadline(never, pastDeadline())).rejects.toMatchObject({
      code: 'upstream_timeout',
      reason: 'deadline_while_waiting',
    })
  })

  it('a deadline of no length is over before it begins', async () => {
    const deadline = { ...farDeadline(), signal: () => AbortSignal.abort() }

    await expect(withinDeadline(new Promise(() => undefined), deadline)).rejects.toMatchObject({
      code: 'upstream_timeout',
    })
  })
})
