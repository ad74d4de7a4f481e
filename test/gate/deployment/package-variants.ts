// Runs `serverless package` as somebody without an AWS account does, once for each variant; it writes nothing in the checkout.
import { execFile } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkout, linkCheckout } from '#infra/local/link-checkout.ts'
import { variantNames, variants, type Variant } from './variants.ts'

/** A folder for each variant, with `dist/` and `.serverless/` in it. */
export type Packaged = Readonly<Record<Variant, string>>

/** With every function, so that the others find their code in it. */
const first: Variant = 'jobs'

/**
 * Packages every variant below `folder`, which is there and empty. The first one compiles the framework's schema and
 * bundles the code, which takes more than half of its time; the others are given both. Rejects with what the framework
 * printed.
 */
export async function packageVariants(folder: string): Promise<Packaged> {
  const packaged = Object.fromEntries(variantNames.map((name) => [name, join(folder, name)])) as Packaged
  const schemas = { SLS_SCHEMA_CACHE_BASE_DIR: join(folder, 'schemas') }
  await packageService(packaged[first], variants[first], { environment: schemas })
  const left = variantNames.filter((name) => name !== first)
  const packageLeft = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      await packageService(packaged[name], variants[name], {
        preload: join(import.meta.dirname, 'shared-bundles.ts'),
        environment: { ...schemas, BUNDLED: join(packaged[first], 'dist') },
      })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, packageLeft))
  return packaged
}

async function packageService(
  folder: string,
  options: readonly string[],
  { preload, environment }: { readonly preload?: string; readonly environment: Readonly<Record<string, string>> },
): Promise<void> {
  await mkdir(folder)
  await copyFile(join(checkout, 'serverless.yml'), join(folder, 'serverless.yml'))
  await linkCheckout(folder)
  const serverless = join(checkout, 'node_modules/serverless/bin/serverless.js')
  const imported = preload === undefined ? [] : ['--import', preload]
  // Without the variables of AWS: neither a Region nor credentials nor a profile may be needed.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')))
  const home = { HOME: folder, USERPROFILE: folder }
  await promisify(execFile)(process.execPath, [...imported, serverless, 'package', ...options], {
    cwd: folder,
    env: { ...env, ...home, ...environment, NO_COLOR: '1' },
  })
}
