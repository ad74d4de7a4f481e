// `npm run offline`: the pair through serverless-offline, for those who know it, until Ctrl-C. docs/offline.md says how
// that differs from AWS and from `npm start`; nobody's signature is verified in front of App1.
import { helpOption, readArgs } from '../command-line.ts'
import { startLocalAws } from '../local/aws/server.ts'
import { createAwsClients } from '../local/aws-clients.ts'
import { curlLines, jsonHeader, sampleOptions, type Served } from '../local/curl-lines.ts'
import { functionEnvironments } from '../local/function-environments.ts'
import { sessionArn } from '../local/local-signers.ts'
import { awsCredentials } from '../local/pair-credentials.ts'
import { choosePairModes } from '../local/pair-modes.ts'
import { region } from '../local/pair.ts'
import { applyTemplates } from '../local/set-up/apply-templates.ts'
import { makeMachineCredentials } from '../local/set-up/make-machine-credentials.ts'
import { paint, runMain } from '../local/terminal.ts'
import { frameworkEnvironment, readPorts } from './config.ts'
import { findPort, host, startFramework } from './framework.ts'
import { makeServiceFolder } from './service-folder.ts'

const usage = `Usage: npm run offline

Serves the pair through serverless-offline until Ctrl-C, and prints curl lines to paste. It takes no options; docs/offline.md
has its variables, and what differs from npm start.`

type Closable = { close(): Promise<void> }

const write = (text: string): void => {
  process.stdout.write(`${text}\n`)
}
const step = (text: string): void => {
  write(`  ${paint('dim', '·')} ${text}`)
}

/** Resolves when it was told to stop, with all that it started stopped. */
async function serve(stopped: Promise<false>): Promise<void> {
  const ports = readPorts()
  const started: Closable[] = []
  const keep = <Part extends Closable>(part: Part): Part => {
    started.unshift(part)
    return part
  }
  try {
    const port = await findPort(ports.apis)
    const { url: awsUrl } = keep(await startLocalAws({ region, port: ports.aws }))
    step(`AWS at ${awsUrl}`)

    const environment = awsCredentials(undefined)
    const clients = createAwsClients({ endpoint: awsUrl, region, environment })
    const provisioned = await applyTemplates({ ...clients, region, templatesFolder: new URL('../', import.meta.url) })
    await makeMachineCredentials({ ...clients, provisioned })
    step('user pool, clients, key and secret made from infra/*.yml')

    const app1Url = `http://${host}:${port}`
    const app2Url = `${app1Url}/dev`
    const functions = functionEnvironments(provisioned, choosePairModes({}), {
      AWS_ENDPOINT_URL: awsUrl,
      ...environment,
    })
    const folder = keep(
      await makeServiceFolder({
        environments: {
          ...functions,
          'app1-provisioner': { ...functions['app1-provisioner'], APP2_URL: app2Url },
        },
        callerArn: sessionArn('caller'),
      }),
    )
    const framework = keep(
      startFramework({ folder: folder.path, port, environment: frameworkEnvironment(folder.path) }),
    )
    const isServing = await Promise.race([framework.serving.then(() => true), stopped])
    if (!isServing) return
    const lines = await linesToPaste({ app1Url, app2Url, awsUrl, clients, provisioned })
    write(`\n${lines}\n\nThe log of the framework follows. ${paint('dim', 'Ctrl-C stops everything.')}\n`)
    await Promise.race([framework.ended.then(failed), stopped])
    write('\nStopping.')
  } finally {
    for (const part of started) await part.close()
  }
}

function failed(): never {
  throw new Error('serverless offline has ended by itself.')
}

/** A user, its token, /sample, and two refusals. */
async function linesToPaste(served: Served): Promise<string> {
  const { create, signIn, sample } = await curlLines(served)
  return [
    paint('bold', 'Create a user:'),
    create,
    '',
    ...signIn,
    '',
    ...sample,
    '',
    paint('bold', 'App2’s other route refuses that token (403), and /sample one that was altered (401):'),
    `curl -sS ${served.app2Url}/admin/create-user -H "authorization: Bearer $TOKEN" ${jsonHeader} -d '{}'`,
    `curl -sS ${served.app2Url}/sample -H "authorization: Bearer \${TOKEN}A" ${sampleOptions}`,
  ].join('\n')
}

async function main(): Promise<void> {
  if (readArgs({ options: helpOption }).help) {
    write(usage)
    return
  }
  const stopped = new Promise<false>((resolve) => {
    const stop = (): void => {
      resolve(false)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
  await serve(stopped)
}

await runMain(main)
