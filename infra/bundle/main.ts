// `npm run bundle`: the functions' code as it is deployed, in dist/, and how large it is.
import { resolve } from 'node:path'
import { bundleFunctions } from './bundle.ts'

const startedAt = performance.now()
const bundles = await bundleFunctions({ outputFolder: resolve(import.meta.dirname, '../../dist') })
for (const { name, bytes } of bundles) {
  process.stdout.write(`${name.padEnd(24)} ${(bytes / 1000).toFixed(1).padStart(7)} kB\n`)
}
process.stdout.write(`in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`)
