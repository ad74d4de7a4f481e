// Loaded into the framework before it packages a variant: the functions' code is copied from another one, not bundled again.
import { registerHooks } from 'node:module'

// The code does not depend on a parameter: bundleFunctions is told where to write, and nothing else.
const copyBundles = `
  import { cp } from 'node:fs/promises'
  export const bundleFunctions = ({ outputFolder }) =>
    cp(process.env.BUNDLED, outputFolder, { recursive: true, preserveTimestamps: true })`

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('/infra/deploy/bundle/bundle.ts')) return nextLoad(url, context)
    return { format: 'module', source: copyBundles, shortCircuit: true }
  },
})
