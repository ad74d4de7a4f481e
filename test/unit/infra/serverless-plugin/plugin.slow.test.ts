import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Resource, Template } from '../../../../infra/serverless-plugin/finish-template.ts'
import { LatchkeyPlugin } from '../../../../infra/serverless-plugin/plugin.ts'

class FrameworkError extends Error {
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

const app1 = (callers: string | undefined): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Environment: { Variables: { ALLOWED_CALLERS: callers } } },
})

async function pluginIn(
  options: {
    readonly template?: Template
    readonly allowedCallers?: string
    readonly choice?: object
    readonly apiGatewayLogRole?: string
  } = {},
): Promise<{
  serviceDir: string
  hooks: LatchkeyPlugin['hooks']
  notices: readonly string[]
  run: (hook: string) => Promise<void>
}> {
  const serviceDir = await mkdtemp(join(tmpdir(), 'latchkey-plugin-'))
  onTestFinished(() => rm(serviceDir, { recursive: true }))
  await mkdir(join(serviceDir, '.serverless'))
  await writeFile(
    join(serviceDir, '.serverless/cloudformation-template-update-stack.json'),
    JSON.stringify({
      Resources: { App1ProvisionerLambdaFunction: app1(options.allowedCallers) },
      Mappings: { Parameters: { Given: { apiGatewayLogRole: options.apiGatewayLogRole ?? 'make' } } },
    }),
  )
  const provider = { compiledCloudFormationTemplate: options.template ?? { Resources: {} } }
  const notices: string[] = []
  const { hooks } = new LatchkeyPlugin(
    {
      serviceDir,
      configurationInput: { custom: { choice: options.choice } },
      classes: { Error: FrameworkError },
      service: { provider },
    },
    {},
    { log: { notice: (text) => notices.push(text) } },
  )
  return {
    serviceDir,
    hooks,
    notices,
    run: async (hook) => {
      await hooks[hook]?.()
    },
  }
}

describe('the plugin', () => {
  it('refuses parameters that do not go together, before anything is done', async () => {
    const choice = {
      machineAuth: 'sigv4',
      machineAuthAlso: 'password',
      app2Authorizer: 'lambda',
      refuseIssuedBefore: null,
      authorizerTtlSeconds: 60,
      stackName: 'latchkey-dev',
    }
    const refused = await pluginIn({ choice })
    const taken = await pluginIn({ choice: { ...choice, machineAuthAlso: 'none' } })

    await expect(refused.run('initialize')).rejects.toThrow('sigv4 goes with no second mode')
    await expect(taken.run('initialize')).resolves.toBeUndefined()
  })

  it('bundles the functions before they are packaged, all of them or one', { timeout: 30_000 }, async () => {
    const { serviceDir, hooks, run } = await pluginIn()

    await run('before:package:createDeploymentArtifacts')

    expect((await stat(join(serviceDir, 'dist/authorizer/handler.mjs'))).size).toBeGreaterThan(10_000)
    expect(hooks['before:deploy:function:packageFunction']).toBe(hooks['before:package:createDeploymentArtifacts'])
  })

  it('mends the template when all resources are in it', async () => {
    const template: Template = {
      Resources: {
        Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { StageName: 'dev' } },
        App1ProvisionerLambdaFunction: app1('arn:aws:iam::123456789012:role/caller'),
      },
    }
    const { run } = await pluginIn({ template })

    await run('after:aws:package:finalize:mergeCustomProviderResources')

    expect(template.Resources['Deployment']?.Properties).toEqual({})
  })

  it.each(['*', 'arn:aws:iam::123456789012:user/x'])('packages no list of callers like %s', async (callers) => {
    const { run } = await pluginIn({ template: { Resources: { App1ProvisionerLambdaFunction: app1(callers) } } })

    await expect(run('after:aws:package:finalize:mergeCustomProviderResources')).rejects.toMatchObject({
      code: 'LATCHKEY_PARAMETERS',
      message: expect.stringContaining('allowedCallers is not a list of role ARNs') as string,
    })
  })

  it('packages without callers, so that the template can be looked at', async () => {
    const { run } = await pluginIn({ template: { Resources: { App1ProvisionerLambdaFunction: app1('') } } })

    await expect(run('after:aws:package:finalize:mergeCustomProviderResources')).resolves.toBeUndefined()
  })

  it('stops a deployment that nobody could call, before it reaches AWS', async () => {
    const { run } = await pluginIn({ allowedCallers: '' })

    await expect(run('before:aws:deploy:deploy:createStack')).rejects.toMatchObject({
      code: 'LATCHKEY_PARAMETERS',
      message: expect.stringContaining('allowedCallers is not set') as string,
    })
  })

  it('lets a deployment with callers go on', async () => {
    const { run } = await pluginIn({ allowedCallers: 'arn:aws:iam::123456789012:role/caller' })

    await expect(run('before:aws:deploy:deploy:createStack')).resolves.toBeUndefined()
  })

  it.each([
    { apiGatewayLogRole: 'make', said: [expect.stringContaining('--param apiGatewayLogRole=keep') as string] },
    { apiGatewayLogRole: 'keep', said: [] },
  ])(
    'says before a deployment that `make` replaces the account’s log role: $apiGatewayLogRole',
    async ({ apiGatewayLogRole, said }) => {
      const allowedCallers = 'arn:aws:iam::123456789012:role/caller'
      const { notices, run } = await pluginIn({ apiGatewayLogRole, allowedCallers })

      await run('before:aws:deploy:deploy:createStack')

      expect(notices).toEqual(said)
    },
  )
})
