// `npm run bundle`: the functions' code as it is deployed, in dist/, and how large it is.
import { resolve } from 'node:path'
import { helpOption, readArgs } from '../../cli/command-line.ts'
import { runMain } from '../../local/terminal.ts'
import { bundleFunctions } from './bundle.ts'

const usage =
  'Usage: npm run bundle\n\nWrites the functions as they are deployed into dist/, and says how large each is.\n'

async function main(): Promise<void> {
  if (readArgs({ options: helpOption }).help) {
    process.stdout.write(usage)
    return
  }
  const startedAt = performance.now()
  const bundles = await bundleFunctions({ outputFolder: resolve(import.meta.dirname, '../../../dist') })
  for (const { name, bytes } of bundles) {
    process.stdout.write(`${name.padEnd(28)} ${(bytes / 1000).toFixed(1).padStart(7)} kB\n`)
  }
  process.stdout.write(`in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`)
}

await runMain(main)
