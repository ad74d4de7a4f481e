// `npm run deploy:local`: deploys the service to moto with the real tools, looks at it, and removes it. It never reaches AWS.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { helpOption, readArgs } from '#infra/cli/command-line.ts'
import { runMain } from '#infra/local/terminal.ts'
import { deployLocal } from './deploy-local.ts'
import { isolatedEnvironment } from './isolated-environment.ts'
import { knownDifferences } from './known-differences.ts'
import { runReported } from './report.ts'
import { prepareServerless } from './serverless.ts'
import { startMoto } from './start-moto.ts'

const usage = `Usage: npm run deploy:local -- [--moto PATH]

  --moto  the moto_server to start, on a free port of this machine. Otherwise MOTO_SERVER, or the one on the PATH.
  --help

AWS_ENDPOINT_URL, credentials and profiles of whoever runs it are not used: nothing can reach an AWS account.`

await runMain(async () => {
  const { moto, help } = readArgs({ options: { moto: { type: 'string' }, ...helpOption } })
  if (help) {
    console.log(usage)
    return
  }
  const command = [moto, process.env['MOTO_SERVER']].find((text) => text !== undefined && text !== '') ?? 'moto_server'
  await runReported(
    `${Object.keys(knownDifferences).length} known differences of moto`,
    async ({ report, home, signal }) => {
      const folder = join(home, 'artifacts')
      await mkdir(folder)
      const running = await startMoto({ command, environment: isolatedEnvironment(process.env, { home }), signal })
      try {
        const environment = isolatedEnvironment(process.env, { home, endpoint: running.url })
        const serverless = await prepareServerless({ folder: join(home, 'service'), environment, signal })
        await deployLocal({ endpoint: running.url, serverless, folder, report })
      } finally {
        await running.stop()
      }
    },
  )
})
