import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { readConfig as readApp1Config } from '#services/app1-provisioner/config.ts'
import { readConfig as readJobWorkerConfig } from '#services/app1-provisioner/job-worker/config.ts'
import { readConfig as readJobsConfig } from '#services/app1-provisioner/jobs/config.ts'
import { readConfig as readAuthorizerConfig } from '#services/app2-accounts/authorizer/config.ts'
import { readConfig as readCheckUsersConfig } from '#services/app2-accounts/check-users/config.ts'
import { readConfig as readCreateUserConfig } from '#services/app2-accounts/create-user/config.ts'
import { readConfig as readManageUsersConfig } from '#services/app2-accounts/manage-users/config.ts'
import { readConfig as readSampleConfig } from '#services/app2-accounts/sample/config.ts'
import { readConfig as readRotationConfig } from '#services/credential-rotation/config.ts'
import { accessRules, knownScopes } from '#shared/access-rules.ts'
import { dashboardMetrics } from './dashboard.ts'
import { logMetrics } from './log-metrics.ts'
import {
  ofType,
  packagedFile,
  propertiesOf,
  readPackagedTemplate,
  resolvedName,
  stringsIn,
  target,
  type Template,
} from './template.ts'
import { variantNames as variants, type Variant } from './variants.ts'

const isSigned = (variant: Variant): boolean => ['sigv4', 'creationSigned', 'creationJobs'].includes(variant)
const hasRotation = (variant: Variant): boolean => !isSigned(variant) && variant !== 'roleToken'
const hasLifeCycle = (variant: Variant): boolean => !variant.startsWith('creation')
const hasJobs = (variant: Variant): boolean => /^(delivering|jobs|parameters|roleToken)$|Jobs$/.test(variant)

const deployed: Readonly<Record<string, string>> = {
  UserPool: 'us-east-1_abc',
  MachineSecret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:MachineSecret-AbCdEf',
  PasswordKey: 'arn:aws:kms:us-east-1:123456789012:key/k-1',
  PasswordSecretsKey: 'arn:aws:kms:us-east-1:123456789012:key/k-3',
  App1ProvisionerRole: 'arn:aws:iam::123456789012:role/app1',
  JobsRole: 'arn:aws:iam::123456789012:role/jobs',
  JobWorkerRole: 'arn:aws:iam::123456789012:role/job-worker',
  App1ProvisionerLambdaFunction: 'arn:aws:lambda:us-east-1:123456789012:function:app1',
  JobsLambdaFunction: 'arn:aws:lambda:us-east-1:123456789012:function:jobs',
  JobWorkerLambdaFunction: 'arn:aws:lambda:us-east-1:123456789012:function:job-worker',
  JobsTable: 'latchkey-dev-JobsTable-1ABCDEF',
  JobQueue: 'https://sqs.us-east-1.amazonaws.com/123456789012/latchkey-dev-job-rows',
  JobKey: 'arn:aws:kms:us-east-1:123456789012:key/k-2',
}

/** The function's variables as they are once the stack is deployed; undefined where the mode has no such function. */
function environmentOf(template: Template, name: string): Record<string, string> | undefined {
  const properties = template.Resources[`${name}LambdaFunction`]?.Properties
  if (properties === undefined) return undefined
  const { Variables } = z
    .object({ Variables: z._default(z.record(z.string(), z.unknown()), {}) })
    .parse(properties['Environment'] ?? {})
  const entries = Object.entries(Variables).map(([variable, value]): [string, string] => {
    const logicalId = target(value)
    if (logicalId !== undefined) return [variable, deployed[logicalId] ?? logicalId]
    if (typeof value === 'string') return [variable, value]
    return [
      variable,
      stringsIn(value)
        .join('')
        .replace(/Fn::Sub/, '')
        .replaceAll(/\$\{(\w+)?[^}]*\}/g, (_, made: string) => deployed[made] ?? 'x'),
    ]
  })
  return { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: name, ...Object.fromEntries(entries) }
}

/** What CloudFormation makes before the resource, by what refers to what. */
function neededBy(logicalId: string, { Resources }: Template): string[] {
  const needed = new Set<string>()
  const visit = (name: string): void => {
    const { Properties, DependsOn } = Resources[name] ?? { Properties: {}, DependsOn: [] }
    const named = stringsIn(Properties).flatMap((text) => [text, ...text.split(/[${}.]/)])
    for (const next of [...DependsOn, ...named]) {
      if (!Object.hasOwn(Resources, next) || needed.has(next)) continue
      needed.add(next)
      visit(next)
    }
  }
  visit(logicalId)
  return [...needed]
}

describe.each(variants)('the template %s', (variant) => {
  const template = (): Template => readPackagedTemplate(variant)

  it('refers to nothing that is not in it', () => {
    const { Resources } = template()
    const waited = Object.values(Resources).flatMap(({ DependsOn }) => DependsOn)
    const references = [...JSON.stringify(Resources).matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"/g)]
      .map(([, ref, attribute]) => ref ?? attribute ?? '')
      .filter((name) => name !== 'AWS')

    expect(references.length).toBeGreaterThan(100)
    expect([...references, ...waited].filter((name) => !Object.hasOwn(Resources, name))).toEqual([])
  })

  it('gives each function an environment that it starts with', () => {
    const callers = { ALLOWED_CALLERS: 'arn:aws:iam::123456789012:role/caller' }
    const readers = {
      App1Provisioner: (environment: Record<string, string>) => readApp1Config({ ...environment, ...callers }),
      Jobs: (environment: Record<string, string>) => readJobsConfig({ ...environment, ...callers }),
      JobWorker: readJobWorkerConfig,
      CreateUser: readCreateUserConfig,
      CheckUsers: readCheckUsersConfig,
      ManageUsers: readManageUsersConfig,
      Sample: readSampleConfig,
      Authorizer: readAuthorizerConfig,
      MachineCredentialRotation: readRotationConfig,
    }
    for (const [name, read] of Object.entries(readers)) {
      const environment = environmentOf(template(), name)
      expect(() => environment && read(environment)).not.toThrow()
    }
  })

  it('has an authorizer function but for the native one, and a rotation where the machine has credentials', () => {
    const { Resources } = template()

    expect(Object.hasOwn(Resources, 'AuthorizerLambdaFunction')).toBe(!variant.startsWith('native'))
    for (const part of [
      'MachineCredentialRotationLambdaFunction',
      'MachineSecretRotation',
      'MachineCredentialRotationRole',
    ]) {
      expect([part, Object.hasOwn(Resources, part)]).toEqual([part, hasRotation(variant)])
    }
  })

  it('has the first rotation begin, by itself, only when all that it needs is there', () => {
    const { Resources } = template()
    const rotation = Resources['MachineSecretRotation']
    if (!hasRotation(variant)) {
      expect(rotation).toBeUndefined()
      return
    }
    const needed = neededBy('MachineSecretRotation', template())
    const ofItsModes = Object.keys(Resources).filter((logicalId) =>
      /^(ApiClientGroup|ApiAdminGroup|MachineClient|MachineScopeClient|App2ResourceServer|UserPoolDomain)$/.test(
        logicalId,
      ),
    )
    const policies = ofType(template(), 'AWS::IAM::Policy').filter(([, { Properties }]) =>
      stringsIn(Properties['Roles']).includes('MachineCredentialRotationRole'),
    )

    expect(rotation?.Properties['RotateImmediatelyOnUpdate']).toBe(true)
    expect(ofItsModes.length).toBeGreaterThanOrEqual(2)
    expect(policies.length).toBeGreaterThanOrEqual(2)
    expect(needed).toEqual(
      expect.arrayContaining([
        'MachineCredentialRotationLambdaFunction',
        'MachineCredentialRotationPermission',
        'MachineSecretPolicy',
        ...ofItsModes,
        ...policies.map(([logicalId]) => logicalId),
      ]) as string[],
    )
  })

  it('lets nobody begin a flow that the mode does not use', () => {
    const flows = ofType(template(), 'AWS::Cognito::UserPoolClient').map(([logicalId, { Properties }]) => [
      logicalId,
      Properties['ExplicitAuthFlows'],
      Properties['AllowedOAuthFlows'],
      Properties['AllowedOAuthScopes'],
    ])
    const users = [['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'], undefined, undefined]
    // Of each machine scope, in the order of the table.
    const scopes = hasLifeCycle(variant)
      ? knownScopes.filter((name) => name !== 'app2/sample.call')
      : ['app2/users.create']
    const byDomain = [['ALLOW_REFRESH_TOKEN_AUTH'], ['client_credentials'], scopes]
    const byApi = [['ALLOW_CLIENT_TOKEN_AUTH'], undefined, scopes]
    const machine = ['MachineClient', ...users]
    const expected: Record<Variant, unknown[]> = {
      dev: [machine],
      prod: [machine],
      production: [machine],
      clientCredentials: [['MachineScopeClient', ...byDomain]],
      clientToken: [['MachineScopeClient', ...byApi]],
      sigv4: [],
      native: [
        ['MachineScopeClient', ...byApi],
        ['ServiceScopeClient', ['ALLOW_CLIENT_TOKEN_AUTH'], undefined, ['app2/sample.call']],
      ],
      nativeWithDomain: [
        ['MachineScopeClient', ...byDomain],
        ['ServiceScopeClient', ['ALLOW_REFRESH_TOKEN_AUTH'], ['client_credentials'], ['app2/sample.call']],
      ],
      roleToken: [],
      movingToRole: [['MachineScopeClient', ...byApi]],
      moving: [machine, ['MachineScopeClient', ...byDomain]],
      moved: [machine, ['MachineScopeClient', ...byDomain]],
      delivering: [machine],
      creationAlone: [machine],
      creationSigned: [],
      creationScoped: [['MachineScopeClient', ...byDomain]],
      jobs: [machine],
      creationJobs: [],
      nativeJobs: [
        ['MachineScopeClient', ...byApi],
        ['ServiceScopeClient', ['ALLOW_CLIENT_TOKEN_AUTH'], undefined, ['app2/sample.call']],
      ],
      parameters: [machine],
    }

    expect(flows.toSorted()).toEqual([['ServiceClient', ...users], ...expected[variant]].toSorted())
  })
})

describe('the gates of App2', () => {
  /** The framework names a method by the parts of its path, in which `Dash` stands for a hyphen. */
  const gateOf = (variant: Variant, path: string): Record<string, unknown> => {
    const parts = path.split('/').map((part) => part.charAt(0).toUpperCase() + part.slice(1).replaceAll('-', 'Dash'))
    return propertiesOf(readPackagedTemplate(variant), `ApiGatewayMethod${parts.join('')}Post`)
  }
  const ruleOf = (path: string): object => ({ ...accessRules.find((rule) => rule.path === path) })

  it('in sigv4 are IAM where the access table names a principal, and the authorizer elsewhere', () => {
    expect(ruleOf('/sample')).not.toHaveProperty('access.principal')
    for (const path of ['/admin/create-user', '/admin/users/read', '/admin/users/delete']) {
      expect(ruleOf(path)).toHaveProperty('access.principal', 'provisioner')
      expect([path, gateOf('sigv4', path)['AuthorizationType']]).toEqual([path, 'AWS_IAM'])
    }
    expect(ruleOf('/admin/check-users')).toHaveProperty('access.principal', 'provisioner')
    expect(gateOf('creationJobs', '/admin/check-users')['AuthorizationType']).toBe('AWS_IAM')
    expect(gateOf('sigv4', '/sample')['AuthorizationType']).toBe('CUSTOM')
  })

  it('of the native authorizer ask for the scope of the access table, one each', () => {
    for (const { path, access } of accessRules) {
      if (access === 'public') continue
      expect(gateOf('nativeJobs', path)).toMatchObject({
        AuthorizationType: 'COGNITO_USER_POOLS',
        AuthorizationScopes: [access.scope],
        AuthorizerId: { Ref: 'CognitoApiGatewayAuthorizer' },
      })
    }
  })

  it('know scopes that the resource server has, and no other', () => {
    const server = propertiesOf(readPackagedTemplate('clientToken'), 'App2ResourceServer')
    const scopes = z.array(z.looseObject({ ScopeName: z.string() })).parse(server['Scopes'])

    expect(scopes.map(({ ScopeName }) => `${String(server['Identifier'])}/${ScopeName}`)).toEqual(knownScopes)
  })
})

describe('the permissions in each mode', () => {
  const actionsOf = (variant: Variant, role: string): string[] =>
    ofType(readPackagedTemplate(variant), 'AWS::IAM::Policy')
      .filter(([, { Properties }]) => stringsIn(Properties['Roles']).includes(role))
      .flatMap(([, { Properties }]) => stringsIn(Properties['PolicyDocument']))
      .filter((text) => /^(cognito-idp|execute-api|sts):/.test(text))

  const clientSecrets = ['Add', 'Delete', 'List'].map((verb) =>
    verb === 'List' ? 'cognito-idp:ListUserPoolClientSecrets' : `cognito-idp:${verb}UserPoolClientSecret`,
  )

  it.each(['clientCredentials', 'clientToken', 'native', 'nativeWithDomain', 'movingToRole'] as const)(
    '%s: the rotation touches no user',
    (variant) => {
      expect(actionsOf(variant, 'MachineCredentialRotationRole')).toEqual(clientSecrets)
    },
  )

  it.each(['moving', 'moved'] as const)('%s: the rotation renews both kinds', (variant) => {
    const actions = actionsOf(variant, 'MachineCredentialRotationRole')

    expect(actions).toEqual(expect.arrayContaining([...clientSecrets, 'cognito-idp:AdminSetUserPassword']) as string[])
  })

  it('App1 may call the methods that the table opens to it in sigv4, each by its name, and in no other mode anything', () => {
    for (const variant of variants) {
      const allowed = isSigned(variant) ? ['execute-api:Invoke'] : []
      const actions = actionsOf(variant, 'App1ProvisionerRole').filter((action) => !action.startsWith('sts:'))
      expect([variant, actions]).toEqual([variant, allowed])
    }
    const invoked = (variant: Variant, policy = 'App1InvokePolicy'): unknown => {
      const { PolicyDocument } = propertiesOf(readPackagedTemplate(variant), policy)
      return z.object({ Statement: z.tuple([z.object({ Resource: z.unknown() })]) }).parse(PolicyDocument).Statement[0]
        .Resource
    }
    const arn =
      'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiGatewayRestApi}/dev/POST/admin/create-user'
    const checks = arn.replace('create-user', 'check-users')
    const opened = accessRules.filter(
      ({ path, access }) => access !== 'public' && Object.hasOwn(access, 'principal') && path !== '/admin/check-users',
    )

    expect(invoked('creationSigned')).toEqual([{ 'Fn::Sub': arn }])
    expect(invoked('creationJobs')).toEqual([{ 'Fn::Sub': arn }, { 'Fn::Sub': checks }])
    expect(invoked('creationJobs', 'JobsInvokePolicy')).toEqual({ 'Fn::Sub': checks })
    expect(invoked('creationJobs', 'JobWorkerInvokePolicy')).toEqual({ 'Fn::Sub': arn })
    expect(invoked('sigv4')).toEqual(
      opened.map(({ method, path }) => ({ 'Fn::Sub': arn.replace('POST/admin/create-user', method + path) })),
    )
  })
})

describe('sts-token', () => {
  const stsActions = (variant: Variant, role: string): string[] =>
    ofType(readPackagedTemplate(variant), 'AWS::IAM::Policy')
      .filter(([, { Properties }]) => stringsIn(Properties['Roles']).includes(role))
      .flatMap(([, { Properties }]) => stringsIn(Properties['PolicyDocument']))
      .filter((text) => /^sts:[A-Z]\w+Token$/.test(text))

  it('lets the roles of App1 ask for tokens, those that create bind them, and in no other mode any', () => {
    const get = 'sts:GetWebIdentityToken'

    expect(stsActions('roleToken', 'App1ProvisionerRole')).toEqual([get, 'sts:TagGetWebIdentityToken'])
    expect(stsActions('roleToken', 'JobWorkerRole')).toEqual([get, 'sts:TagGetWebIdentityToken'])
    expect(stsActions('roleToken', 'JobsRole')).toEqual([get])
    expect(stsActions('movingToRole', 'App1ProvisionerRole')).toEqual([get])
    for (const variant of variants.filter((name) => !/role|parameters/i.test(name)))
      expect([variant, stsActions(variant, 'App1ProvisionerRole')]).toEqual([variant, []])
  })

  it('has the authorizer take these roles and functions, and each function of App2 those that ask it', () => {
    const template = readPackagedTemplate('roleToken')
    const variable = (name: string, of: string): string | undefined => environmentOf(template, of)?.[name]
    const [app1, jobs, worker] = ['App1ProvisionerRole', 'JobsRole', 'JobWorkerRole'].map(
      (role) => deployed[role] ?? '',
    )

    expect(variable('PROVISIONER_ROLE_ARNS', 'Authorizer')).toBe([app1, jobs, worker].join())
    expect(variable('PROVISIONER_FUNCTION_ARNS', 'Authorizer')?.split(',')).toHaveLength(3)
    expect(variable('PROVISIONER_ROLE_ARNS', 'CreateUser')).toBe([app1, worker].join())
    expect(variable('PROVISIONER_ROLE_ARNS', 'CheckUsers')).toBe([app1, jobs].join())
    expect(variable('PROVISIONER_ROLE_ARNS', 'ManageUsers')).toBe(app1)
  })
})

describe('lifeCycle=off', () => {
  const pairs: readonly (readonly [Variant, Variant])[] = [
    ['creationAlone', 'dev'],
    ['creationSigned', 'sigv4'],
    ['creationScoped', 'clientCredentials'],
  ]

  it.each(pairs)('%s leaves out what is named here, of all that %s has', (without, withIt) => {
    const [off, on] = [readPackagedTemplate(without).Resources, readPackagedTemplate(withIt).Resources]
    const isOfDeployment = (logicalId: string): boolean => logicalId.startsWith('ApiGatewayDeployment')
    const [left, all] = [off, on].map((resources) => Object.keys(resources).filter((name) => !isOfDeployment(name)))
    const routes = all?.filter((name) => /^(ApiGatewayResource|ApiGatewayMethod|HttpApiRoute)/.test(name)) ?? []
    const ofRoutes = routes.filter((name) => /AdminUsers|ServiceDashusers|ServiceUsers/.test(name))
    const filters = Object.keys(on).filter((name) => {
      const isFilter = on[name]?.Type === 'AWS::Logs::MetricFilter'
      return isFilter && stringsIn(on[name]?.Properties['LogGroupName']).includes('ManageUsersLogGroup')
    })
    const named = [
      ...['ManageUsersLogGroup', 'ManageUsersLambdaFunction', 'ManageUsersLambdaPermissionApiGateway'],
      ...['ManageUsersRole', 'ManageUsersPolicy', 'DeletionSurgeAlarm', 'PartialChangesAlarm'],
      ...(without === 'creationAlone' ? ['ApiAdminGroup'] : []),
    ]

    expect(left?.filter((name) => !all?.includes(name))).toEqual([])
    expect(all?.filter((name) => !left?.includes(name)).toSorted()).toEqual(
      [...named, ...ofRoutes, ...filters].toSorted(),
    )
    expect(filters.length).toBeGreaterThan(9)
    expect(ofRoutes).toHaveLength(8 + 8 + 9)
  })

  it.each(pairs)('%s names nothing of it anywhere', (without) => {
    const { Resources, Outputs } = readPackagedTemplate(without)

    expect(JSON.stringify([Resources, Outputs])).not.toMatch(
      /manage-?users|api-?admin|users\.(read|write|delete)|admin\/users|service-users|reset-password/i,
    )
  })

  it.each(pairs)('%s shows on the dashboard what %s shows, but for manage-users', (without, withIt) => {
    const [off, on] = [dashboardMetrics(readPackagedTemplate(without)), dashboardMetrics(readPackagedTemplate(withIt))]

    expect(off.functionNames).toEqual(on.functionNames.filter((name) => name !== 'latchkey-dev-manage-users'))
    expect(new Set(off.ofAws)).toEqual(new Set(on.ofAws))
    expect(off.ofAws).toHaveLength(on.ofAws.length - 2)
    expect(off.own).toEqual(on.own.filter((name) => !/UserChanges|PartialChanges|UsersDeleted|DirectoryMs/.test(name)))
  })

  it('leaves the permissions, the key, the scopes and the groups of a machine that creates, and no other', () => {
    const { Resources } = readPackagedTemplate('creationAlone')
    const statements = z
      .object({ Statement: z.array(z.looseObject({ Sid: z.string(), Condition: z.optional(z.unknown()) })) })
      .parse(Resources['PasswordKey']?.Properties['KeyPolicy']).Statement
    const conditionOf = (sid: string): unknown => statements.find(({ Sid }) => Sid === sid)?.Condition

    expect(statements.map(({ Sid }) => Sid)).toEqual([
      ...['AdministrationOnly', 'App1Seals', 'CreateUserOpens', 'NobodyElseOpens'],
    ])
    expect(conditionOf('App1Seals')).toMatchObject({
      StringEquals: { 'kms:EncryptionContext:purpose': ['latchkey:create-user'] },
    })
    expect(conditionOf('NobodyElseOpens')).toEqual({
      ArnNotEquals: { 'aws:PrincipalArn': [{ 'Fn::GetAtt': ['CreateUserRole', 'Arn'] }] },
    })
    expect(Resources['MachineCredentialRotationLambdaFunction']?.Properties).toMatchObject({
      Environment: { Variables: { MACHINE_GROUPS: 'api-client' } },
    })
    expect(
      stringsIn(Resources['FunctionFailedAlarm']?.Properties).filter((text) => text.endsWith('LambdaFunction')),
    ).toEqual([...['App1ProvisionerLambdaFunction', 'CreateUserLambdaFunction', 'SampleLambdaFunction']])
  })
})

describe('jobs', () => {
  it.each(variants.filter((variant) => !hasJobs(variant)))('off (%s): nothing is deployed of them', (variant) => {
    const { Resources, Outputs } = readPackagedTemplate(variant)

    expect(JSON.stringify([Resources, Outputs])).not.toMatch(
      /\bjobs?\b|job-|-jobs|check-?(dash)?users|\bJobs?[A-Z]|RowsNot|RowsGiven|DRY_RUN|dynamodb|sqs\b|scheduler/i,
    )
    expect(existsSync(packagedFile(variant, 'dist/jobs'))).toBe(false)
  })

  const pairs: readonly (readonly [Variant, Variant])[] = [
    ['jobs', 'dev'],
    ['nativeJobs', 'native'],
  ]

  it.each(pairs)('%s has all that %s has, and beside it what is named here', (withIt, without) => {
    const [on, off] = [readPackagedTemplate(withIt).Resources, readPackagedTemplate(without).Resources]
    const isOfDeployment = (logicalId: string): boolean => logicalId.startsWith('ApiGatewayDeployment')
    const isFilter = (logicalId: string): boolean => on[logicalId]?.Type === 'AWS::Logs::MetricFilter'
    const added = Object.keys(on).filter((name) => !Object.hasOwn(off, name) && !isOfDeployment(name))
    const ofFunction = (name: string): string[] => [
      `${name}LambdaFunction`,
      `${name}LogGroup`,
      `${name}Role`,
      `${name}Policy`,
    ]

    expect(Object.keys(off).filter((name) => !Object.hasOwn(on, name) && !isOfDeployment(name))).toEqual([])
    expect(added.filter((name) => !isFilter(name)).toSorted()).toEqual(
      [
        ...['Jobs', 'JobWorker', 'CheckUsers'].flatMap(ofFunction),
        ...['JobsTable', 'JobsTableKey', 'JobKey'],
        ...['JobQueue', 'JobQueuePolicy', 'JobDeadLetterQueue', 'JobDeadLetterQueuePolicy'],
        ...['JobWorkerEventSourceMappingSQSJobQueue', 'JobWorkerSchedulerSchedule1', 'JobSweepRole', 'JobSweepPolicy'],
        ...['JobFunctionFailedAlarm', 'JobMessagesDeadAlarm', 'JobRowsOldAlarm'],
        ...[
          'HttpApiIntegrationJobs',
          'JobsLambdaPermissionHttpApi',
          'HttpApiRoutePostJobs',
          'HttpApiRouteGetJobsIdVar',
        ],
        ...['HttpApiRouteGetJobsIdVarRows', 'HttpApiRoutePostJobsIdVarCancel'],
        ...['ApiGatewayResourceAdminCheckDashusers', 'ApiGatewayMethodAdminCheckDashusersPost'],
        'CheckUsersLambdaPermissionApiGateway',
      ].toSorted(),
    )
    expect(added.filter(isFilter)).toHaveLength(8 + 10 + 4)
  })

  it('shows each metric of their logs on the dashboard, and functions that there are', () => {
    const template = readPackagedTemplate('jobs')
    const written = logMetrics(template).map(({ metric: { MetricName, Dimensions = [] } }) =>
      [MetricName, ...Dimensions.map(({ Key }) => Key)].join(),
    )
    const names = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties['FunctionName'])
    const shown = dashboardMetrics(template)

    expect([...new Set(shown.own)].toSorted()).toEqual([...new Set(written)].toSorted())
    expect(shown.functionNames.filter((name) => !names.includes(name))).toEqual([])
    expect(shown.ofAws).toEqual(
      expect.arrayContaining([
        'AWS/SQS ApproximateAgeOfOldestMessage QueueName',
        'AWS/SQS ApproximateNumberOfMessagesVisible QueueName',
      ]) as string[],
    )
  })

  it('have a queue that is read in batches whose messages are given back one by one, by as many as share the rate', () => {
    const { Resources } = readPackagedTemplate('parameters')
    const source = Resources['JobWorkerEventSourceMappingSQSJobQueue']

    expect(source).toMatchObject({
      // Lambda refuses a source that the function's role may not read.
      DependsOn: ['JobWorkerPolicy'],
      Properties: {
        BatchSize: 10,
        EventSourceArn: { 'Fn::GetAtt': ['JobQueue', 'Arn'] },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 4 },
      },
    })
    expect(Resources['JobWorkerLambdaFunction']?.Properties).toMatchObject({
      Environment: { Variables: { BULK_SHARE: '0.5', CREATIONS_PER_SECOND: '10', JOB_WORKERS: '4' } },
    })
    expect(Resources['JobWorkerSchedulerSchedule1']?.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Target: { Input: '{"sweep":true}', RoleArn: { 'Fn::GetAtt': ['JobSweepRole', 'Arn'] } },
    })
  })

  it('have queues that are encrypted, go by TLS, and put aside what comes back too often', () => {
    const template = readPackagedTemplate('jobs')

    for (const queue of ['JobQueue', 'JobDeadLetterQueue']) {
      expect(propertiesOf(template, queue)).toMatchObject({ SqsManagedSseEnabled: true })
      expect(propertiesOf(template, `${queue}Policy`)).toMatchObject({
        Queues: [{ Ref: queue }],
        PolicyDocument: {
          Statement: [
            {
              ...{ Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: { 'Fn::GetAtt': [queue, 'Arn'] } },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      })
    }
    expect(propertiesOf(template, 'JobQueue')['RedrivePolicy']).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': ['JobDeadLetterQueue', 'Arn'] },
      maxReceiveCount: 100,
    })
    // By its name, which is the queue's own.
    const name = resolvedName(propertiesOf(template, 'JobQueue')['QueueName'], 'latchkey-dev')
    expect(stringsIn(propertiesOf(template, 'JobDeadLetterQueue')['RedriveAllowPolicy'])).toContain(
      `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${name?.replace('latchkey-dev', '${AWS::StackName}') ?? ''}`,
    )
  })

  it('have a table that forgets, is encrypted under a key of the stack, and can be led back', () => {
    expect(propertiesOf(readPackagedTemplate('jobs'), 'JobsTable')).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': ['JobsTableKey', 'Arn'] } },
      KeySchema: [{ AttributeName: 'job' }, { AttributeName: 'item' }],
      LocalSecondaryIndexes: [
        { IndexName: 'by_state', KeySchema: [{ AttributeName: 'job' }, { AttributeName: 'state_item' }] },
      ],
    })
  })

  it('have App2 take each role of App1 where it asks, with sigv4', () => {
    const rolesFor = (name: string): unknown =>
      environmentOf(readPackagedTemplate('creationJobs'), name)?.['PROVISIONER_ROLE_ARNS']

    expect(rolesFor('CreateUser')).toBe(`${deployed['App1ProvisionerRole'] ?? ''},${deployed['JobWorkerRole'] ?? ''}`)
    expect(rolesFor('CheckUsers')).toBe(`${deployed['App1ProvisionerRole'] ?? ''},${deployed['JobsRole'] ?? ''}`)
    expect(environmentOf(readPackagedTemplate('sigv4'), 'CreateUser')?.['PROVISIONER_ROLE_ARNS']).toBe(
      deployed['App1ProvisionerRole'],
    )
  })
})
