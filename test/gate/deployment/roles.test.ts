import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { bundleFunctions, functionNames, type FunctionName } from '#infra/deploy/bundle/bundle.ts'
import {
  functions,
  given,
  ofType,
  propertiesOf,
  readPackagedTemplate,
  stringsIn,
  target,
  type Template,
} from './template.ts'

let folder: string
let template: Template
let commands: Map<FunctionName, string[]>

beforeAll(async () => {
  template = readPackagedTemplate('jobs')
  folder = await mkdtemp(join(tmpdir(), 'latchkey-roles-'))
  const bundles = await bundleFunctions({ outputFolder: folder })
  commands = new Map(
    bundles.map(({ name, metafile }) => [
      name,
      Object.values(metafile.outputs)
        .flatMap(({ inputs }) => Object.entries(inputs))
        .flatMap(([path, { bytesInOutput }]) => {
          const [, service, command] = /@aws-sdk\/client-([\w-]+)\/.*\/(\w+)Command\.js$/.exec(path) ?? []
          return bytesInOutput > 0 && service !== undefined && command !== undefined ? [`${service}:${command}`] : []
        }),
    ]),
  )
}, 30_000)

afterAll(() => rm(folder, { recursive: true }))

const iamPrefixes: Readonly<Record<string, string>> = {
  'cognito-identity-provider': 'cognito-idp',
  dynamodb: 'dynamodb',
  kms: 'kms',
  'secrets-manager': 'secretsmanager',
  sqs: 'sqs',
  sts: 'sts',
}

/** Commands whose action has another name. */
const actions: Readonly<Record<string, string>> = { 'sqs:SendMessageBatch': 'sqs:SendMessage' }

/** Cognito looks at the client's secret here, not at IAM: there is nothing to grant. */
const withoutIamAction = ['cognito-idp:GetClientToken', 'cognito-idp:InitiateAuth', 'cognito-idp:RevokeToken']

const ownLog = ['logs:CreateLogStream', 'logs:PutLogEvents']

/** As DynamoDB uses its table's: what it documents. An index is another resource than its table: Query is granted twice. */
const ofSecretAndTable = [
  ...['kms:Decrypt', 'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
  ...['kms:DescribeKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
]

/** Secrets Manager uses the secret's key with the permissions of its caller: permissions without a command in the bundle. */
const withoutCommand: Readonly<Record<FunctionName, readonly string[]>> = {
  'app1-provisioner': ['kms:Decrypt'],
  jobs: [...ofSecretAndTable, 'dynamodb:Query'],
  // Lambda takes the messages with the function's role.
  'job-worker': [...ofSecretAndTable, 'dynamodb:Query', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'],
  'create-user': [],
  'check-users': [],
  'manage-users': [],
  sample: [],
  authorizer: [],
  'machine-credential-rotation': ['kms:Decrypt', 'kms:GenerateDataKey'],
}

/** Of the client of DynamoDB itself, which asks for endpoints only where that is switched on. */
const ofClient = ['dynamodb:DescribeEndpoints']

/** In the bundle by way of a file that two functions share, and called by the other one alone. */
const notCalled: Readonly<Partial<Record<FunctionName, readonly string[]>>> = {
  // Encrypt on the key of passwords is there with humanIssuers alone: see below.
  jobs: [...ofClient, 'dynamodb:DeleteItem', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'kms:Encrypt'],
  'job-worker': [...ofClient, 'dynamodb:BatchWriteItem', 'dynamodb:PutItem'],
}

const policy = z.object({
  Roles: z.array(z.unknown()),
  PolicyDocument: z.object({
    Statement: z.array(
      z.looseObject({
        Sid: z.string(),
        Effect: z.literal('Allow'),
        Action: z.union([z.string(), z.array(z.string())]),
        Resource: z.unknown(),
      }),
    ),
  }),
})

type Statement = z.infer<typeof policy>['PolicyDocument']['Statement'][number]

function policies(packaged = template): { logicalId: string; roles: unknown[]; statements: Statement[] }[] {
  return ofType(packaged, 'AWS::IAM::Policy').map(([logicalId, { Properties }]) => {
    const { Roles, PolicyDocument } = policy.parse(Properties)
    return { logicalId, roles: Roles.map(target), statements: PolicyDocument.Statement }
  })
}

/** The logical id of the table whose index it is. */
function indexed(resource: unknown): string | undefined {
  const { data } = z.strictObject({ 'Fn::Sub': z.string() }).safeParse(resource)
  return /^\$\{(\w+)\.Arn\}\/index\/by_state$/.exec(data?.['Fn::Sub'] ?? '')?.[1]
}

/** What a function may do without tracing, which is in its role and off. */
function statementsOf(name: FunctionName, packaged = template): Statement[] {
  return policies(packaged)
    .filter(({ roles }) => roles.includes(`${functions[name]}Role`))
    .flatMap(({ statements }) => statements)
}

/** The bundle is the same in every mode; the calls of the modes that are not accepted are not granted. */
const ofOtherModes = [
  'sts:GetWebIdentityToken',
  'cognito-idp:AddUserPoolClientSecret',
  'cognito-idp:DeleteUserPoolClientSecret',
  'cognito-idp:ListUserPoolClientSecrets',
]

/** So are those for generated passwords, which passwordReaders alone brings. */
const isForPasswords = (name: FunctionName, action: string): boolean =>
  ['create-user', 'manage-users'].includes(name) &&
  (action.startsWith('secretsmanager:') || action === 'cognito-idp:DescribeUserPoolClient')

/** Inline, so that no function starts before its role has it; the two actions know no resource. */
const whereTracingIsOn = {
  'Fn::If': [
    'TracingIsOn',
    [
      {
        PolicyName: 'tracing',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'WriteTraces',
              Effect: 'Allow',
              Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
              Resource: '*',
            },
          ],
        },
      },
    ],
    { Ref: 'AWS::NoValue' },
  ],
}

describe.each(functionNames)('the role of %s', (name) => {
  it('grants what its bundle calls, and nothing else', () => {
    const called = (commands.get(name) ?? []).map((command) => {
      const [service = '', operation] = command.split(':')
      const action = `${iamPrefixes[service] ?? service}:${operation ?? ''}`
      return actions[action] ?? action
    })
    const isOther = (action: string): boolean => notCalled[name]?.includes(action) ?? false
    const needed = called.filter(
      (action) => !withoutIamAction.includes(action) && !ofOtherModes.includes(action) && !isOther(action),
    )
    const ofPasswords = needed.filter((action) => isForPasswords(name, action))
    const always = [...needed, ...withoutCommand[name], ...ownLog].filter((action) => !ofPasswords.includes(action))
    const granted = (packaged?: Template): string[] => statementsOf(name, packaged).flatMap(({ Action }) => Action)

    expect(granted().toSorted()).toEqual(always.toSorted())
    // Secrets Manager uses the key with the permissions of its caller.
    const ofTheirKey = ofPasswords.length > 0 ? ['kms:Decrypt', 'kms:GenerateDataKey'] : []
    expect(granted(readPackagedTemplate('delivering')).toSorted()).toEqual(
      [...always, ...ofPasswords, ...ofTheirKey].toSorted(),
    )
    expect(ofPasswords).not.toContain('secretsmanager:GetSecretValue')
  })

  it('is the function’s alone, and Lambda’s to assume', () => {
    const role = `${functions[name]}Role`
    const users = ofType(template, 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => target(Properties['Role']) === role,
    )

    expect(users.map(([logicalId]) => logicalId)).toEqual([`${functions[name]}LambdaFunction`])
    expect(propertiesOf(template, role)).toEqual({
      Description: expect.any(String) as string,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: whereTracingIsOn,
    })
  })

  it('writes to the function’s own log and no other', () => {
    const [log] = statementsOf(name).filter(({ Sid }) => Sid === 'WriteOwnLog')

    expect(log?.Resource).toEqual({ 'Fn::GetAtt': [`${functions[name]}LogGroup`, 'Arn'] })
    expect(propertiesOf(template, `${functions[name]}LogGroup`)['LogGroupName']).toBe(
      `/aws/lambda/latchkey-dev-${name}`,
    )
  })
})

describe('the roles', () => {
  it('name one resource of this stack in each statement', () => {
    const resources = policies().flatMap(({ statements }) =>
      statements.map(({ Sid, Resource }) => ({ Sid, resource: target(Resource) ?? indexed(Resource) })),
    )

    const unnamed = resources.filter(({ resource }) => resource === undefined || !(resource in template.Resources))
    expect(resources.length).toBeGreaterThan(10)
    // The account's limits are those of no resource.
    expect(unnamed).toEqual([{ Sid: 'ReadAccountLimit', resource: undefined }])
  })

  it('hold no wildcard in an action', () => {
    const actions = policies().flatMap(({ statements }) => statements.flatMap(({ Action }) => Action))

    expect(actions.filter((action) => action.includes('*'))).toEqual([])
  })

  it('trace only where tracing is on', () => {
    expect(template['Mappings']).toMatchObject({ Parameters: { Given: { tracing: 'PassThrough' } } })
    expect(template['Conditions']).toMatchObject({ TracingIsOn: { 'Fn::Equals': [given('tracing'), 'Active'] } })
  })

  it('open the machine secret’s key for that secret alone, by way of Secrets Manager', () => {
    const uses = functionNames
      .flatMap((name) => statementsOf(name))
      .filter(({ Resource }) => target(Resource) === 'MachineSecretKey')
      .map(({ Condition }) => Condition)

    expect(uses).toHaveLength(4)
    for (const condition of uses) {
      expect(condition).toEqual({
        StringEquals: {
          'kms:EncryptionContext:SecretARN': { Ref: 'MachineSecret' },
          'kms:ViaService': { 'Fn::Sub': 'secretsmanager.${AWS::Region}.${AWS::URLSuffix}' },
        },
      })
    }
  })

  it('seal and open under the context that the key’s own policy wants', () => {
    const conditions = functionNames
      .flatMap((name) => statementsOf(name))
      .filter(({ Resource }) => target(Resource) === 'PasswordKey')
      .map(({ Condition }) => Condition)

    const keyPolicy = z
      .object({ Statement: z.array(z.looseObject({ Sid: z.string() })) })
      .parse(propertiesOf(template, 'PasswordKey')['KeyPolicy'])
    const using = ['App1Seals', 'JobWorkerSeals', 'CreateUserOpens', 'ManageUsersOpens'].map((name) =>
      keyPolicy.Statement.find(({ Sid }) => Sid === name),
    )
    expect(conditions).toHaveLength(4)
    expect(conditions).toEqual(using.map((statement) => statement?.['Condition']))
  })
})

describe('whose token asked for a job', () => {
  const ofHumans = 'latchkey:job-human'
  const statementsAbout = (packaged: Template): (readonly [FunctionName, unknown])[] =>
    functionNames.flatMap((name) =>
      statementsOf(name, packaged)
        .filter((statement) => stringsIn(statement).includes(ofHumans))
        .map(({ Action }) => [name, Action] as const),
    )

  it('is sealed by jobs and opened by create-user, as the key’s policy has it, where issuers of humans are named', () => {
    const packaged = readPackagedTemplate('parameters')
    const keyPolicy = z
      .object({ Statement: z.array(z.looseObject({ Sid: z.string() })) })
      .parse(propertiesOf(packaged, 'PasswordKey')['KeyPolicy'])

    expect(statementsAbout(packaged)).toEqual([
      ['jobs', 'kms:Encrypt'],
      ['create-user', 'kms:Decrypt'],
    ])
    expect(keyPolicy.Statement.filter((statement) => stringsIn(statement).includes(ofHumans))).toMatchObject([
      { Sid: 'JobsSealsHumans', Action: 'kms:Encrypt' },
      { Sid: 'CreateUserOpensHumans', Action: 'kms:Decrypt' },
    ])
  })

  it('is nowhere in a stack without issuers of humans', () => {
    expect(stringsIn(template.Resources)).not.toContain(ofHumans)
    expect(stringsIn(readPackagedTemplate('dev').Resources)).not.toContain(ofHumans)
  })
})

describe('the secrets with generated passwords', () => {
  const secretsOfUsers =
    'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/service-users/*'

  it('are all that the functions that generate them may write, and may not read', () => {
    const written = ['create-user', 'manage-users'] as const
    const statements = written
      .flatMap((name) => statementsOf(name, readPackagedTemplate('delivering')))
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('secretsmanager:')))

    expect(statements.map(({ Resource }) => Resource)).toEqual(Array(4).fill({ 'Fn::Sub': secretsOfUsers }))
    expect(statements.flatMap(({ Action }) => Action)).not.toContain('secretsmanager:GetSecretValue')
    const policies = statements.filter(({ Action }) => Action === 'secretsmanager:PutResourcePolicy')
    expect(policies.map(({ Condition }) => Condition)).toEqual(
      Array(2).fill({ Bool: { 'secretsmanager:BlockPublicPolicy': 'true' } }),
    )
  })

  it('have a key that opens by way of Secrets Manager alone, for their writers and for the roles that were named', () => {
    const statements = z
      .object({ Statement: z.array(z.looseObject({ Sid: z.string() })) })
      .parse(propertiesOf(readPackagedTemplate('delivering'), 'PasswordSecretsKey')['KeyPolicy']).Statement
    const byWayOf = { 'kms:ViaService': { 'Fn::Sub': 'secretsmanager.${AWS::Region}.${AWS::URLSuffix}' } }
    const forThem = { 'kms:EncryptionContext:SecretARN': { 'Fn::Sub': secretsOfUsers } }

    expect(statements.slice(1)).toMatchObject([
      { Sid: 'CreateUserWrites', Condition: { StringEquals: byWayOf } },
      { Sid: 'ManageUsersWrites', Condition: { StringEquals: byWayOf } },
      {
        Sid: 'ReadersRead',
        Action: 'kms:Decrypt',
        Condition: {
          StringEquals: {
            'aws:PrincipalArn': {
              'Fn::Split': [',', 'arn:aws:iam::123456789012:role/worker,arn:aws:iam::210987654321:role/x'],
            },
            ...byWayOf,
          },
          StringLike: forThem,
        },
      },
    ])
  })

  it('are nowhere in a stack that names no reader', () => {
    const names = Object.keys(template.Resources).filter((name) => name.includes('PasswordSecrets'))

    expect(names).toEqual([])
    expect(stringsIn(template.Resources).filter((text) => text.includes(secretsOfUsers))).toEqual([])
  })
})

describe('the roles of jobs', () => {
  const actionsOf = (name: FunctionName, resource: string): string[] =>
    statementsOf(name)
      .filter(({ Resource }) => target(Resource) === resource)
      .flatMap(({ Action }) => Action)

  it('check-users looks at users: it has no action that writes anything but its log', () => {
    expect(statementsOf('check-users').map(({ Action, Resource }) => [Action, target(Resource)])).toEqual([
      [ownLog, 'CheckUsersLogGroup'],
      ['cognito-idp:AdminGetUser', 'UserPool'],
    ])
  })

  it('jobs seals and job-worker opens, under a key that lets nobody else in', () => {
    expect(actionsOf('jobs', 'JobKey')).toEqual(['kms:GenerateDataKey'])
    expect(actionsOf('job-worker', 'JobKey')).toEqual(['kms:Decrypt'])

    const { Statement } = z
      .object({ Statement: z.array(z.looseObject({ Sid: z.string(), Condition: z.optional(z.unknown()) })) })
      .parse(propertiesOf(template, 'JobKey')['KeyPolicy'])
    const arn = (role: string) => ({ 'Fn::GetAtt': [role, 'Arn'] })
    const ofOneJob = {
      StringEquals: { 'kms:EncryptionContext:purpose': 'latchkey:job' },
      StringLike: { 'kms:EncryptionContext:job': '?*' },
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'job'] },
    }
    expect(Statement.slice(1)).toEqual([
      {
        ...{ Sid: 'JobsMakesDataKeys', Effect: 'Allow', Principal: { AWS: arn('JobsRole') } },
        ...{ Action: 'kms:GenerateDataKey', Resource: '*', Condition: ofOneJob },
      },
      {
        ...{ Sid: 'JobWorkerOpens', Effect: 'Allow', Principal: { AWS: arn('JobWorkerRole') } },
        ...{ Action: 'kms:Decrypt', Resource: '*', Condition: ofOneJob },
      },
      {
        ...{ Sid: 'NobodyElseOpens', Effect: 'Deny', Principal: '*' },
        Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
        Resource: '*',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': arn('JobWorkerRole') } },
      },
    ])
    const using = ['jobs', 'job-worker'] as const
    for (const name of using) {
      const [use] = statementsOf(name).filter(({ Resource }) => target(Resource) === 'JobKey')
      expect(use?.['Condition']).toEqual(ofOneJob)
    }
  })

  it('jobs sends rows and receives none', () => {
    expect(actionsOf('jobs', 'JobQueue')).toEqual(['sqs:SendMessage'])
  })

  it('the sweep’s calls one function, and no schedule of another account has it', () => {
    expect(propertiesOf(template, 'JobSweepRole')['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    })
    expect(policies().find(({ logicalId }) => logicalId === 'JobSweepPolicy')?.statements).toMatchObject([
      { Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': ['JobWorkerLambdaFunction', 'Arn'] } },
    ])
  })
})

describe('the machine secret', () => {
  // AWSPENDING alone is an administrator's to take off: no value is read or written by it.
  it('is read by the functions of App1 and the rotation, and written by the rotation, whatever other policies say', () => {
    const statements = z
      .object({ Statement: z.array(z.looseObject({ Action: z.unknown(), Condition: z.unknown() })) })
      .parse(propertiesOf(template, 'MachineSecretPolicy')['ResourcePolicy']).Statement

    const arn = (role: string) => ({ 'Fn::GetAtt': [role, 'Arn'] })
    expect(statements).toEqual([
      {
        Sid: 'NobodyElseReads',
        Effect: 'Deny',
        Principal: '*',
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': ['App1Provisioner', 'Jobs', 'JobWorker', 'MachineCredentialRotation'].map((name) =>
              arn(`${name}Role`),
            ),
          },
        },
      },
      {
        Sid: 'NobodyElseWrites',
        Effect: 'Deny',
        Principal: '*',
        Action: 'secretsmanager:PutSecretValue',
        Resource: '*',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': arn('MachineCredentialRotationRole') } },
      },
      {
        Sid: 'NobodyElseMovesWhatIsInUse',
        Effect: 'Deny',
        Principal: '*',
        Action: 'secretsmanager:UpdateSecretVersionStage',
        Resource: '*',
        Condition: {
          ArnNotEquals: { 'aws:PrincipalArn': arn('MachineCredentialRotationRole') },
          StringNotEquals: { 'secretsmanager:VersionStage': 'AWSPENDING' },
        },
      },
    ])
  })

  it('is rotated by a function that only Secrets Manager may call, for this secret of this account', () => {
    expect(propertiesOf(template, 'MachineCredentialRotationPermission')).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': ['MachineCredentialRotationLambdaFunction', 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
      SourceArn: { Ref: 'MachineSecret' },
    })
  })

  it('is rotated at once, when function, permissions and group are there', () => {
    const rotation = template.Resources['MachineSecretRotation']

    expect(rotation?.Properties).toMatchObject({
      SecretId: { Ref: 'MachineSecret' },
      RotateImmediatelyOnUpdate: true,
      RotationLambdaARN: { 'Fn::GetAtt': ['MachineCredentialRotationLambdaFunction', 'Arn'] },
    })
    expect(rotation?.DependsOn).toEqual([
      'MachineSecretPolicy',
      'MachineCredentialRotationPermission',
      'HttpApiStage',
      'MachineUserRotationPolicy',
      'MachineCredentialRotationPolicy',
      'App2Stage',
    ])
  })
})

describe('permissions to call a function', () => {
  it('are for one service each, and for one API or secret of this stack', () => {
    const permissions = ofType(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => ({
      principal: Properties['Principal'],
      ofThisStack: stringsIn(Properties['SourceArn']).some((text) =>
        ['ApiGatewayRestApi', 'HttpApi', 'MachineSecret'].includes(text),
      ),
    }))

    expect(permissions).toHaveLength(8)
    expect(permissions.every(({ ofThisStack }) => ofThisStack)).toBe(true)
    expect(new Set(permissions.map(({ principal }) => principal))).toEqual(
      new Set(['apigateway.amazonaws.com', 'secretsmanager.amazonaws.com']),
    )
  })
})
