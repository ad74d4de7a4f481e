// `npm run artifacts`: runs what was packaged under Lambda's own runtime, against local AWS. It never reaches AWS.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localRoles } from '../../../infra/local/local-signers.ts'
import { runMain } from '../../../infra/local/terminal.ts'
import { permissions } from '../../../shared/access-rules.ts'
import { isolatedEnvironment } from '../moto/isolated-environment.ts'
import { templateFile } from '../moto/packaged-template.ts'
import { runReported } from '../moto/report.ts'
import { prepareServerless } from '../moto/serverless.ts'
import { checkArtifacts } from './checks.ts'
import { prepareInterfaceClient } from './interface-client.ts'
import { startArtifacts } from './start-artifacts.ts'

await runMain(() =>
  runReported(`Node.js ${process.versions.node}`, async ({ report, home, signal }) => {
    const folder = join(home, 'functions')
    await mkdir(folder)
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
    const artifacts = await report.step('every function, unzipped and started by the client', () =>
      startArtifacts({ template, packageFolder, folder, client }),
    )
    try {
      signal.throwIfAborted()
      // Whoever stops the run ends the functions, and with them whatever waits for one.
      signal.addEventListener('abort', () => void artifacts.close())
      await checkArtifacts(artifacts, report)
    } finally {
      await artifacts.close()
    }
  }),
)

/** The folder with the archives and the template. */
async function packageService(home: string, signal: AbortSignal): Promise<string> {
  const environment = isolatedEnvironment(process.env, { home })
  const serverless = await prepareServerless({ folder: join(home, 'service'), environment, signal })
  const folder = serverless.packageFolder
  // A life is played in less than a second, with more changes than the default has.
  const parameters = [
    `allowedCallers=${localRoles.caller}=${permissions.join('+')}`,
    'creationsPerSecond=5',
    'changesPerSecond=20',
  ].flatMap((parameter) => ['--param', parameter])
  await serverless.run(['package', '--package', folder, ...parameters])
  return folder
}
