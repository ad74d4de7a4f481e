// How many tokens App1 asks for in each mode, in an hour of simulated time with few creations and with many.
import { startLocalAws } from '../../../infra/emulators/aws/server.ts'
import { startPair } from '../../../infra/local/pair.ts'
import { machineAuthModes, type MachineAuth } from '../../../shared/machine/machine-auth.ts'
import { randomPassword } from '../../../shared/text/random-text.ts'
import { printTable, writeResult } from './report.ts'
import { createSimulatedClock } from './simulated-clock.ts'

const hourMs = 3_600_000
const counts = [100, 1_000] as const
/** Of the creations that the table is about. */
const perCreations = 10_000

/** What proves who App1 is, as local AWS's call log names it; `RevokeToken` ends the session behind a password's token. */
const tokenCalls = ['InitiateAuth', 'TokenEndpoint', 'GetClientToken', 'RevokeToken'] as const

type TokenCalls = Readonly<Record<(typeof tokenCalls)[number], number>>

type Hour = { readonly creations: number; readonly calls: TokenCalls; readonly requests: number }

export async function benchTokens(): Promise<void> {
  const results: { mode: MachineAuth; hours: readonly Hour[] }[] = []
  for (const mode of machineAuthModes) {
    const hours: Hour[] = []
    for (const creations of counts) hours.push(await playHour(mode, creations))
    results.push({ mode, hours })
  }
  printTable(
    'Token requests of one App1 instance in an hour of simulated time, creations evenly spread',
    [
      '',
      ...counts.map((count) => `${count.toLocaleString('en')} creations`),
      `per ${perCreations.toLocaleString('en')}`,
      'by',
    ],
    results.map(({ mode, hours }) => [
      mode,
      ...hours.map(({ requests }) => requests),
      perTenThousand(hours),
      usedCalls(hours.at(-1)),
    ]),
  )
  console.log(
    `\n  The count goes by time, not by creations: ${counts.join(' or ')} in the hour need the same. The column per ` +
      `${perCreations.toLocaleString('en')} takes it\n  for as many creations in one such hour, through one instance; it is measured at ` +
      `${counts.at(-1)?.toLocaleString('en')} and not at ${perCreations.toLocaleString('en')}.\n  Each further instance, and each further hour, ` +
      'asks as often again.',
  )
  writeResult('tokens', { simulatedMs: hourMs, results })
}

/** A pair of its own, asked `creations` times at even intervals; the set-up's own trials of what it made do not count. */
async function playHour(mode: MachineAuth, creations: number): Promise<Hour> {
  const clock = createSimulatedClock()
  const { now, startFunction } = clock
  const aws = await startLocalAws({ now })
  const pair = await startPair({ machineAuth: mode, awsEndpoint: aws.url, now, startFunction })
  try {
    const before = aws.calls.length
    for (let index = 0; index < creations; index += 1) {
      const response = await fetch(`${pair.app1Url}/create-service-user`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          username: `bench-${index}`,
          password: randomPassword().expose(),
          human_user_id: 'bench',
        }),
      })
      await response.body?.cancel()
      if (response.status !== 201) throw new Error(`a creation was answered with ${response.status}`)
      await clock.advance(hourMs / creations)
    }
    const made = aws.calls.slice(before)
    const count = (name: string): number => made.filter(({ operation }) => operation === name).length
    const calls = Object.fromEntries(tokenCalls.map((name) => [name, count(name)])) as TokenCalls
    return { creations, calls, requests: calls.InitiateAuth + calls.TokenEndpoint + calls.GetClientToken }
  } finally {
    await pair.close()
    await aws.close()
  }
}

/** The same count for any number of creations in the hour, as long as the measured ones agree. */
function perTenThousand(hours: readonly Hour[]): number | string {
  const different = [...new Set(hours.map(({ requests }) => requests))]
  return different.length === 1 ? (different[0] ?? 0) : 'grows'
}

function usedCalls(hour: Hour | undefined): string {
  const used = tokenCalls.filter((name) => (hour?.calls[name] ?? 0) > 0)
  return used.length === 0 ? 'no request' : used.map((name) => `${hour?.calls[name] ?? 0} ${name}`).join(', ')
}
