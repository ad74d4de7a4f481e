import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { functionNames, type FunctionName } from '#infra/deploy/bundle/bundle.ts'
import { startPair } from '#infra/local/pair.ts'
import { variables as app1Variables } from '#services/app1-provisioner/config.ts'
import { variables as jobWorkerVariables } from '#services/app1-provisioner/job-worker/config.ts'
import { variables as jobsVariables } from '#services/app1-provisioner/jobs/config.ts'
import { variables as authorizerVariables } from '#services/app2-accounts/authorizer/config.ts'
import { variables as checkUsersVariables } from '#services/app2-accounts/check-users/config.ts'
import { variables as createUserVariables } from '#services/app2-accounts/create-user/config.ts'
import { variables as manageUsersVariables } from '#services/app2-accounts/manage-users/config.ts'
import { variables as sampleVariables } from '#services/app2-accounts/sample/config.ts'
import { variables as rotationVariables } from '#services/credential-rotation/config.ts'
import type { Variables } from '#shared/env.ts'
import { functions, packagedFile, propertiesOf, readPackagedTemplate, target, type Template } from './template.ts'
import { zipEntries } from './zip-entries.ts'

let template: Template

beforeAll(() => {
  template = readPackagedTemplate('jobs')
})

const read: Readonly<Record<FunctionName, Variables>> = {
  'app1-provisioner': app1Variables,
  jobs: jobsVariables,
  'job-worker': jobWorkerVariables,
  'create-user': createUserVariables,
  'check-users': checkUsersVariables,
  'manage-users': manageUsersVariables,
  sample: sampleVariables,
  authorizer: authorizerVariables,
  'machine-credential-rotation': rotationVariables,
}

function propertiesOfFunction(name: FunctionName): Record<string, unknown> {
  return propertiesOf(template, `${functions[name]}LambdaFunction`)
}

function environmentOf(name: FunctionName): Record<string, unknown> {
  const { Variables } = z
    .object({ Variables: z._default(z.record(z.string(), z.unknown()), {}) })
    .parse(propertiesOfFunction(name)['Environment'] ?? {})
  return Variables
}

const settings = [
  ...['APP2_URL', 'ALLOWED_CALLERS', 'CREATIONS_PER_SECOND', 'CHANGES_PER_SECOND'],
  ...['ACCESS_TOKEN_MINUTES', 'AUTHORIZER_TTL_SECONDS', 'MACHINE_AUTH', 'MACHINE_AUTH_ACCEPTED', 'MACHINE_GROUPS'],
  ...['BULK_SHARE', 'JOB_WORKERS', 'DRY_RUN'],
]

/** What stands for a resource of the stack once it is deployed. */
const deployed: Readonly<Record<string, string>> = {
  USER_POOL_ID: 'us-east-1_abc',
  KMS_KEY_ARN: 'arn:aws:kms:us-east-1:123456789012:key/k-1',
  MACHINE_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:MachineSecret-AbCdEf',
  JOBS_TABLE: 'latchkey-dev-JobsTable-1ABCDEF',
  JOBS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/latchkey-dev-job-rows',
  JOB_KEY_ARN: 'arn:aws:kms:us-east-1:123456789012:key/k-2',
  MACHINE_CLIENT_ID: 'machine',
  SERVICE_CLIENT_ID: 'service',
  APP2_URL: 'https://id.execute-api.us-east-1.amazonaws.com/dev',
  ALLOWED_CALLERS: 'arn:aws:iam::123456789012:role/caller',
}

describe.each(functionNames)('the function %s', (name) => {
  it('is given every variable that it needs and none that it does not read', () => {
    const given = Object.keys(environmentOf(name))
    const needed = Object.entries(read[name]).filter(([, variable]) => !Object.hasOwn(variable, 'fallback'))

    expect(given.filter((variable) => !Object.hasOwn(read[name], variable))).toEqual([])
    // Lambda sets AWS_REGION.
    const required = needed.map(([variable]) => variable).filter((variable) => variable !== 'AWS_REGION')
    expect(given).toEqual(expect.arrayContaining(required) as string[])
  })

  it('is given nothing that moves it off AWS or off KMS', () => {
    const given = Object.keys(environmentOf(name))

    expect(given.filter((variable) => /^AWS_|CIPHER|NODE_OPTIONS|POWERTOOLS/.test(variable))).toEqual([])
  })

  it('is given references to resources, and no value that is written down but settings', () => {
    const values = Object.entries(environmentOf(name)).filter(([, value]) => target(value) === undefined)

    expect(values.filter(([variable]) => !settings.includes(variable))).toEqual([])
  })

  it('runs on the Node that it is tested on, on arm64', () => {
    expect(propertiesOfFunction(name)).toMatchObject({
      Runtime: `nodejs${process.versions.node.split('.')[0] ?? ''}.x`,
      Architectures: ['arm64'],
      MemorySize: 512,
      Handler: `dist/${name}/handler.handler`,
      TracingConfig: { Mode: 'PassThrough' },
    })
  })

  it('is packaged as one file', () => {
    const key = z.object({ Code: z.object({ S3Key: z.string() }) }).parse(propertiesOfFunction(name)).Code.S3Key
    const archive = readFileSync(packagedFile('jobs', '.serverless', key.slice(key.lastIndexOf('/') + 1)))

    expect(zipEntries(archive)).toEqual([`dist/${name}/handler.mjs`])
  })

  it('starts from what was packaged, with the variables that it is given', async () => {
    const given = Object.entries(environmentOf(name)).map(([variable, value]): [string, unknown] => [
      variable,
      deployed[variable] ?? value,
    ])
    const file = packagedFile('jobs', 'dist', name, 'handler.mjs')
    const program = `import(${JSON.stringify(file)}).then(({ handler }) => process.stdout.write(typeof handler))`

    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program], {
      env: {
        ...z.record(z.string(), z.string()).parse(Object.fromEntries(given)),
        AWS_REGION: 'us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: name,
      },
    })

    expect(stdout).toBe('function')
  })

  it('has its source map beside the bundle, not in it', () => {
    const map = packagedFile('jobs', 'dist', name, 'handler.mjs.map')

    expect(statSync(map).size).toBeGreaterThan(1_000)
    expect(readFileSync(map.replace(/\.map$/, ''), 'utf8')).not.toContain('sourceMappingURL')
  })
})

describe('the time of the functions', () => {
  it('adds up: who waits has longer than who is waited for, and API Gateway longest', () => {
    const seconds = Object.fromEntries(functionNames.map((name) => [name, propertiesOfFunction(name)['Timeout']]))

    expect(seconds).toEqual({
      'app1-provisioner': 29,
      jobs: 29,
      'job-worker': 60,
      'create-user': 25,
      'check-users': 25,
      'manage-users': 25,
      sample: 10,
      authorizer: 5,
      'machine-credential-rotation': 60,
    })
    for (const integration of ['HttpApiIntegrationApp1Provisioner', 'HttpApiIntegrationJobs']) {
      expect(propertiesOf(template, integration)['TimeoutInMillis']).toBe(30_000)
    }
  })

  it('of job-worker is a sixth of the time for which its queue hides a message', () => {
    expect(propertiesOf(template, 'JobQueue')['VisibilityTimeout']).toBe(6 * 60)
  })

  it('is the same on one machine', async () => {
    const local = new Map<string, number>()
    const pair = await startPair({
      startFunction: ({ name, timeoutMs }) => {
        local.set(name, timeoutMs / 1_000)
        return { invoke: () => Promise.reject(new Error('not called')), close: () => Promise.resolve() }
      },
    })
    await pair.close()

    expect(local.size).toBe(5)
    for (const name of functionNames.filter((each) => local.has(each))) {
      expect([name, local.get(name)]).toEqual([name, propertiesOfFunction(name)['Timeout']])
    }
  })
})
