import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isOfJobs } from '#infra/deploy/without-jobs.ts'
import { routes } from '#shared/routes.ts'
import { createAuthorizerEvent, findAllowed } from '#test/gate/moto/authorizer-call.ts'
import { functionProblems, packagedFunctions, type DeployedFunction } from '#test/gate/moto/deployed-functions.ts'
import { routeProblems } from '#test/gate/moto/routes.ts'
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
})

describe('the routes', () => {
  const problems = (changed: Record<string, unknown>): Promise<string[]> => {
    const methods = {
      '/': undefined,
      ...Object.fromEntries(
        routes.app2
          .filter((route) => !isOfJobs(route))
          .map(({ method, path, access }) => [
            path,
            { [method]: { authorizationType: access === 'public' ? 'NONE' : 'CUSTOM' } },
          ]),
      ),
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
