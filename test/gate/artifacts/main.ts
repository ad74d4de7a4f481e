// `npm run artifacts`: runs what was packaged under Lambda's own runtime, against local AWS. It never reaches AWS.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localRoles } from '../../../infra/local/local-signers.ts'
import { endWithClosedPipe, failureText } from '../../../infra/local/terminal.ts'
import { isolatedEnvironment } from '../moto/isolated-environment.ts'
import { templateFile } from '../moto/packaged-template.ts'
import { createReport, StepFailedError } from '../moto/report.ts'
import { prepareServerless } from '../moto/serverless.ts'
import { checkArtifacts } from './checks.ts'
import { prepareInterfaceClient } from './interface-client.ts'
import { startArtifacts, type Artifacts } from './start-artifacts.ts'

async function run(signal: AbortSignal): Promise<boolean> {
  const report = createReport({ write: console.log, monotonicNow: () => performance.now(), signal })
  const home = await mkdtemp(join(tmpdir(), 'latchkey-artifacts-'))
  const folder = join(home, 'functions')
  await mkdir(folder)
  let artifacts: Artifacts | undefined
  try {
    const client = await report.step("Lambda's runtime interface client, compiled on this machine", () =>
      prepareInterfaceClient({
        folder: import.meta.dirname,
        path: process.env['PATH'] ?? '',
        platform: process.platform,
        signal,
      }),
    )
    const packageFolder = await report.step('serverless package', () => packageService(home, signal))
    const template = await readFile(join(packageFolder, templateFile), 'utf8')
    const running = await report.step('every function, unzipped and started by the client', () =>
      startArtifacts({ template, packageFolder, folder, client }),
    )
    artifacts = running
    signal.throwIfAborted()
    // Whoever stops the run ends the functions, and with them whatever waits for one.
    signal.addEventListener('abort', () => void running.close())
    await checkArtifacts(running, report)
  } catch (error) {
    if (!(error instanceof StepFailedError || signal.aborted)) throw error
  } finally {
    await artifacts?.close()
    await rm(home, { recursive: true })
  }
  if (!signal.aborted) return report.finish(`Node.js ${process.versions.node}`)
  console.log('Stopped.')
  return false
}

/** The folder with the archives and the template. */
async function packageService(home: string, signal: AbortSignal): Promise<string> {
  const environment = isolatedEnvironment(process.env, { home })
  const serverless = await prepareServerless({ folder: join(home, 'service'), environment, signal })
  const folder = serverless.packageFolder
  await serverless.run(['package', '--package', folder, '--param', `allowedCallers=${localRoles.caller}`])
  return folder
}

const stopped = new AbortController()
const stop = (): void => {
  stopped.abort()
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
endWithClosedPipe()
try {
  process.exitCode = (await run(stopped.signal)) ? 0 : 1
} catch (error) {
  console.error(failureText(error))
  process.exitCode = 1
}
