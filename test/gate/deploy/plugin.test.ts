import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Resource, Template } from '#infra/deploy/finish-template.ts'
import { LatchkeyPlugin } from '#infra/deploy/plugin.ts'

class FrameworkError extends Error {
  constructor(message: string, code: string) {
    super(message)
    Object.assign(this, { code })
  }
}

const caller = 'arn:aws:iam::123456789012:role/caller'
const finalize = 'after:aws:package:finalize:mergeCustomProviderResources'
const createStack = 'before:aws:deploy:deploy:createStack'
const gatherData = 'after:aws:info:gatherData'

const refusal = (words: string): object => ({
  code: 'LATCHKEY_PARAMETERS',
  message: expect.stringContaining(words) as string,
})

const app1 = (callers: string | undefined): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Environment: { Variables: { ALLOWED_CALLERS: callers } } },
})

/** What every template has of which lines are counted. */
const logGroups: Readonly<Record<string, Resource>> = Object.fromEntries(
  ['App1ProvisionerLogGroup', 'CreateUserLogGroup', 'SampleLogGroup', 'App2AccessLog', 'HttpApiLogGroup'].map(
    (logicalId) => [logicalId, { Type: 'AWS::Logs::LogGroup' }],
  ),
)

async function pluginIn(
  options: {
    readonly template?: Template
    readonly allowedCallers?: string
    readonly command?: string
    readonly typed?: readonly (string | null)[]
    readonly namedRegion?: string | null
    readonly packagedWith?: object
    readonly apiGatewayLogRole?: string
    readonly params?: Readonly<Record<string, string>>
    /** As the framework's `info` keeps them. */
    readonly outputs?: unknown
  } = {},
) {
  const serviceDir = await mkdtemp(join(tmpdir(), 'latchkey-plugin-'))
  onTestFinished(() => rm(serviceDir, { recursive: true }))
  await mkdir(join(serviceDir, '.serverless'))
  await writeFile(
    join(serviceDir, '.serverless/cloudformation-template-update-stack.json'),
    JSON.stringify({
      Resources: { App1ProvisionerLambdaFunction: app1(options.allowedCallers), ApiGatewayAccount: {} },
      Metadata: { Latchkey: { stage: 'dev', region: 'us-east-1', ...options.packagedWith } },
      Mappings: { Parameters: { Given: { apiGatewayLogRole: options.apiGatewayLogRole ?? 'make' } } },
    }),
  )
  const provider = { compiledCloudFormationTemplate: options.template ?? { Resources: {} } }
  const notices: string[] = []
  const service = {
    provider,
    functions: { sample: { name: 'latchkey-dev-sample' } },
    validate: () => Promise.resolve('validated'),
  }
  const { hooks } = new LatchkeyPlugin(
    {
      serviceDir,
      configurationInput: {
        service: 'latchkey',
        params: { default: { machineAuthAlso: 'none', ...options.params } },
        provider: { stage: 'dev', region: 'us-east-1' },
        custom: { namedRegion: options.namedRegion ?? null },
      },
      processedInput: { commands: (options.command ?? 'package').split(' '), options: { param: options.typed ?? [] } },
      classes: { Error: FrameworkError },
      pluginManager: {
        plugins: [{}, options.outputs === undefined ? {} : { gatheredData: { outputs: options.outputs } }],
      },
      service,
    },
    {},
    { log: { notice: (text) => notices.push(text) } },
  )
  return {
    serviceDir,
    notices,
    /** What the framework does next, once the plugin is there. */
    validate: async () => service.validate(),
    run: async (hook: string) => {
      await hooks[hook]?.()
    },
  }
}

describe('the plugin', () => {
  it.each(['package', 'deploy'])('refuses the parameters of %s before the framework looks at them', async (command) => {
    const refused = await pluginIn({ command, typed: ['accesTokenMinutes=5', 'tracing=on'] })
    const taken = await pluginIn({ command, typed: ['tracing=Active'] })

    await expect(refused.validate()).rejects.toMatchObject({
      code: 'LATCHKEY_PARAMETERS',
      message: [
        'There is no parameter "accesTokenMinutes"; accessTokenMinutes is the nearest name.',
        'tracing has to be Active or PassThrough.',
      ].join('\n'),
    })
    await expect(taken.validate()).resolves.toBe('validated')
  })

  it.each(['tracing', 'tracing=', '=Active', '', null])('refuses --param %j before it is read', async (typed) => {
    await expect(pluginIn({ typed: [typed] })).rejects.toMatchObject(refusal('--param takes <name>=<value>'))
  })

  it('refuses a variable in a --param, which would be put in after the value was judged', async () => {
    const typed = ['allowedCallers=arn:aws:iam::123456789012:role/${env:ROLE}']

    await expect(pluginIn({ typed })).rejects.toMatchObject({
      message: '--param takes a value as it is: no ${…} in it.',
    })
  })

  it.each(['remove', 'info', 'logs', 'rollback', 'deploy list'])(
    'lets %s go on whatever the parameters are',
    async (command) => {
      const { validate } = await pluginIn({ command, typed: ['tracing=on', 'x'] })

      await expect(validate()).resolves.toBe('validated')
    },
  )

  it('refuses `deploy function`, which would change the code and then fail, before anything is sent', async () => {
    const { validate } = await pluginIn({ command: 'deploy function' })

    await expect(validate()).rejects.toMatchObject(refusal('use `npx serverless deploy`'))
  })

  it('says which Region it is that nobody named', async () => {
    const silent = await pluginIn({ namedRegion: null })
    const named = await pluginIn({ namedRegion: 'us-east-1' })
    const other = await pluginIn({ command: 'info', namedRegion: null })

    for (const { run } of [silent, named, other]) await run('initialize')

    expect(silent.notices).toEqual([
      expect.stringMatching(/^The Region is us-east-1, .* neither --region nor AWS_REGION/),
    ])
    expect([...named.notices, ...other.notices]).toEqual([])
  })

  it('bundles the functions before they are packaged', { timeout: 30_000 }, async () => {
    const { serviceDir, run } = await pluginIn()

    await run('before:package:createDeploymentArtifacts')

    expect((await stat(join(serviceDir, 'dist/authorizer/handler.mjs'))).size).toBeGreaterThan(10_000)
  })

  it('finishes the template when all resources are in it', async () => {
    const template: Template = {
      Resources: {
        ...logGroups,
        Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { StageName: 'dev' } },
        App1ProvisionerLambdaFunction: app1(caller),
      },
    }
    const { run } = await pluginIn({ template })

    await run(finalize)

    expect(template.Resources['Deployment']?.Properties).toEqual({})
    expect(template.Resources['Deployment']?.DependsOn).toContain('UnauthorizedGatewayResponse')
  })

  it('packages no function whose variables Lambda would not take', async () => {
    const { run } = await pluginIn({
      template: { Resources: { ...logGroups, App1ProvisionerLambdaFunction: app1('x'.repeat(4_097)) } },
    })

    await expect(run(finalize)).rejects.toMatchObject(refusal('name fewer roles in allowedCallers'))
  })

  it('stops a deployment that nobody could call, before it reaches AWS', async () => {
    const { run } = await pluginIn({ allowedCallers: '' })

    await expect(run(createStack)).rejects.toMatchObject(refusal('allowedCallers is not set'))
  })

  it('writes into the template what it is made with', async () => {
    const template: Template = { Resources: { ...logGroups } }
    const { run } = await pluginIn({ template, typed: ['tracing=Active'] })

    await run(finalize)

    expect(template.Metadata).toEqual({
      Latchkey: { stage: 'dev', region: 'us-east-1', machineAuthAlso: 'none', tracing: 'Active' },
    })
  })

  it.each([
    { typed: ['refuseIssuedBefore=x'], packagedWith: {}, others: 'refuseIssuedBefore' },
    { typed: ['tracing=Active'], packagedWith: { tracing: 'PassThrough', stage: 'prod' }, others: 'stage, tracing' },
    { typed: [], packagedWith: { region: 'eu-west-1' }, others: 'region' },
  ])('deploys no package that was made with another $others', async ({ typed, packagedWith, others }) => {
    const deploy = { command: 'deploy', allowedCallers: caller }
    const { run } = await pluginIn({ ...deploy, typed, packagedWith })
    const same = await pluginIn({ ...deploy, typed: ['tracing=5'], packagedWith: { tracing: '5' } })

    await expect(run(createStack)).rejects.toMatchObject(refusal(`made with another ${others}:`))
    await expect(same.run(createStack)).resolves.toBeUndefined()
  })

  it('deploys no package of another side than is typed, or not typed: it would go to the other stack', async () => {
    const deploy = { command: 'deploy', allowedCallers: caller, params: { side: 'both' } }
    const { run } = await pluginIn({ ...deploy, packagedWith: { side: 'app2' } })
    const same = await pluginIn({ ...deploy, typed: ['side=app2'], packagedWith: { side: 'app2' } })

    await expect(run(createStack)).rejects.toMatchObject(refusal('made with another side:'))
    await expect(same.run(createStack)).resolves.toBeUndefined()
  })

  it.each([
    [['side=app1'], ['side=app1 without $(cat app1.params): it knows nothing of App2, and answers not_ready.']],
    [['side=app2'], ['side=app2 without $(cat app2.params): it lets no role of App1’s account in, nor any longer.']],
    [['side=app2', 'app1ProvisionerRole=arn:aws:iam::111111111111:role/x'], []],
    [['side=both'], []],
  ])('says what a deployment of one side without the other’s lines means: %j', async (typed, said) => {
    const packagedWith = Object.fromEntries(
      typed.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const),
    )
    const { notices, run } = await pluginIn({
      ...{ command: 'deploy', allowedCallers: caller, apiGatewayLogRole: 'keep', typed, packagedWith },
    })

    await run(createStack)

    expect(notices).toEqual(said)
  })

  it('lets a deployment with callers go on', async () => {
    const { run } = await pluginIn({ allowedCallers: caller })

    await expect(run(createStack)).resolves.toBeUndefined()
  })

  it.each([
    ['make', [expect.stringContaining('--param apiGatewayLogRole=keep') as string]],
    ['keep', []],
  ])('says before a deployment that `make` replaces the account’s log role: %s', async (apiGatewayLogRole, said) => {
    const { notices, run } = await pluginIn({ apiGatewayLogRole, allowedCallers: caller })

    await run(createStack)

    expect(notices).toEqual(said)
  })

  const outputs = (named: Readonly<Record<string, string>>): object[] =>
    Object.entries(named).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }))

  it.each([
    [
      'app2',
      { UserPoolId: 'eu-west-1_Ab1', DashboardName: 'x', MachineSecretArn: 'arn:s', App2Url: 'https://a1.example/dev' },
      'app1',
      ['app2Url=https://a1.example/dev', 'app2UserPoolId=eu-west-1_Ab1', 'app2MachineSecretArn=arn:s'],
    ],
    [
      'app1',
      { JobsRoleArn: 'arn:j', App1ProvisionerRoleArn: 'arn:p' },
      'app2',
      ['app1ProvisionerRole=arn:p', 'app1JobsRole=arn:j'],
    ],
  ] as const)(
    'writes after a deployment of %s what the other needs, and the command',
    async (side, named, other, lines) => {
      const { serviceDir, notices, run } = await pluginIn({
        ...{ command: 'deploy', typed: [`side=${side}`], outputs: outputs(named) },
      })

      await run(gatherData)

      const file = await readFile(join(serviceDir, `${other}.params`), 'utf8')
      expect(file).toBe(lines.map((line) => `--param ${line}\n`).join(''))
      expect(notices).toEqual([
        expect.stringContaining(
          `npx serverless deploy --stage dev --region us-east-1 --param side=${other} $(cat ${other}.params)`,
        ),
      ])
    },
  )

  it.each([
    ['both', outputs({ App2Url: 'https://a1.example/dev' })],
    ['app2', undefined],
    ['app2', []],
  ])('writes no such file for %s with the outputs %j', async (side, given) => {
    const { serviceDir, notices, run } = await pluginIn({ params: { side }, outputs: given })

    await run(gatherData)

    expect([notices, await readdir(serviceDir)]).toEqual([[], ['.serverless']])
  })
})
