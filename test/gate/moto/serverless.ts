// Runs the Serverless Framework on a copy of the service's folder; it writes nothing in the checkout.
import { execFile } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkout, linkCheckout } from '#infra/local/link-checkout.ts'

export type Serverless = {
  /** For `--package`, of `serverless package` and `serverless deploy` alike. */
  readonly packageFolder: string
  /** Rejects with all that the framework printed when it ends with another status than 0. */
  run(command: readonly string[]): Promise<void>
}

/** `folder` is made, and holds the checkout's parts by links. */
export async function prepareServerless(options: {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}): Promise<Serverless> {
  const { folder, environment, signal } = options
  await mkdir(folder)
  await copyFile(join(checkout, 'serverless.yml'), join(folder, 'serverless.yml'))
  await linkCheckout(folder)
  const serverless = join(checkout, 'node_modules/serverless/bin/serverless.js')
  return {
    // Not `.serverless`, which a deployment clears away.
    packageFolder: join(folder, 'package'),
    run: async (command) => {
      const run = promisify(execFile)(process.execPath, [serverless, ...command], {
        cwd: folder,
        // Milliseconds between two looks at a stack. The framework's own five seconds are for AWS.
        env: { ...environment, SLS_AWS_MONITORING_FREQUENCY: '250' },
        signal,
        timeout: 300_000,
      })
      await run.catch((cause: unknown) => {
        throw new Error(`serverless ${command[0] ?? ''} failed\n${printed(cause)}`, { cause })
      })
    },
  }
}

function printed(error: unknown): string {
  if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) return String(error)
  return `${String(error.stdout)}${String(error.stderr)}`.trim()
}
