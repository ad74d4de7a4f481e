// `npm run offline`: the pair through serverless-offline, for those who know it, until Ctrl-C. docs/offline.md says how
// that differs from AWS and from `npm start`; nobody's signature is verified in front of App1.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '../../shared/aws-client-options.ts'
import { startLocalAws } from '../local/aws/server.ts'
import { functionEnvironments } from '../local/function-environments.ts'
import { sessionArn } from '../local/local-signers.ts'
import { awsCredentials } from '../local/pair-credentials.ts'
import { choosePairModes } from '../local/pair-modes.ts'
import { region } from '../local/pair.ts'
import { applyTemplates } from '../local/set-up/apply-templates.ts'
import { makeMachineUser } from '../local/set-up/make-machine-user.ts'
import { readArgs, UsageError } from '../local/start-options.ts'
import { endWithClosedPipe, failureText, paint } from '../local/terminal.ts'
import { frameworkEnvironment, readPorts } from './config.ts'
import { curlLines } from './curl-lines.ts'
import { findPort, host, startFramework } from './framework.ts'
import { makeServiceFolder } from './service-folder.ts'

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
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const options = { ...awsClientOptions, endpoint: awsUrl, region, credentials }
    const clients = {
      cognito: new CognitoIdentityProviderClient(options),
      kms: new KMSClient(options),
      secrets: new SecretsManagerClient(options),
    }
    const provisioned = await applyTemplates({ ...clients, region, templatesFolder: new URL('../', import.meta.url) })
    await makeMachineUser({ ...clients, provisioned })
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
    const lines = await curlLines({ app1Url, app2Url, awsUrl, cognito: clients.cognito, provisioned })
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

async function main(): Promise<void> {
  readArgs({ options: {} })
  const stopped = new Promise<false>((resolve) => {
    const stop = (): void => {
      resolve(false)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
  await serve(stopped)
}

endWithClosedPipe()
await main().catch((error: unknown) => {
  process.stderr.write(`${paint('red', failureText(error))}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
