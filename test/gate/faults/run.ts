// `npm run faults`: plays every fault alone and a sample of all pairs, and ends with 0 only if every promise held.
import { availableParallelism } from 'node:os'
import { runMain } from '#infra/local/terminal.ts'
import { allFaults } from './fault.ts'
import { openedCases, pairCases, sample, singleCases, unstruckCases } from './matrix.ts'
import { readOptions, usage, type Options } from './options.ts'
import { startPlayers, type Players } from './play-all.ts'
import { createReport, type Report } from './report.ts'
import { scenarioNames } from './scenario.ts'
import { formatCase, parseCase, type TestCase } from './test-case.ts'

type Calls = Readonly<Record<string, number>>

async function playMatrix(options: Options, players: Players, report: Report): Promise<boolean> {
  const calls = new Map<string, Calls>()
  const callsOf = (testCase: TestCase): Calls => calls.get(formatCase(testCase)) ?? {}
  const play = async (cases: readonly TestCase[]): Promise<void> => {
    report.expect(cases.length)
    await players.play(cases, (played) => {
      if ('calls' in played) calls.set(played.id, played.calls)
      report.add(played)
    })
  }

  const { scenarios: wanted = '' } = options
  const isWanted = ({ scenario }: TestCase): boolean => scenario.startsWith(wanted)
  const unstruck = unstruckCases.filter(isWanted)
  const opened = openedCases.filter(isWanted)
  await play(unstruck)
  const singles = singleCases(callsOf)
  await play([...singles, ...opened])
  const pairs = wanted === '' ? pairCases(callsOf) : []
  const chosen = options.all ? pairs : sample(pairs, { seed: options.seed, count: options.sample })
  await play(chosen)

  const counts = [
    `${unstruck.length} without a fault`,
    `${singles.length} with one`,
    `${opened.length} with one behind another that leads to it`,
    `${chosen.length} of the ${pairs.length} pairs (seed ${options.seed})`,
  ]
  const total = unstruck.length + singles.length + opened.length + chosen.length
  return report.finish(`${total} cases: ${counts.join(', ')}`)
}

async function playOne(id: string, players: Players, report: Report): Promise<boolean> {
  report.expect(1)
  const cases = [parseCase(id)].filter((testCase) => testCase !== undefined)
  await players.play(cases, (played) => {
    report.add(played)
    if (!('calls' in played)) return
    const calls = Object.entries(played.calls).map(([name, times]) => `${name} ×${times}`)
    console.log(`  it called ${calls.join(', ')}`)
  })
  return report.finish(`1 case: ${id}`)
}

await runMain(async () => {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) {
    console.log(usage)
    return
  }
  const report = createReport()
  const players = startPlayers(options.case === undefined ? Math.min(4, availableParallelism()) : 1)
  const startedAt = performance.now()
  try {
    if (options.case === undefined) {
      console.log(`Fault matrix: ${allFaults.length} faults, ${scenarioNames.length} scenarios`)
    }
    const isWell = await (options.case === undefined
      ? playMatrix(options, players, report)
      : playOne(options.case, players, report))
    console.log(`${Math.round((performance.now() - startedAt) / 1_000)} s`)
    process.exitCode = isWell ? 0 : 1
  } finally {
    await players.close()
  }
})
