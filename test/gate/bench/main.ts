// `npm run bench`: every benchmark, or those that are named; each prints a table and writes a JSON file.
import { parseArgs } from 'node:util'
import { UsageError } from '../../../infra/cli/command-line.ts'
import { runMain } from '../../../infra/local/terminal.ts'
import { benchColdLoad } from './cold-load.ts'
import { benchCreation } from './creation.ts'
import { benchDecision } from './decision.ts'

const benchmarks: Readonly<Record<string, (options: { readonly memorySizes?: readonly number[] }) => Promise<void>>> = {
  decision: benchDecision,
  creation: benchCreation,
  'cold-load': benchColdLoad,
}

const names = Object.keys(benchmarks)
const usage = `Usage: npm run bench -- [NAME...] [--memory MB,MB...]

All of them, or those that are named: ${names.join(', ')}. Each prints a table and writes
test/gate/bench/results/NAME.json; decision takes two minutes on a quiet machine, the others about one.

--memory has cold-load compare memory sizes of the functions, such as 256,512,1024,1769, and what they cost.`

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, memory: { type: 'string' } },
  })
  if (values.help === true) {
    console.log(usage)
    return
  }
  if (positionals.some((name) => !Object.hasOwn(benchmarks, name))) {
    throw new UsageError(`There is no such benchmark.\n\n${usage}`)
  }
  const memorySizes = values.memory?.split(',').map(Number)
  if (memorySizes?.some((memoryMb) => !(memoryMb >= 128))) throw new UsageError('A function has 128 MB or more.')
  for (const name of positionals.length > 0 ? positionals : names) {
    await benchmarks[name]?.({ ...(memorySizes && { memorySizes }) })
  }
})
