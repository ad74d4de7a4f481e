import { describe, expect, it, vi } from 'vitest'
import { singleFlight } from '#shared/time/single-flight.ts'

describe('singleFlight', () => {
  it('all who ask while a call runs share it', async () => {
    const load = vi.fn(() => Promise.resolve('value'))
    const shared = singleFlight(load)

    const values = await Promise.all([shared(), shared(), shared()])

    expect(values).toEqual(['value', 'value', 'value'])
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('a later call starts anew, after a success and after a failure', async () => {
    const load = vi.fn<() => Promise<string>>()
    load.mockResolvedValueOnce('first').mockRejectedValueOnce(new Error('down')).mockResolvedValueOnce('third')
    const shared = singleFlight(load)

    expect(await shared()).toBe('first')
    await expect(shared()).rejects.toThrow('down')
    expect(await shared()).toBe('third')
  })
})
