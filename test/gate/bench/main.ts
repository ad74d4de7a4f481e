// `npm run bench`: every benchmark, or those that are named; each prints a table and writes a JSON file.
const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  creation: async () => (await import('./creation.ts')).benchCreation(),
  'cold-load': async () => (await import('./cold-load.ts')).benchColdLoad(),
}

const names = Object.keys(benchmarks)
const usage = `Usage: npm run bench -- [NAME...]

All of them, or those that are named: ${names.join(', ')}. Each prints a table and writes
test/gate/bench/results/NAME.json; each takes less than a minute on a quiet machine.`

const wanted = process.argv.slice(2)
if (wanted.includes('--help')) {
  console.log(usage)
} else if (wanted.some((name) => !Object.hasOwn(benchmarks, name))) {
  console.error(`There is no such benchmark.\n\n${usage}`)
  process.exitCode = 2
} else {
  for (const name of wanted.length > 0 ? wanted : names) await benchmarks[name]?.()
}
