// Single creations beside a job, one after another at a fixed rate, each until its answer is final.
import { setTimeout as sleep } from 'node:timers/promises'
import { createApp1Caller } from '../load/app1-caller.ts'
import { createUntilFinal, type CreationRecord } from '../load/creation.ts'
import { median } from '../measure.ts'

const everyMs = 200

export type Singles = {
  readonly asked: number
  /** With the first request. */
  readonly createdAtOnce: number
  readonly created: number
  /** Of those that were created at once. */
  readonly medianMs: number
  readonly usernames: readonly string[]
}

/** Asks from now on until `until` resolves, and then waits for the answers that are due. */
export async function createSingles(app1Url: string, prefix: string, until: Promise<unknown>): Promise<Singles> {
  const send = createApp1Caller(app1Url)
  const ended = new AbortController()
  const end = (): void => {
    ended.abort()
  }
  until.then(end, end)
  const underWay: Promise<CreationRecord & { readonly ms: number }>[] = []
  const create = async (index: number) => {
    const username = `${prefix}-${index}`
    const request = { username, password: `Single-password-${index}`, humanUserId: 'single', idempotencyKey: username }
    const startedAt = performance.now()
    const deps = { send, sleep, now: () => performance.now(), random: Math.random }
    const record = await createUntilFinal(request, deps, { hangUpAfterMs: undefined })
    return { ...record, ms: performance.now() - startedAt }
  }
  while (!ended.signal.aborted) {
    underWay.push(create(underWay.length))
    await sleep(everyMs)
  }
  const records = await Promise.all(underWay)
  const created = records.filter(({ verdict }) => verdict.kind === 'created')
  const atOnce = created.filter(({ requests }) => requests === 1)
  return {
    asked: records.length,
    createdAtOnce: atOnce.length,
    created: created.length,
    medianMs: median(atOnce.map(({ ms }) => ms)),
    usernames: records.map(({ username }) => username),
  }
}
