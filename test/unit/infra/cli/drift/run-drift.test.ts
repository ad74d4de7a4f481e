import { describe, expect, it } from 'vitest'
import { runDrift, type RunDriftDeps } from '#infra/cli/drift/run-drift.ts'
import type { PoolUser } from '#infra/cli/drift/drift.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { hour, provisioningIdOf } from './drift-pool.ts'

const stuck: PoolUser = {
  username: 'stuck',
  sub: 'sub-1',
  status: 'FORCE_CHANGE_PASSWORD',
  enabled: true,
  createdAt: 0,
  modifiedAt: 0,
  provisioningId: provisioningIdOf(1),
}

async function* each<T>(...items: T[]): AsyncGenerator<T, void, undefined> {
  for (const item of items) yield await Promise.resolve(item)
}

function depsOf(changes: Partial<RunDriftDeps['pool']> = {}): RunDriftDeps & { readonly ended: unknown[] } {
  const ended: unknown[] = []
  return {
    ended,
    pool: {
      estimate: () => Promise.reject(new Error('asked for an estimate that nobody sees')),
      memberPages: () => each<string[]>([]),
      users: () => each(stuck),
      isInGroup: () => Promise.resolve(false),
      read: () => Promise.resolve(stuck),
      remove: () => Promise.resolve(),
      ...changes,
    },
    report: {
      user: () => Promise.resolve(),
      secret: () => Promise.resolve(),
      repair: () => Promise.resolve(),
      end: (summary) => {
        ended.push(summary)
        return Promise.resolve()
      },
    },
    logger: recordingLogger(),
    now: () => 2 * hour,
    confirm: () => Promise.reject(new Error('was asked')),
  }
}

describe('a run of the drift report', () => {
  it('without a terminal asks for no estimate', async () => {
    const deps = depsOf()

    const summary = await runDrift({ olderThanMs: 0, repair: 'no' }, deps)

    expect(summary).toMatchObject({ usersSeen: 1, users: { drifted: 1, repairable: 1, left: 1 }, secrets: undefined })
    expect(deps.ended).toEqual([summary])
  })

  it('does not call a fault of its own a failure of AWS', async () => {
    const deps = depsOf({ isInGroup: () => Promise.reject(new TypeError('a fault of our own')) })

    await expect(runDrift({ olderThanMs: 0, repair: 'no' }, deps)).rejects.toThrow('a fault of our own')
    expect(deps.ended).toEqual([])
  })

  it('stops repairing at a fault of its own', async () => {
    const removed: string[] = []
    const deps = depsOf({
      users: () => each(stuck, { ...stuck, sub: 'sub-2' }),
      read: () => Promise.reject(new TypeError('a fault of our own')),
      remove: ({ sub }) => {
        removed.push(sub)
        return Promise.resolve()
      },
    })

    await expect(runDrift({ olderThanMs: 0, repair: 'without_asking' }, deps)).rejects.toThrow('a fault of our own')
    expect(removed).toEqual([])
  })
})
