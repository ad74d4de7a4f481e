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

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(benchmarks, name))
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}.`)
  process.exitCode = 2
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(benchmarks)) await benchmarks[name]?.()
}
