// `npm run deploy:local`: deploys the service to moto with the real tools, looks at it, and removes it. It never reaches AWS.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithClosedPipe, failureText } from '#infra/local/terminal.ts'
import { deployLocal } from './deploy-local.ts'
import { isolatedEnvironment } from './isolated-environment.ts'
import { knownDifferences } from './known-differences.ts'
import { UsageError } from '#infra/cli/command-line.ts'
import { readOptions, usage, type Options } from './options.ts'
import { prepareMoto, resetMoto } from './prepare-moto.ts'
import { createReport, StepFailedError } from './report.ts'
import { prepareServerless } from './serverless.ts'
import { startMoto, type RunningMoto } from './start-moto.ts'

type Target = Exclude<Options, { kind: 'help' }>

async function openMoto(options: Target, home: string, signal: AbortSignal): Promise<RunningMoto> {
  if (options.kind === 'use_endpoint') return { url: options.url, stop: () => Promise.resolve() }
  return startMoto({ command: options.command, environment: isolatedEnvironment(process.env, { home }), signal })
}

async function run(options: Target, signal: AbortSignal): Promise<boolean> {
  const report = createReport({ write: console.log, monotonicNow: () => performance.now(), signal })
  const home = await mkdtemp(join(tmpdir(), 'latchkey-deploy-local-'))
  const folder = join(home, 'artifacts')
  await mkdir(folder)
  let moto: RunningMoto | undefined
  let wasEmpty = false
  try {
    moto = await openMoto(options, home, signal)
    const { url } = moto
    await report.step(`moto at ${url}, with nothing in it`, () => prepareMoto(url))
    wasEmpty = true
    const environment = isolatedEnvironment(process.env, { home, endpoint: url })
    const serverless = await prepareServerless({ folder: join(home, 'service'), environment, signal })
    await deployLocal({ endpoint: url, serverless, folder, report })
  } catch (error) {
    if (!(error instanceof StepFailedError || signal.aborted)) throw error
  } finally {
    // What was in it before is not ours to remove.
    if (options.kind === 'use_endpoint' && wasEmpty) await resetMoto(options.url)
    await moto?.stop()
    await rm(home, { recursive: true })
  }
  if (!signal.aborted) return report.finish(`${knownDifferences.length} known differences of moto`)
  console.log('Stopped.')
  return false
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options.kind === 'help') {
    console.log(usage)
    return
  }
  const stopped = new AbortController()
  const stop = (): void => {
    stopped.abort()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.exitCode = (await run(options, stopped.signal)) ? 0 : 1
}

endWithClosedPipe()
try {
  await main()
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : failureText(error))
  process.exitCode = error instanceof UsageError ? 2 : 1
}
