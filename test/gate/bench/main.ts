// `npm run bench`: every benchmark, or those that are named; each prints a table and writes a JSON file.
import { parseArgs } from 'node:util'
import { benchColdLoad } from './cold-load.ts'
import { benchCreation } from './creation.ts'
import { benchDecision } from './decision.ts'
import { benchTokens } from './tokens.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' }, memory: { type: 'string' } },
})
const memorySizes = values.memory?.split(',').map(Number)

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  decision: benchDecision,
  creation: benchCreation,
  'cold-load': () => benchColdLoad({ ...(memorySizes && { memorySizes }) }),
  tokens: benchTokens,
}

const names = Object.keys(benchmarks)
const usage = `Usage: npm run bench -- [NAME...] [--memory MB,MB...]

All of them, or those that are named: ${names.join(', ')}. Each prints a table and writes
test/gate/bench/results/NAME.json; decision and tokens take two minutes each on a quiet machine, the others less than one.

--memory makes cold-load compare memory sizes of the functions, such as 256,512,1024,1769, in place of the functions.`

if (values.help === true) {
  console.log(usage)
} else if (positionals.some((name) => !Object.hasOwn(benchmarks, name))) {
  console.error(`There is no such benchmark.\n\n${usage}`)
  process.exitCode = 2
} else if (memorySizes?.some((memoryMb) => !(memoryMb >= 128))) {
  console.error(`A function has 128 MB or more.\n\n${usage}`)
  process.exitCode = 2
} else {
  for (const name of positionals.length > 0 ? positionals : names) await benchmarks[name]?.()
}
