import { describe, expect, it, vi } from 'vitest'
import { resolveModeVariable } from '#infra/deploy/mode-source.ts'
import { authorizationFor } from '#infra/deploy/modes.ts'
import { choosePairModes, type PairModeOptions } from '#infra/local/pair-modes.ts'
import { accessRules } from '#shared/access-rules.ts'

const gates = (options: PairModeOptions) =>
  accessRules.map((rule) => [rule.path, authorizationFor(rule, choosePairModes(options)).kind])

describe('authorizationFor', () => {
  it.each(['password', 'client-credentials', 'client-token'] as const)('%s: our authorizer', (machineAuth) => {
    expect(gates({ machineAuth })).toEqual([
      ['/admin/create-user', 'token'],
      ['/sample', 'token'],
      ['/health', 'none'],
    ])
  })

  it('sigv4: IAM where the table names a principal, our authorizer elsewhere', () => {
    expect(gates({ machineAuth: 'sigv4' })).toEqual([
      ['/admin/create-user', 'iam'],
      ['/sample', 'token'],
      ['/health', 'none'],
    ])
  })

  it('API Gateway’s own authorizer asks for the scope of each route', () => {
    const modes = choosePairModes({ machineAuth: 'client-token', app2Authorizer: 'cognito' })

    expect(accessRules.map((rule) => authorizationFor(rule, modes))).toEqual([
      { kind: 'cognito', scopes: ['app2/users.create'] },
      { kind: 'cognito', scopes: ['app2/sample.call'] },
      { kind: 'none' },
    ])
  })
})

describe('a variable ${mode:…}', () => {
  /** As the framework calls it, with these parameters, and with templates that are there unless `missing`. */
  function resolve(address: string, changes: Readonly<Record<string, string>> = {}, missing?: string) {
    const parameters = { machineAuth: 'password', machineAuthAlso: 'none', app2Authorizer: 'lambda', ...changes }
    const values = new Map(Object.entries(parameters).map(([name, value]) => [`param:${name}`, value]))
    const resolveVariable = vi.fn((variable: string): Promise<unknown> => {
      if (variable === missing) return Promise.reject(new Error('Value not found at "file" source'))
      return Promise.resolve(variable.startsWith('file(') ? { Resources: {} } : values.get(variable))
    })
    return { value: resolveModeVariable({ address, resolveVariable }), resolveVariable }
  }

  it.each(['resource', 'gates', ''])('of an unknown name, %o, is refused', async (address) => {
    await expect(resolve(address).value).rejects.toThrow(
      `There is no \${mode:${address}}, only gate, resources, alarms.`,
    )
  })

  it('of the gate of a route that the table has not is refused', async () => {
    await expect(resolve('gate').value).rejects.toThrow('a method and a path that shared/access-rules.ts has')
  })

  it('of a template that is not there is refused', async () => {
    const { value } = resolve('resources', {}, 'file(infra/templates/modes/password.yml):deployed')

    await expect(value).rejects.toThrow('Value not found')
  })

  it.each([
    { machineAuth: 'passwords' },
    { machineAuthAlso: 'nobody' },
    { app2Authorizer: 'Cognito' },
    { app2Authorizer: 'cognito' },
  ])('with %j, which is refused by name elsewhere, brings nothing', async (parameters) => {
    for (const address of ['gate', 'resources', 'alarms']) {
      await expect(resolve(address, parameters).value).resolves.toEqual({ value: {} })
    }
  })

  it('reads the templates of both modes while one moves to the other', async () => {
    const { value, resolveVariable } = resolve('resources', { machineAuthAlso: 'client-token' })
    await value

    expect(resolveVariable.mock.calls.flat().filter((variable) => variable.startsWith('file('))).toEqual([
      'file(infra/templates/modes/password.yml):pool',
      'file(infra/templates/modes/client-token.yml):pool',
      'file(infra/templates/modes/password.yml):deployed',
      'file(infra/templates/modes/client-token.yml):deployed',
      'file(infra/templates/rotation.yml)',
      'file(infra/templates/authorizer.yml)',
    ])
  })
})
