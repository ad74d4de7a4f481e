// One whole creation with 20 ms added to every AWS call: how many calls stand one after another, cold and warm.
import { startLocalAws } from '../../../infra/emulators/aws/server.ts'
import { startPair } from '../../../infra/local/pair.ts'
import { randomPassword } from '../../../shared/text/random-text.ts'
import { median } from './measure.ts'
import { printTable, writeResult } from './report.ts'

const latencyMs = 20
const warmCreations = 20

type Creation = { readonly ms: number; readonly calls: readonly string[] }

export async function benchCreation(): Promise<void> {
  const aws = await startLocalAws({ latencyMs })
  const pair = await startPair({ awsEndpoint: aws.url })
  try {
    const create = async (username: string): Promise<Creation> => {
      const before = aws.calls.length
      const startedAt = performance.now()
      const response = await fetch(`${pair.app1Url}/create-service-user`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password: randomPassword().expose(), human_user_id: 'bench' }),
      })
      const ms = performance.now() - startedAt
      if (response.status !== 201) throw new Error(`a creation was answered with ${response.status}`)
      return { ms, calls: aws.calls.slice(before).map(({ operation }) => operation) }
    }
    const cold = await create('bench-cold')
    const warm: Creation[] = []
    for (let index = 0; index < warmCreations; index += 1) warm.push(await create(`bench-warm-${index}`))
    report(cold, warm)
  } finally {
    await pair.close()
    await aws.close()
  }
}

function report(cold: Creation, warm: readonly Creation[]): void {
  const warmMs = median(warm.map(({ ms }) => ms))
  const warmCalls = warm[0]?.calls ?? []
  const row = (name: string, ms: number, calls: readonly string[]): (string | number)[] => [
    name,
    calls.length,
    ms.toFixed(0),
    (ms / (calls.length * latencyMs)).toFixed(2),
  ]
  printTable(
    `One creation with ${latencyMs} ms added to every AWS call`,
    ['', 'AWS calls', 'ms', 'ms / (calls × 20 ms)'],
    [
      row('cold: first request of every function', cold.ms, cold.calls),
      row(`warm: median of ${warmCreations}`, warmMs, warmCalls),
    ],
  )
  console.log(`\n  cold: ${cold.calls.join(', ')}\n  warm: ${warmCalls.join(', ')}`)
  const overFive = warmMs / (5 * latencyMs)
  console.log(`\n  warm: ${overFive.toFixed(2)} × (5 × ${latencyMs} ms)`)
  writeResult('creation', { latencyMs, cold, warm: { ms: warmMs, calls: warmCalls }, warmOverFiveCalls: overFive })
}
