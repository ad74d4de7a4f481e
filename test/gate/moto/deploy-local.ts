// The story of `npm run deploy:local`: package, deploy, look at what is there, rotate, remove, look again.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accessRules } from '#shared/access-rules.ts'
import { createAuthorizerEvent, findAllowed } from './authorizer-call.ts'
import { withArtifact } from './artifact.ts'
import { functionProblems, packagedFunctions, readFunctions } from './deployed-functions.ts'
import { judge, leftBehind, missingOutputs, passedOver } from './differences.ts'
import { takeInventory } from './inventory.ts'
import { knownDifferences } from './known-differences.ts'
import { createClients, makePassedOver } from './make-passed-over.ts'
import { createApiCaller } from './moto-api.ts'
import { adaptPackage, parseTemplate, templateFile, type Made, type PackagedTemplate } from './packaged-template.ts'
import type { Report } from './report.ts'
import { rotateOnce, signInAsMachine } from './rotation.ts'
import { routeProblems } from './routes.ts'
import type { Serverless } from './serverless.ts'
import { listStacks, readStack, type Stack } from './stack.ts'

const stackName = 'latchkey-dev'

/** With these every condition of the template holds, so that each of its resources is to be made. */
const parameters = [
  'allowedCallers=arn:aws:iam::123456789012:role/caller',
  'alarmEmail=operations@example.com',
  'securityEmail=security@example.com',
  'tracing=Active',
].flatMap((parameter) => ['--param', parameter])

export type DeployLocalDeps = {
  /** A moto with nothing in it. Without a slash at its end. */
  readonly endpoint: string
  readonly serverless: Serverless
  /** Empty, for whatever has to be unpacked. */
  readonly folder: string
  readonly report: Report
}

/** What each part of the run hands on to the next. */
type Deployment = { readonly template: PackagedTemplate; readonly made: Made; readonly stack: Stack }

/** Rejects with StepFailedError where it cannot go on; what failed stands in the report either way. */
export async function deployLocal(deps: DeployLocalDeps): Promise<void> {
  const deployment = await deploy(deps)
  await lookAround(deployment, deps)
  await rotate(deployment, deps)
  const left = await remove(deployment, deps)
  const { template, stack } = deployment
  const found = [...passedOver(template, stack), ...missingOutputs(template, stack), ...left]
  const listed = Object.keys(knownDifferences)
  await deps.report.check(`moto differs from AWS in the ${listed.length} listed ways and in no other`, () => {
    const { unlisted, outdated } = judge(found, listed)
    return [
      ...unlisted.map((difference) => `found, and not listed: ${difference}`),
      ...outdated.map((difference) => `listed, and not found any more: ${difference}`),
    ]
  })
}

async function deploy({ endpoint, serverless, report }: DeployLocalDeps): Promise<Deployment> {
  const call = createApiCaller(endpoint)
  await report.step('serverless package', () =>
    serverless.run(['package', '--package', serverless.packageFolder, ...parameters]),
  )
  const text = await readFile(join(serverless.packageFolder, templateFile), 'utf8')
  const template = parseTemplate(text)
  const made = await report.step('the pool, its groups and clients and the secret, made from the package', () =>
    makePassedOver(text, { clients: createClients(endpoint), stackName }),
  )
  await adaptPackage(serverless.packageFolder, made)
  const stack = await report.step('serverless deploy reaches UPDATE_COMPLETE', async () => {
    await serverless.run(['deploy', '--package', serverless.packageFolder, ...parameters])
    const deployed = await readStack(call, stackName)
    if (deployed.status !== 'UPDATE_COMPLETE') throw new Error(`the stack is in ${deployed.status}`)
    return deployed
  })
  return { template, made, stack }
}

async function lookAround(
  { template, stack }: Deployment,
  { endpoint, serverless, report }: DeployLocalDeps,
): Promise<void> {
  const call = createApiCaller(endpoint)
  const inventory = await takeInventory(call)
  const listable = [...stack.resources].filter(([, { type }]) => inventory.has(type))
  await report.check(`its services hold the ${listable.length} resources that can be listed`, () =>
    listable.flatMap(([logicalId, { type, physicalId }]) =>
      inventory.get(type)?.includes(physicalId) === true ? [] : [`${logicalId} (${type}) is not there`],
    ),
  )
  const packaged = packagedFunctions(template, serverless.packageFolder)
  await report.check(
    `the ${packaged.length} functions have the packaged code, a role and whole environments`,
    async () => {
      const functions = await readFunctions(call)
      const problems = packaged.map((expected) => functionProblems(expected, functions.get(expected.name), inventory))
      return (await Promise.all(problems)).flat()
    },
  )
  await report.check('the REST API has the routes of the access table, closed where it says so', () =>
    routeProblems(call, stack.resources.get('ApiGatewayRestApi')?.physicalId ?? ''),
  )
}

async function rotate({ template, made }: Deployment, deps: DeployLocalDeps): Promise<void> {
  const { endpoint, serverless, folder, report } = deps
  const clients = createClients(endpoint)
  const functions = await readFunctions(createApiCaller(endpoint))
  const packaged = packagedFunctions(template, serverless.packageFolder)
  const artifact = (shortName: string) => {
    const name = `${stackName}-${shortName}`
    const deployed = functions.get(name)
    const archive = packaged.find((candidate) => candidate.name === name)?.archive
    if (deployed === undefined || archive === undefined) throw new Error(`there is no function ${name}`)
    return { deployed, archive, folder, endpoint }
  }
  const secretArn = refOf(made, 'MachineSecret')
  const rotation = 'machine-credential-rotation'

  await report.step('the rotation function, as packaged and deployed, does its four steps', () =>
    withArtifact(artifact(rotation), (invoke) =>
      rotateOnce({ ...clients, secretArn, functionArn: artifact(rotation).deployed.arn, invoke }),
    ),
  )
  const token = await report.step('its machine user signs in', () =>
    signInAsMachine(clients, {
      secretArn,
      userPoolId: refOf(made, 'UserPool'),
      clientId: refOf(made, 'MachineClient'),
    }),
  )
  await report.check(
    'the authorizer, as packaged and deployed, opens the machine’s routes to it and nothing else',
    () =>
      withArtifact(artifact('authorizer'), async (invoke) => {
        const allowed = findAllowed(await invoke(createAuthorizerEvent(token)))
        const expected = accessRules.filter(({ access }) => access !== 'public' && access.client === 'machine')
        const isThat = allowed.join() === expected.map(({ method, path }) => method + path).join()
        return isThat ? [] : [`it opens ${allowed.join(', ') || 'nothing'}`]
      }),
  )
}

/** What is left behind, in the words of the differences. */
async function remove({ template, made, stack }: Deployment, deps: DeployLocalDeps): Promise<string[]> {
  const { endpoint, serverless, report } = deps
  const call = createApiCaller(endpoint)
  await report.step('serverless remove leaves no stack', async () => {
    await serverless.run(['remove'])
    if ((await listStacks(call)).includes(stackName)) throw new Error('the stack is still there')
  })
  return leftBehind(template, { stack, made, inventory: await takeInventory(call) })
}

function refOf(made: Made, logicalId: string): string {
  const resource = made.get(logicalId)
  if (resource === undefined) throw new Error(`the packaged template describes no ${logicalId}`)
  return resource.ref
}
