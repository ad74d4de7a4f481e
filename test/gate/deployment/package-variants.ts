// Runs `serverless package` as somebody without an AWS account does, once for each variant; it writes nothing in the checkout.
import { execFile } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkout, linkCheckout } from '#infra/local/link-checkout.ts'
import { readyLines } from '#infra/deploy/sides/links.ts'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { outputsOf } from './deployed-stack.ts'
import { otherSide, places, sideOptions, sideVariantNames, type OneSide, type SideVariant } from './side-variants.ts'
import { readTemplateIn } from './packaged-template.ts'
import { variantNames, variants, type Variant } from './variants.ts'

/** A folder for each variant, with `dist/` and `.serverless/` in it. */
export type Packaged = Readonly<Record<Variant | SideVariant, string>>

/** With every function, so that the others find their code in it. */
const first: Variant = 'jobs'

/**
 * Packages every variant below `folder`, which is there and empty. The first one compiles the framework's schema and
 * bundles the code, which takes more than half of its time; the others are given both. Rejects with what the framework
 * printed.
 */
export async function packageVariants(folder: string): Promise<Packaged> {
  const names = [...variantNames, ...sideVariantNames]
  const packaged = Object.fromEntries(names.map((name) => [name, join(folder, name)])) as Packaged
  const schemas = { SLS_SCHEMA_CACHE_BASE_DIR: join(folder, 'schemas') }
  await packageService(packaged[first], variants[first], { environment: schemas })
  const packageAll = async (jobs: readonly Job[]): Promise<void> => {
    const left = [...jobs]
    const packageLeft = async (): Promise<void> => {
      for (let job = left.pop(); job !== undefined; job = left.pop()) {
        const [name, options] = job
        await packageService(packaged[name], options, {
          preload: join(import.meta.dirname, 'shared-bundles.ts'),
          environment: { ...schemas, BUNDLED: join(packaged[first], 'dist') },
        })
      }
    }
    await Promise.all(Array.from({ length: availableParallelism() }, packageLeft))
  }
  const oneSides: readonly OneSide[] = ['app1', 'app2']
  await packageAll([
    ...variantNames.filter((name) => name !== first).map((name): Job => [name, variants[name]]),
    ...machineAuthModes.map((mode): Job => [`${mode}-both`, sideOptions(mode, 'both')]),
    ...machineAuthModes.flatMap((mode) =>
      oneSides.map((side): Job => [`${mode}-${side}-alone`, sideOptions(mode, side)]),
    ),
  ])
  // As the file that the other's deployment writes has them.
  const linked = machineAuthModes.flatMap((mode) =>
    oneSides.map(async (side): Promise<Job> => {
      const other = otherSide(side)
      const outputs = await outputsOf(readTemplateIn(packaged[`${mode}-${other}-alone`]), places[other])
      return [
        `${mode}-${side}-linked`,
        [...sideOptions(mode, side), ...readyLines(other, outputs).flatMap((line) => line.split(' '))],
      ]
    }),
  )
  await packageAll(await Promise.all(linked))
  return packaged
}

type Job = readonly [keyof Packaged, readonly string[]]

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
