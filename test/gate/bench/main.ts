// `npm run bench`: every benchmark, or those that are named; each prints a table and writes a JSON file.
import { benchColdLoad } from './cold-load.ts'
import { benchCreation } from './creation.ts'
import { benchDecision } from './decision.ts'
import { benchTokens } from './tokens.ts'

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  decision: benchDecision,
  creation: benchCreation,
  'cold-load': benchColdLoad,
  tokens: benchTokens,
}

const names = Object.keys(benchmarks)
const usage = `Usage: npm run bench -- [NAME...]

All of them, or those that are named: ${names.join(', ')}. Each prints a table and writes
test/gate/bench/results/NAME.json; decision and tokens take two minutes each on a quiet machine, the others less than one.`

const wanted = process.argv.slice(2)
if (wanted.includes('--help')) {
  console.log(usage)
} else if (wanted.some((name) => !Object.hasOwn(benchmarks, name))) {
  console.error(`There is no such benchmark.\n\n${usage}`)
  process.exitCode = 2
} else {
  for (const name of wanted.length > 0 ? wanted : names) await benchmarks[name]?.()
}
