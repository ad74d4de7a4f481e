// Shares cases out among threads and gathers what became of each; it judges nothing.
import { Worker } from 'node:worker_threads'
import { formatCase, type TestCase } from './test-case.ts'
import type { Played } from './worker.ts'

export type Players = {
  /** Plays `cases`, in no particular order. */
  play(cases: readonly TestCase[], onPlayed: (played: Played) => void): Promise<void>
  close(): Promise<void>
}

/** Most of a case is waiting for a time-out, so a thread plays several at once. */
const casesAtOnce = 8

/** Longer than any case takes, were it to wait for everything that it can wait for. */
const patienceMs = 60_000

type Thread = { play(id: string): Promise<Played>; close(): Promise<unknown> }

export function startPlayers(threads: number): Players {
  const started = Array.from({ length: threads }, startThread)
  const seats = started.flatMap((thread) => Array.from({ length: casesAtOnce }, () => thread))
  return {
    async play(cases, onPlayed) {
      const waiting = cases.map(formatCase)
      const work = async (thread: Thread): Promise<void> => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) onPlayed(await thread.play(id))
      }
      await Promise.all(seats.map(work))
    },
    close: async () => {
      await Promise.all(started.map((thread) => thread.close()))
    },
  }
}

function startThread(): Thread {
  const worker = new Worker(new URL('worker.ts', import.meta.url))
  const underWay = new Map<string, (played: Played) => void>()
  worker.on('message', (played: Played) => underWay.get(played.id)?.(played))
  worker.on('error', () => {
    for (const [id, settle] of underWay) settle({ id, broken: 'its thread died' })
  })
  return {
    play: (id) =>
      new Promise((resolve) => {
        const settle = (played: Played): void => {
          clearTimeout(timer)
          underWay.delete(id)
          resolve(played)
        }
        const timer = setTimeout(() => {
          settle({ id, broken: `did not end within ${patienceMs / 1_000} s` })
        }, patienceMs)
        underWay.set(id, settle)
        worker.postMessage(id)
      }),
    close: () => worker.terminate(),
  }
}
