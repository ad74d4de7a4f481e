import { describe, expect, it, vi } from 'vitest'
import { resolveModeVariable } from '#infra/deploy/mode-source.ts'
import { authorizationFor, variablesOf, type PairModes } from '#infra/deploy/modes.ts'
import { choosePairModes, type PairModeOptions } from '#infra/local/pair-modes.ts'
import { accessRules, app1Rules } from '#shared/access-rules.ts'
import * as z from 'zod/mini'

/** What guards each route, by what the table says who may call it. */
function gates(options: PairModeOptions): Record<string, string[]> {
  const byAccess = Map.groupBy(accessRules, ({ access }) => {
    if (access === 'public') return 'public'
    return Object.hasOwn(access, 'principal') ? 'principal' : 'tokens alone'
  })
  return Object.fromEntries(
    [...byAccess].map(([access, rules]) => [
      access,
      [...new Set(rules.map((rule) => authorizationFor(rule, choosePairModes(options)).kind))],
    ]),
  )
}

describe('authorizationFor', () => {
  it.each(['password', 'client-credentials', 'client-token'] as const)('%s: our authorizer', (machineAuth) => {
    expect(gates({ machineAuth })).toEqual({ principal: ['token'], 'tokens alone': ['token'], public: ['none'] })
  })

  it('sigv4: IAM where the table names a principal, our authorizer elsewhere', () => {
    expect(gates({ machineAuth: 'sigv4' })).toEqual({ principal: ['iam'], 'tokens alone': ['token'], public: ['none'] })
  })

  it('API Gateway’s own authorizer asks for the scope of each route', () => {
    const modes = choosePairModes({ machineAuth: 'client-token', app2Authorizer: 'cognito' })

    expect(accessRules.map((rule) => authorizationFor(rule, modes))).toEqual(
      accessRules.map(({ access }) =>
        access === 'public' ? { kind: 'none' } : { kind: 'cognito', scopes: [access.scope] },
      ),
    )
  })
})

describe('the variables', () => {
  const made = {
    userPool: 'pool',
    machineClient: 'machine',
    machineScopeClient: 'scope',
    serviceScopeClient: 'service',
    tokenEndpoint: 'https://x',
    rolesOf: (functions: readonly string[]) => functions.join(),
    functionsOf: (functions: readonly string[]) => `functions ${functions.join()}`,
    stsIssuer: 'issuer',
    serviceClient: 'service',
    passwordSecretsPrefix: 'stack/service-users/',
    passwordSecretsKey: 'key',
    passwordKey: 'password-key',
  }
  const groups = (options: PairModeOptions, lifeCycle = true): string | undefined =>
    variablesOf({ ...choosePairModes(options), lifeCycle }, made)['machine-credential-rotation']['MACHINE_GROUPS']

  it('of App2’s functions name the roles that ask them, with sigv4', () => {
    const of = (jobs: boolean) => {
      const variables = variablesOf({ ...choosePairModes({ machineAuth: 'sigv4' }), jobs }, made)
      return (['create-user', 'check-users', 'manage-users'] as const).map(
        (name) => variables[name]['PROVISIONER_ROLE_ARNS'],
      )
    }

    expect(of(true)).toEqual(['app1-provisioner,job-worker', 'app1-provisioner,jobs', 'app1-provisioner'])
    expect(of(false)[0]).toBe('app1-provisioner')
  })

  it('of the authorizer name issuer and roles of sts-token, and the functions where tokens must come from them', () => {
    const modes: PairModes = { ...choosePairModes({}), machineAuth: 'sts-token', accepted: ['sts-token'] }
    const of = (changes: Partial<PairModes>) => variablesOf({ ...modes, ...changes }, made)
    const all = 'app1-provisioner,jobs,job-worker'

    expect(of({}).authorizer).toMatchObject({ STS_ISSUER: 'issuer', PROVISIONER_ROLE_ARNS: 'app1-provisioner' })
    expect(of({}).authorizer).not.toHaveProperty('PROVISIONER_FUNCTION_ARNS')
    expect(of({ jobs: true, stsFunctionCheck: true }).authorizer).toMatchObject({
      PROVISIONER_ROLE_ARNS: all,
      PROVISIONER_FUNCTION_ARNS: `functions ${all}`,
    })
    expect(of({ jobs: true })['create-user']).toEqual({
      PROVISIONER_ROLE_ARNS: 'app1-provisioner,job-worker',
      STS_TOKEN_PER_REQUEST: 'off',
    })
    const bound = of({ stsTokenPerRequest: true })
    for (const name of ['app1-provisioner', 'job-worker', 'create-user'] as const)
      expect(bound[name]).toHaveProperty('STS_TOKEN_PER_REQUEST', 'on')
    for (const name of ['jobs', 'check-users', 'manage-users'] as const)
      expect(bound[name]).not.toHaveProperty('STS_TOKEN_PER_REQUEST')
  })

  it('of those that make users name the issuers of humans where there are any', () => {
    const human = { identity: 'verified', issuers: 'https://idp.example.com#email=a' } as const
    const told = (modes: PairModes): string[] =>
      Object.entries(variablesOf(modes, made)).flatMap(
        ([name, { HUMAN_ISSUERS: issuers, HUMAN_IDENTITY: identity }]) =>
          issuers === undefined && identity === undefined ? [] : [`${name} ${identity ?? ''} ${issuers ?? ''}`],
      )

    expect(told(choosePairModes({}))).toEqual([])
    expect(told({ ...choosePairModes({}), human })).toEqual(
      ['app1-provisioner', 'jobs', 'create-user'].map((name) => `${name} verified https://idp.example.com#email=a`),
    )
    expect(variablesOf({ ...choosePairModes({}), human }, made).jobs['KMS_KEY_ARN']).toBe('password-key')
    expect(variablesOf(choosePairModes({}), made).jobs).not.toHaveProperty('KMS_KEY_ARN')
  })

  it('of the rotation name the groups of a machine user where there is one, and that of administration only where users are managed', () => {
    expect(groups({ machineAuth: 'password' })).toBe('api-client,api-admin')
    expect(groups({ machineAuth: 'client-token', machineAuthAlso: 'password' })).toBe('api-client,api-admin')
    expect(groups({ machineAuth: 'password' }, false)).toBe('api-client')
    expect(groups({ machineAuth: 'client-token' })).toBeUndefined()
  })
})

describe('a variable ${mode:…}', () => {
  /** As the framework calls it, with these parameters, and with templates that are there unless `missing`. */
  function resolve(
    address: string,
    changes: Readonly<Record<string, string>> = {},
    { missing, params = [] }: { readonly missing?: string; readonly params?: readonly string[] } = {},
  ) {
    const modes = { machineAuth: 'password', machineAuthAlso: 'none', app2Authorizer: 'lambda' }
    const sts = { stsTokenPerRequest: 'off', stsFunctionCheck: 'off' }
    const optional = { lifeCycle: 'on', passwordReaders: 'none', jobs: 'off', side: 'both' }
    const chosen = { ...modes, ...sts, ...optional, humanIdentity: 'claimed', humanIssuers: 'none' }
    const parameters = { ...chosen, ...changes }
    const values = new Map(Object.entries(parameters).map(([name, value]) => [`param:${name}`, value]))
    const resolveVariable = vi.fn((variable: string): Promise<unknown> => {
      if (variable === missing) return Promise.reject(new Error('Value not found at "file" source'))
      return Promise.resolve(variable.startsWith('file(') ? { Resources: {} } : values.get(variable))
    })
    return { value: resolveModeVariable({ address, params, resolveVariable }), resolveVariable }
  }

  it.each(['resource', 'gates', ''])('of an unknown name, %o, is refused', async (address) => {
    await expect(resolve(address).value).rejects.toThrow(
      `There is no \${mode:${address}}, only routes, resources, httpApi, alarms.`,
    )
  })

  it.each(['authorizer', 'App1', ''])('of the routes of %o, which has none in the table, is refused', async (name) => {
    await expect(resolve('routes', {}, { params: [name] }).value).rejects.toThrow(
      `shared/routes.ts has no route of a function ${JSON.stringify(name)}`,
    )
  })

  it('of App1’s routes has each row of the table, by its function, for signed requests alone', async () => {
    const routesOf = async (name: string): Promise<unknown[]> =>
      z.object({ value: z.array(z.unknown()) }).parse(await resolve('routes', { jobs: 'on' }, { params: [name] }).value)
        .value
    const [single, jobs] = [await routesOf('app1-provisioner'), await routesOf('jobs')]

    expect([...single.slice(0, -1), ...jobs, ...single.slice(-1)]).toEqual(
      app1Rules.map(({ method, path }) => ({ httpApi: { method, path, authorizer: { type: 'aws_iam' } } })),
    )
    expect(jobs).toHaveLength(4)
  })

  it('of the routes of jobs and check-users has none without jobs', async () => {
    for (const name of ['jobs', 'check-users']) {
      await expect(resolve('routes', {}, { params: [name] }).value).resolves.toEqual({ value: [] })
    }
  })

  it('of the routes of a function of App2 has its rows of the table, each with its gate', async () => {
    const routesOf = async (name: string): Promise<unknown> =>
      (await resolve('routes', {}, { params: [name] }).value).value
    const gate: unknown = expect.objectContaining({ name: 'authorizer', type: 'token' })

    expect(await routesOf('create-user')).toEqual([
      { http: { method: 'post', path: '/admin/create-user', authorizer: gate } },
    ])
    expect(await routesOf('manage-users')).toHaveLength(8)
    expect(await routesOf('sample')).toEqual([
      { http: { method: 'post', path: '/sample', authorizer: gate } },
      { http: { method: 'get', path: '/health' } },
    ])
  })

  it('of the routes of App1 has creation and health alone without the life cycle, and manage-users has none', async () => {
    const routesOf = async (name: string): Promise<unknown> =>
      (await resolve('routes', { lifeCycle: 'off' }, { params: [name] }).value).value

    expect(await routesOf('app1-provisioner')).toMatchObject([
      { httpApi: { method: 'POST', path: '/create-service-user' } },
      { httpApi: { method: 'GET', path: '/health' } },
    ])
    expect(await routesOf('manage-users')).toEqual([])
  })

  it('of a template that is not there is refused', async () => {
    const { value } = resolve('resources', {}, { missing: 'file(infra/templates/modes/password.yml):deployed' })

    await expect(value).rejects.toThrow('Value not found')
  })

  it.each([
    { machineAuth: 'passwords' },
    { machineAuthAlso: 'nobody' },
    { app2Authorizer: 'Cognito' },
    { app2Authorizer: 'cognito' },
    { lifeCycle: 'yes' },
    { jobs: 'yes' },
  ])('with %j, which is refused by name elsewhere, brings nothing', async (parameters) => {
    for (const address of ['routes', 'resources', 'alarms']) {
      await expect(resolve(address, parameters).value).resolves.toEqual({ value: {} })
    }
  })

  it('reads the templates of jobs where there are any', async () => {
    const read = async (address: string): Promise<string[]> => {
      const { value, resolveVariable } = resolve(address, { jobs: 'on', machineAuth: 'sigv4' })
      await value
      return resolveVariable.mock.calls.flat().filter((variable) => /^file.*(jobs)/.test(variable))
    }

    expect(await read('resources')).toEqual([
      'file(infra/templates/jobs/store.yml)',
      'file(infra/templates/jobs/roles.yml)',
      'file(infra/templates/modes/sigv4.yml):jobs',
    ])
    expect(await read('alarms')).toEqual(['file(infra/templates/alarms/jobs.yml)'])
  })

  it('reads what binds tokens to creations where that is chosen, for the roles that create', async () => {
    const read = async (changes: Readonly<Record<string, string>>): Promise<string[]> => {
      const { value, resolveVariable } = resolve('resources', { machineAuth: 'sts-token', ...changes })
      await value
      return resolveVariable.mock.calls.flat().filter((variable) => /sts-token|secret/.test(variable))
    }
    const [deployed, jobs] = ['deployed', 'jobs'].map(
      (section) => `file(infra/templates/modes/sts-token.yml):${section}`,
    )
    const [own, ofWorker] = ['perRequest', 'perRequestJobs'].map(
      (section) => `file(infra/templates/modes/sts-token.yml):${section}`,
    )
    const secret = 'file(infra/templates/unrotated-secret.yml)'

    expect(await read({})).toEqual([deployed, secret])
    expect(await read({ stsTokenPerRequest: 'on' })).toEqual([deployed, secret, own])
    expect(await read({ stsTokenPerRequest: 'on', jobs: 'on' })).toEqual([deployed, secret, jobs, own, ofWorker])
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
