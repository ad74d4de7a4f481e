// Makes one file of each function's code, as Lambda runs it; it puts nothing of `infra/`, of a test, or of the local cipher in.
import { build as esbuild, type Metafile } from 'esbuild'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { replacements } from './replacements.ts'

/** By the function's name, its composition root. */
export const entryPoints = {
  'app1-provisioner': 'services/app1-provisioner/handler.ts',
  jobs: 'services/app1-provisioner/jobs/handler.ts',
  'job-worker': 'services/app1-provisioner/job-worker/handler.ts',
  'create-user': 'services/app2-accounts/create-user/handler.ts',
  'check-users': 'services/app2-accounts/check-users/handler.ts',
  'manage-users': 'services/app2-accounts/manage-users/handler.ts',
  sample: 'services/app2-accounts/sample/handler.ts',
  authorizer: 'services/app2-accounts/authorizer/handler.ts',
  'machine-credential-rotation': 'services/credential-rotation/handler.ts',
} as const

export type FunctionName = keyof typeof entryPoints

export const functionNames: readonly FunctionName[] = Object.keys(entryPoints) as FunctionName[]

export type Bundle = {
  readonly name: FunctionName
  /** Absolute, `<outputFolder>/<name>/handler.mjs`; its source map lies beside it. */
  readonly file: string
  readonly bytes: number
  /** Which sources the file is made of, and how many bytes each gave. Paths are relative to the checkout. */
  readonly metafile: Metafile
}

const checkout = resolve(import.meta.dirname, '../../..')

/** Bundles all functions, or those of `names`, below `outputFolder`. Rejects with what esbuild found wrong. */
export async function bundleFunctions(options: {
  readonly outputFolder: string
  readonly names?: readonly FunctionName[]
}): Promise<Bundle[]> {
  const { outputFolder, names = functionNames } = options
  return Promise.all(names.map((name) => bundleFunction(name, join(outputFolder, name, 'handler.mjs'))))
}

async function bundleFunction(name: FunctionName, file: string): Promise<Bundle> {
  const { metafile } = await esbuild({
    absWorkingDir: checkout,
    entryPoints: [entryPoints[name]],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The ES modules of a package before its CommonJS: only of those are unused commands of an SDK client left out.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // Beside the bundle and unnamed in it: for whoever reads a stack trace, not for Lambda, where it costs 10 ms a start.
    sourcemap: 'external',
    metafile: true,
    logLevel: 'silent',
    plugins: [...replacements],
  })
  const { size: bytes } = await stat(file)
  return { name, file, bytes, metafile }
}
