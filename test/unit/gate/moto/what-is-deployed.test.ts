import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizerEvent, findAllowed } from '#test/gate/moto/authorizer-call.ts'
import {
  functionProblems,
  packagedFunctions,
  readFunctions,
  type DeployedFunction,
} from '#test/gate/moto/deployed-functions.ts'
import { listAll, takeInventory } from '#test/gate/moto/inventory.ts'
import type { ApiRequest } from '#test/gate/moto/moto-api.ts'
import { routeProblems } from '#test/gate/moto/routes.ts'
import { listStacks, readStack } from '#test/gate/moto/stack.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-archives-'))
  await writeFile(join(folder, 'sample.zip'), 'the code')
})

afterAll(() => rm(folder, { recursive: true }))

describe('the functions', () => {
  const template = {
    Resources: {
      SampleLambdaFunction: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'sample',
          Code: { S3Key: 'serverless/latchkey/dev/1-2026/sample.zip' },
          Environment: { Variables: { B: { Ref: 'X' }, A: '1' } },
        },
      },
      PlainLambdaFunction: {
        Type: 'AWS::Lambda::Function',
        Properties: { FunctionName: 'plain', Code: { S3Key: 'plain.zip' } },
      },
      Role: { Type: 'AWS::IAM::Role' },
    },
    Outputs: {},
  }
  const inventory = new Map([['AWS::IAM::Role', ['sample-role']]])
  const deployed: DeployedFunction = {
    name: 'sample',
    arn: 'arn:sample',
    handler: 'dist/sample/handler.handler',
    timeoutSeconds: 10,
    variables: { A: '1', B: '2' },
    role: 'arn:aws:iam::123456789012:role/sample-role',
    codeSha256: createHash('sha256').update('the code').digest('base64'),
  }
  const problems = (changed: DeployedFunction | undefined): Promise<string[]> => {
    const [sample] = packagedFunctions(template, folder)
    if (sample === undefined) throw new Error('nothing was packaged')
    return functionProblems(sample, changed, inventory)
  }

  it('are those of the template, each with its archive and the names of its variables', () => {
    expect(packagedFunctions(template, '/package')).toEqual([
      { name: 'sample', archive: '/package/sample.zip', variables: ['B', 'A'] },
      { name: 'plain', archive: '/package/plain.zip', variables: [] },
    ])
  })

  it('are as packaged when code, role and variables are', async () => {
    expect(await problems(deployed)).toEqual([])
  })

  it.each([
    { what: 'are missing', changed: undefined, why: ['sample is not there'] },
    { what: 'run other code', changed: { codeSha256: 'x' }, why: ['sample runs other code than was packaged'] },
    { what: 'have a role that is not there', changed: { role: 'arn:role/other' }, why: ['sample has no role'] },
    {
      what: 'have an empty variable',
      changed: { variables: { A: '', B: '2' } },
      why: ['sample has the variables B, not B, A'],
    },
    {
      what: 'have one more',
      changed: { variables: { A: '1', B: '2', C: '3' } },
      why: ['sample has the variables A, B, C, not B, A'],
    },
  ])('are not as packaged when they $what', async ({ changed, why }) => {
    expect(await problems(changed && { ...deployed, ...changed })).toEqual(why)
  })

  it('are read from Lambda by name', async () => {
    const functions = [
      { FunctionName: 'a', FunctionArn: 'arn:a', Handler: 'h', Timeout: 5, Role: 'r', CodeSha256: 's' },
      { FunctionName: 'b', FunctionArn: 'arn:b', Handler: 'h', Timeout: 5, Role: 'r', CodeSha256: 's' },
    ].map((item, index) => (index === 0 ? item : { ...item, Environment: { Variables: { A: '1' } } }))

    const read = await readFunctions(() => Promise.resolve(JSON.stringify({ Functions: functions })))

    expect(read.get('a')).toMatchObject({ arn: 'arn:a', timeoutSeconds: 5, variables: {} })
    expect(read.get('b')?.variables).toEqual({ A: '1' })
  })
})

describe('the routes', () => {
  const problems = (changed: Record<string, unknown>): Promise<string[]> => {
    const methods = {
      '/': undefined,
      '/admin/create-user': { POST: { authorizationType: 'CUSTOM' } },
      '/sample': { POST: { authorizationType: 'CUSTOM' } },
      '/health': { GET: { authorizationType: 'NONE' } },
      ...changed,
    }
    const item = Object.entries(methods).map(([path, resourceMethods]) => ({ path, resourceMethods }))
    return routeProblems(() => Promise.resolve(JSON.stringify({ item })), 'api')
  }

  it('are those of the access table', async () => {
    expect(await problems({})).toEqual([])
  })

  it.each([
    {
      what: 'open where it should be closed',
      changed: { '/sample': { POST: { authorizationType: 'NONE' } } },
      why: ['POST /sample CUSTOM is missing', 'POST /sample NONE is too much'],
    },
    { what: 'missing', changed: { '/health': undefined }, why: ['GET /health NONE is missing'] },
    {
      what: 'too much',
      changed: { '/debug': { GET: { authorizationType: 'NONE' } } },
      why: ['GET /debug NONE is too much'],
    },
  ])('are told when one is $what', async ({ changed, why }) => {
    expect(await problems(changed)).toEqual(why)
  })
})

describe('the authorizer', () => {
  it('is asked as API Gateway asks, and its answer says what it allows', () => {
    const event = createAuthorizerEvent(new SecretValue('a.b.c'))
    const answer = (Effect: string) => ({
      policyDocument: {
        Statement: [{ Effect, Resource: ['arn:aws:execute-api:us-east-1:123456789012:api123/dev/POST/sample'] }],
      },
    })

    expect(event).toMatchObject({ type: 'TOKEN', authorizationToken: 'Bearer a.b.c' })
    expect(findAllowed(answer('Allow'))).toEqual(['POST/sample'])
    expect(findAllowed(answer('Deny'))).toEqual([])
    expect(() => findAllowed(null)).toThrow('Invalid input')
  })
})

describe('the stack', () => {
  const answers: Record<string, string> = {
    DescribeStacks:
      '<Stacks><member><StackName>s</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs><member>' +
      '<OutputKey>Url</OutputKey></member></Outputs></member></Stacks>',
    ListStackResources:
      '<member><LogicalResourceId>Role</LogicalResourceId><PhysicalResourceId>role-1</PhysicalResourceId>' +
      '<ResourceType>AWS::IAM::Role</ResourceType></member>\n' +
      '<member><LogicalResourceId/><PhysicalResourceId/><ResourceType/></member>',
  }
  const call = ({ body }: ApiRequest): Promise<string> =>
    Promise.resolve(answers[new URLSearchParams(body).get('Action') ?? ''] ?? '')

  it('is read without the entries of nobody', async () => {
    expect(await readStack(call, 's')).toEqual({
      status: 'UPDATE_COMPLETE',
      outputs: ['Url'],
      resources: new Map([['Role', { type: 'AWS::IAM::Role', physicalId: 'role-1' }]]),
    })
    expect(await listStacks(call)).toEqual(['s'])
  })
})

describe('the inventory', () => {
  it('holds ids by resource type, from JSON and from XML, without the keys that AWS has made', async () => {
    const answers: Record<string, string> = {
      'TrentService.ListAliases': '{"Aliases": [{"AliasName": "alias/aws/s3"}, {"AliasName": "alias/ours"}]}',
      'TrentService.ListKeys': '{"Keys": [{"KeyId": "k1"}]}',
      'AWSCognitoIdentityProviderService.ListUserPools': '{"UserPools": [{"Id": "p1"}]}',
      'Logs_20140328.DescribeLogGroups': '{"logGroups": []}',
      'secretsmanager.ListSecrets': '{"SecretList": []}',
      '/restapis': '{"item": [{"id": "r1"}]}',
      '/v2/apis': '{"items": []}',
      '/2015-03-31/functions/': '{"Functions": []}',
      '/': '<Buckets><Bucket><Name>b1</Name></Bucket></Buckets>',
    }
    const call = ({ target, path = '/', body }: ApiRequest): Promise<string> =>
      Promise.resolve(
        body?.includes('ListRoles')
          ? '<RoleName>role-1</RoleName><RoleName>role-2</RoleName>'
          : answers[target ?? path],
      ).then((answer) => answer ?? '')

    expect(listAll(await takeInventory(call))).toEqual([
      'AWS::ApiGateway::RestApi r1',
      'AWS::Cognito::UserPool p1',
      'AWS::IAM::Role role-1',
      'AWS::IAM::Role role-2',
      'AWS::KMS::Alias alias/ours',
      'AWS::KMS::Key k1',
      'AWS::S3::Bucket b1',
    ])
  })
})
