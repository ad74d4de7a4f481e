// Runs `serverless package` for each stage, and once with every parameter set, as somebody without an AWS account does; it writes nothing in the checkout.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

/** The ways in which App1 may prove itself, and API Gateway's own authorizer, each on the stage dev. */
const modes = {
  clientCredentials: ['machineAuth=client-credentials'],
  clientToken: ['machineAuth=client-token'],
  sigv4: ['machineAuth=sigv4'],
  native: ['machineAuth=client-token', 'app2Authorizer=cognito'],
  moving: ['machineAuth=password', 'machineAuthAlso=client-credentials'],
} as const

export type Mode = keyof typeof modes

type Packaged = 'dev' | 'prod' | 'parameters' | Mode

declare module 'vitest' {
  interface ProvidedContext {
    /** Folders of the packaged service, `dist/` and `.serverless/` in each; `parameters` has every parameter set. */
    packaged: Readonly<Record<Packaged, string>>
  }
}

const checkout = resolve(import.meta.dirname, '../..')

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-deployment-'))
  const inFolder = (name: string): string => join(folder, name)
  const packaged = {
    dev: inFolder('dev'),
    prod: inFolder('prod'),
    parameters: inFolder('parameters'),
    clientCredentials: inFolder('clientCredentials'),
    clientToken: inFolder('clientToken'),
    sigv4: inFolder('sigv4'),
    native: inFolder('native'),
    moving: inFolder('moving'),
  }
  await Promise.all([
    packageService(packaged.dev, ['--stage', 'dev']),
    packageService(packaged.prod, ['--stage', 'prod']),
    packageService(packaged.parameters, ['--region', 'eu-west-1', ...asOptions(everyParameter)]),
    ...Object.entries(modes).map(([mode, parameters]) => packageService(inFolder(mode), asOptions(parameters))),
  ])
  project.provide('packaged', packaged)
  return () => rm(folder, { recursive: true })
}

/** As they are typed on the command line, none of them as serverless.yml has it. */
const everyParameter = [
  'allowedCallers=arn:aws:iam::123456789012:role/caller,arn:aws:iam::123456789012:role/other',
  'alarmEmail=operations@example.com',
  'securityEmail=security@example.com',
  'accessTokenMinutes=7',
  'authorizerTtlSeconds=0',
  'userPoolDeletionPolicy=Retain',
  'userPoolDeletionProtection=ACTIVE',
  'creationsPerSecond=10',
  'app2RequestsPerSecond=50',
  'createUserConcurrency=4',
  'sampleConcurrency=3',
  'logRetentionDays=90',
  'refusalSurge=500',
  'tracing=Active',
  'apiGatewayLogRole=keep',
  'machineAuth=password',
  'machineAuthAlso=client-token',
  'app2Authorizer=lambda',
  'refuseIssuedBefore=api-client=2026-01-31T12:00:00Z',
]

function asOptions(parameters: readonly string[]): string[] {
  return parameters.flatMap((parameter) => ['--param', parameter])
}

async function packageService(folder: string, options: readonly string[]): Promise<void> {
  await mkdir(folder)
  await copyFile(join(checkout, 'serverless.yml'), join(folder, 'serverless.yml'))
  for (const part of ['infra', 'node_modules', 'package.json', 'services', 'shared']) {
    await symlink(join(checkout, part), join(folder, part))
  }
  const serverless = join(checkout, 'node_modules/serverless/bin/serverless.js')
  // Without the variables of AWS: neither a Region nor credentials nor a profile may be needed.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')))
  const home = { HOME: folder, USERPROFILE: folder }
  await promisify(execFile)(process.execPath, [serverless, 'package', ...options], {
    cwd: folder,
    env: { ...env, ...home, NO_COLOR: '1' },
  })
}
