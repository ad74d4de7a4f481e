// Puts the packaged functions where they would be on AWS: behind the gateways, on local AWS, each in a process of its own.
import { join } from 'node:path'
import { gatewayResponses } from '../../../infra/deploy/gateway-responses.ts'
import { startLocalAws } from '../../../infra/emulators/aws/server.ts'
import { startHttpApi } from '../../../infra/emulators/gateway/http-api.ts'
import type { LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import { startRestApi } from '../../../infra/emulators/gateway/rest-api.ts'
import { sessionArn } from '../../../infra/local/local-signers.ts'
import { authorizerTtlSeconds, choosePairModes } from '../../../infra/local/pair-modes.ts'
import { app2Routes } from '../../../infra/local/pair.ts'
import { createMaker } from '../../../infra/local/set-up/apply-templates.ts'
import { readPackagedTemplate } from '../../../infra/local/set-up/read-template.ts'
import type { Clients, MadeResource } from '../../../infra/local/set-up/resource-type.ts'
import { identityValidationExpression } from '../../../services/app2-accounts/authorizer/bearer-token.ts'
import { app1Rules } from '../../../shared/access-rules.ts'
import { awsVariables, region } from '../moto/isolated-environment.ts'
import { createClients } from '../moto/make-passed-over.ts'
import { parseTemplate } from '../moto/packaged-template.ts'
import { startLambdaProcess, type LambdaProcess } from './lambda-process.ts'
import { readPackagedFunctions, unzip } from './packaged-functions.ts'
import { startRotatingSecret } from './rotating-secret.ts'
import { startTlsFront } from './tls-front.ts'

export type Artifacts = {
  readonly app1Url: string
  readonly app2Url: string
  readonly clients: Clients
  /** What `!Ref` gives for a resource of the template. Throws for one that is not there. */
  refOf(logicalId: string): string
  /** The names of the functions, which are those of their bundles' folders. */
  readonly names: readonly string[]
  /** Throws for a name that no function has. */
  functionOf(name: string): LambdaProcess
  /**
   * A second process of that function, with other variables; an undefined one is left out. The caller closes it. Rejects
   * once all is closed.
   */
  startAnother(name: string, variables: Readonly<Record<string, string | undefined>>): Promise<LambdaProcess>
  /** The machine secret has this version pending from now on, without a value yet. */
  beginRotation(version: string): void
  /** Called again, it waits for the same end. */
  close(): Promise<void>
}

const types = [
  ...['UserPool', 'UserPoolClient', 'UserPoolGroup'].map((type) => `AWS::Cognito::${type}`),
  ...['AWS::KMS::Key', 'AWS::KMS::Alias', 'AWS::SecretsManager::Secret'],
]

type Stoppable = { close(): Promise<void> }

/**
 * `template` and `packageFolder` are what the framework packaged, with `localRoles.caller` for App1's only caller, who may ask for everything;
 * `folder` takes the unpacked code. Waits until every function has asked for its first event. On a failure, what was
 * started is stopped again.
 */
export async function startArtifacts(options: {
  readonly template: string
  readonly packageFolder: string
  readonly folder: string
  /** The entry file of the runtime interface client. */
  readonly client: string
}): Promise<Artifacts> {
  const { folder, client } = options
  const started: Stoppable[] = []
  const keep = <T extends Stoppable>(part: T): T => {
    started.unshift(part)
    return part
  }
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    for (const part of started) await part.close()
  }
  const close = (): Promise<void> => (closing ??= closeAll())
  try {
    const aws = keep(await startLocalAws({ region }))
    const clients = createClients(aws.url)
    const made = await makeResources(options.template, clients)
    const rotating = keep(await startRotatingSecret({ awsUrl: aws.url }))

    const processes = new Map<string, LambdaProcess>()
    const functionOf = (name: string): LambdaProcess => present(processes.get(name), name)
    // The functions start last: App1 has to know where App2 is.
    const later =
      (name: string): LambdaFunction =>
      (event) =>
        functionOf(name).invoke(event)
    const app2 = keep(
      await startRestApi({
        gatewayResponses: gatewayResponses(),
        routes: app2Routes(choosePairModes({}), {
          'create-user': later('create-user'),
          'manage-users': later('manage-users'),
          sample: later('sample'),
        }),
        authorizer: { function: later('authorizer'), identityValidationExpression, ttlSeconds: authorizerTtlSeconds },
      }),
    )
    const front = keep(await startTlsFront({ url: app2.url, folder }))
    const app1Function = later('app1-provisioner')
    const app1 = keep(
      await startHttpApi({
        callerArn: sessionArn('caller'),
        routes: app1Rules.map(({ method, path }) => ({ method, path, function: app1Function })),
      }),
    )

    const functions = readPackagedFunctions(parseTemplate(options.template), {
      folder: options.packageFolder,
      made,
      replacements: { APP2_URL: front.url },
    })
    const environmentOf = (name: string): Record<string, string> => ({
      ...awsVariables(name === 'machine-credential-rotation' ? rotating.url : aws.url),
      ...(name === 'app1-provisioner' && { NODE_EXTRA_CA_CERTS: front.certificateFile }),
    })
    const startAnother: Artifacts['startAnother'] = async (name, changes) => {
      if (closing !== undefined) throw new Error('the artifacts are stopped')
      const packaged = present(functions.get(name), name)
      const variables = Object.entries({ ...packaged.variables, ...changes })
      const given = variables.filter((entry): entry is [string, string] => entry[1] !== undefined)
      return startLambdaProcess({
        packaged: { ...packaged, variables: Object.fromEntries(given) },
        taskRoot: join(folder, name),
        client,
        environment: environmentOf(name),
      })
    }
    for (const [name, { archive }] of functions) {
      await unzip(archive, join(folder, name))
      processes.set(name, keep(await startAnother(name, {})))
    }
    for (const process of processes.values()) await process.ready

    return {
      app1Url: app1.url,
      app2Url: app2.url,
      clients,
      refOf: (logicalId) => present(made.get(logicalId), logicalId).ref,
      names: [...functions.keys()],
      functionOf,
      startAnother,
      beginRotation: (version) => {
        rotating.begin(version)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function makeResources(template: string, clients: Clients): Promise<ReadonlyMap<string, MadeResource>> {
  const resources = readPackagedTemplate(template, { types })
  const make = createMaker({ ...clients, region, stackName: 'latchkey-dev', resources })
  const made = new Map<string, MadeResource>()
  for (const logicalId of resources.keys()) made.set(logicalId, await make(logicalId))
  return made
}

function present<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`the package has no ${name}`)
  return part
}
