// Loaded into the framework before it packages a variant: the functions' code is copied from another one, not bundled again.
import { registerHooks } from 'node:module'

// The code does not depend on a parameter: bundleFunctions is told which functions and where to write, and nothing else.
const copyBundles = `
  import { cp } from 'node:fs/promises'
  import { readdirSync } from 'node:fs'
  import { join } from 'node:path'
  export const functionNames = readdirSync(process.env.BUNDLED)
  export const bundleFunctions = ({ outputFolder, names }) =>
    Promise.all(names.map((name) =>
      cp(join(process.env.BUNDLED, name), join(outputFolder, name), { recursive: true, preserveTimestamps: true })))`

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('/infra/deploy/bundle/bundle.ts')) return nextLoad(url, context)
    return { format: 'module', source: copyBundles, shortCircuit: true }
  },
})
