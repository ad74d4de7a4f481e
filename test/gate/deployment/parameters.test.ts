import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { callersProblem } from '#infra/deploy/allowed-callers.ts'
import { choiceParameters } from '#infra/deploy/mode-source.ts'
import { parameters } from '#infra/deploy/parameters.ts'
import { linkNames } from '#infra/deploy/sides/links.ts'
import { given, ofType, packagedFile, propertiesOf, readPackagedTemplate, type Template } from './template.ts'

let template: Template

beforeAll(() => {
  template = readPackagedTemplate('parameters')
})

describe('the parameters, as they are typed on the command line,', () => {
  it('say who may call, and a deployment with them is not refused', () => {
    const text = readFileSync(
      packagedFile('parameters', '.serverless/cloudformation-template-update-stack.json'),
      'utf8',
    )

    const ALLOWED_CALLERS = 'arn:aws:iam::123456789012:role/caller,arn:aws:iam::123456789012:role/other=create+read'
    expect(propertiesOf(template, 'App1ProvisionerLambdaFunction')).toMatchObject({
      Environment: { Variables: { ALLOWED_CALLERS } },
    })
    expect(parameters.allowedCallers.takes(ALLOWED_CALLERS)).toBe(true)
    expect(callersProblem(text)).toBeUndefined()
    expect(callersProblem(JSON.stringify(readPackagedTemplate('dev')))).toContain('allowedCallers is not set')
  })

  it('set which modes are accepted, and from when on tokens count', () => {
    const environment = { Environment: { Variables: { MACHINE_AUTH_ACCEPTED: 'password,sts-token' } } }

    expect(propertiesOf(template, 'MachineCredentialRotationLambdaFunction')).toMatchObject(environment)
    expect(propertiesOf(template, 'AuthorizerLambdaFunction')).toMatchObject(environment)
    expect(propertiesOf(template, 'AuthorizerLambdaFunction')).toMatchObject({
      Environment: { Variables: { REFUSE_ISSUED_BEFORE: 'api-client=2026-01-31T12:00:00Z' } },
    })
    expect(propertiesOf(template, 'MachineClient')['AccessTokenValidity']).toEqual('7')
  })

  it('set where each kind of alarm goes', () => {
    expect(propertiesOf(template, 'OperationsEmail')['Endpoint']).toBe('operations@example.com')
    expect(propertiesOf(template, 'SecurityEmail')['Endpoint']).toBe('security@example.com')
    expect(template['Mappings']).toMatchObject({
      Parameters: { Given: { alarmEmail: 'operations@example.com', securityEmail: 'security@example.com' } },
    })
  })

  it('set how long tokens and decisions live, and how hard the accounts are to lose', () => {
    expect(propertiesOf(template, 'MachineClient')['AccessTokenValidity']).toEqual('7')
    expect(propertiesOf(template, 'ServiceClient')['AccessTokenValidity']).toEqual('7')
    expect(propertiesOf(template, 'AuthorizerApiGatewayAuthorizer')['AuthorizerResultTtlInSeconds']).toBe(0)
    expect(template.Resources['UserPool']).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { DeletionProtection: 'ACTIVE' },
    })
  })

  it('set how much each API takes, and create-user’s own limit with it', () => {
    expect(propertiesOf(template, 'App2Stage')['MethodSettings']).toMatchObject([
      { ThrottlingRateLimit: '50', ThrottlingBurstLimit: '50' },
      { ThrottlingRateLimit: '10', ThrottlingBurstLimit: '10' },
    ])
    expect(propertiesOf(template, 'HttpApiStage')['DefaultRouteSettings']).toMatchObject({ ThrottlingRateLimit: '10' })
    expect(propertiesOf(template, 'CreateUserLambdaFunction')).toMatchObject({
      Environment: { Variables: { CREATIONS_PER_SECOND: '10' } },
      ReservedConcurrentExecutions: 4,
    })
    expect(propertiesOf(template, 'SampleLambdaFunction')['ReservedConcurrentExecutions']).toBe(3)
    expect(JSON.stringify(propertiesOf(template, 'NearQuotaAlarm'))).toContain('100 * creations / (60 * 10)')
  })

  it('set how many changes one instance begins, and for how long it says that tokens and decisions live', () => {
    expect(propertiesOf(template, 'ManageUsersLambdaFunction')).toMatchObject({
      Environment: {
        Variables: { CHANGES_PER_SECOND: '15', ACCESS_TOKEN_MINUTES: '7', AUTHORIZER_TTL_SECONDS: '0' },
      },
    })
  })

  it('set how long logs are kept, and how many refusals and deletions are a surge', () => {
    const days = ofType(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) =>
      String(Properties['RetentionInDays']),
    )

    expect(new Set(days)).toEqual(new Set(['90']))
    expect(propertiesOf(template, 'RefusalSurgeAlarm')['Threshold']).toBe('500')
    expect(propertiesOf(template, 'DeletionSurgeAlarm')['Threshold']).toBe('5')
  })

  it('switch tracing on everywhere, and the account’s log role off', () => {
    const modes = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties['TracingConfig'])

    expect(modes).toEqual(Array(9).fill({ Mode: 'Active' }))
    expect(template['Mappings']).toMatchObject({
      Parameters: { Given: { tracing: 'Active', apiGatewayLogRole: 'keep' } },
    })
    expect(template['Conditions']).toMatchObject({
      SetsApiGatewayLogRole: { 'Fn::Equals': [given('apiGatewayLogRole'), 'make'] },
    })
    for (const logicalId of ['ApiGatewayLogRole', 'ApiGatewayAccount']) {
      expect(template.Resources[logicalId]).toMatchObject({
        Condition: 'SetsApiGatewayLogRole',
        DeletionPolicy: 'Retain',
      })
    }
  })
})

describe('serverless.yml', () => {
  it('has a default for every parameter of the plugin’s table but three, and uses each and no other', () => {
    const text = readFileSync(packagedFile('dev', 'serverless.yml'), 'utf8')
    const { params } = z
      .object({
        params: z.object({ default: z.record(z.string(), z.unknown()), dev: z.record(z.string(), z.unknown()) }),
      })
      .parse(parse(text, { logLevel: 'silent', merge: true }))
    const folder = packagedFile('dev', 'infra')
    const templates = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yml') || name.endsWith('mode-source.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
    const used = [text, ...templates].flatMap((each) => [...each.matchAll(/\bparam:(\w+)/g)].map(([, name]) => name))

    const known = Object.keys(parameters).toSorted()
    const withoutDefault = ['createUserConcurrency', 'refuseIssuedBefore', 'sampleConcurrency']

    expect([...new Set([...used, ...choiceParameters, ...linkNames])].toSorted()).toEqual(known)
    expect([...Object.keys(params.default), ...withoutDefault].toSorted()).toEqual(known)
    expect(Object.keys(params.dev).filter((name) => !Object.hasOwn(params.default, name))).toEqual([])
  })
})

describe('serverless, before it does anything else,', () => {
  it('refuses what the table of parameters does not take, in its words and not in the framework’s', async () => {
    const given = ['accesTokenMinutes=5', 'logRetentionDays=4', 'authorizerTtlSeconds= 60']

    await expect(serverless('package', ...given.flatMap((parameter) => ['--param', parameter]))).resolves.toContain(
      [
        'There is no parameter "accesTokenMinutes"; accessTokenMinutes is the nearest name.',
        'authorizerTtlSeconds has to be a whole number from 0 to 60.',
        `logRetentionDays has to be ${parameters.logRetentionDays.good}.`,
      ].join('\n'),
    )
  })

  it('refuses a --param without a value, a Region that is none, and a stage that is too long', async () => {
    await expect(serverless('package', '--param', 'tracing=')).resolves.toContain('--param takes <name>=<value>')
    await expect(serverless('package', '--region', 'moon-1')).resolves.toContain(
      '--region has to be one of AWS’s Regions',
    )
    await expect(serverless('package', '--stage', 'a'.repeat(40))).resolves.toContain('27 characters at most')
  })

  it('refuses `deploy function`', async () => {
    await expect(serverless('deploy', 'function', '-f', 'sample')).resolves.toContain('use `npx serverless deploy`')
  })
})

/** What a command that is refused prints. Without any AWS endpoint that it could reach, should it not be. */
async function serverless(...command: readonly string[]): Promise<string> {
  const program = join(packagedFile('dev', 'node_modules'), 'serverless/bin/serverless.js')
  const env = {
    PATH: process.env['PATH'],
    HOME: packagedFile('dev'),
    NO_COLOR: '1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  }
  const refused = await promisify(execFile)(process.execPath, [program, ...command], {
    cwd: packagedFile('dev'),
    env,
  }).then(
    () => undefined,
    (error: unknown) => z.object({ stdout: z.string(), stderr: z.string() }).parse(error),
  )
  if (refused === undefined) throw new Error(`serverless ${command.join(' ')} was not refused`)
  return refused.stdout + refused.stderr
}
