import { describe, expect, it } from 'vitest'
import { accessRules } from '#shared/access-rules.ts'
import { createPolicy } from '#services/app2-accounts/authorizer/policy.ts'
import { malformedMethodArns } from '#test/support/malformed-method-arns.ts'
import { openResources } from '#test/support/open-resources.ts'

const stageArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/dev'
const machine = { kind: 'user', sub: 'sub-1', client: 'machine', groups: ['api-client'] } as const
const service = { kind: 'user', sub: 'sub-2', client: 'service', groups: ['service-user'] } as const

const statementFor = (claims: Parameters<typeof createPolicy>[0]['claims'], route = 'POST/sample'): unknown => {
  const { Statement } = createPolicy({ methodArn: `${stageArn}/${route}`, claims }).policyDocument
  return Statement
}

const ofCreation = [`${stageArn}/POST/admin/create-user`, `${stageArn}/POST/admin/check-users`]

describe('createPolicy', () => {
  it('is what API Gateway expects', () => {
    expect(createPolicy({ methodArn: `${stageArn}/POST/admin/create-user`, claims: machine })).toEqual({
      principalId: 'sub-1',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ofCreation }],
      },
      context: { sub: 'sub-1', client: 'machine', token: 'user', groups: 'api-client', scopes: '' },
    })
  })

  it.each(['POST/admin/create-user', 'POST/sample', 'GET/health', 'DELETE/elsewhere', 'GET/'])(
    'is the same whichever route is asked for first: %s',
    (route) => {
      expect(statementFor(service, route)).toEqual([
        { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: openResources(stageArn, service) },
      ])
    },
  )

  it.each([
    { ...machine, groups: [] },
    { ...machine, groups: ['service-user'] },
    { ...service, groups: ['api-client'] },
    { ...service, groups: ['SERVICE-USER', 'service-user,api-client', ''] },
  ])('for an identity that opens nothing (%j) denies every gated route by name', (claims) => {
    expect(statementFor(claims)).toEqual([
      {
        Action: 'execute-api:Invoke',
        Effect: 'Deny',
        Resource: accessRules.flatMap(({ method, path, access }) =>
          access === 'public' ? [] : [`${stageArn}/${method}${path}`],
        ),
      },
    ])
  })

  it('for a role of App1 opens the routes of the provisioner, and for a bound token that of creations', () => {
    const principal = { kind: 'principal', principal: 'provisioner', sub: 'arn:role' } as const
    const boundTo = { bodySha256: 'digest', provisioningId: 'v1.a.b' }
    const methodArn = `${stageArn}/POST/sample`

    const result = createPolicy({ methodArn, claims: principal })
    const bound = createPolicy({ methodArn, claims: { ...principal, boundTo } })

    expect(result.policyDocument.Statement[0]).toMatchObject({
      Effect: 'Allow',
      Resource: openResources(stageArn, principal),
    })
    expect(result.context).toEqual({ sub: 'arn:role', token: 'principal' })
    expect(bound.policyDocument.Statement[0]).toMatchObject({ Effect: 'Allow', Resource: ofCreation.slice(0, 1) })
    expect(bound.context).toEqual({
      sub: 'arn:role',
      token: 'principal',
      body_sha256: 'digest',
      provisioning_id: 'v1.a.b',
    })
  })

  it('hands on only the groups that the table knows, so that the result stays small', () => {
    const groups = ['api-client', ...Array.from({ length: 500 }, (_, i) => `group-${i}`), 'service-user']

    const result = createPolicy({ methodArn: `${stageArn}/POST/sample`, claims: { ...service, groups } })

    expect(result.context.groups).toBe('api-client service-user')
    expect(JSON.stringify(result).length).toBeLessThan(1_024)
  })

  it('for a machine’s token names its scopes, those that the table knows, and no group', () => {
    const claims = {
      kind: 'machine',
      sub: 'client-1',
      client: 'machine',
      scopes: ['other/scope', 'app2/users.create', 'app2/sample.call', 'api-client'],
    } as const

    const result = createPolicy({ methodArn: `${stageArn}/POST/sample`, claims })

    expect(result.policyDocument.Statement[0]).toMatchObject({
      Effect: 'Allow',
      Resource: ofCreation,
    })
    expect(result.context).toEqual({
      sub: 'client-1',
      client: 'machine',
      token: 'machine',
      groups: '',
      scopes: 'app2/users.create app2/sample.call',
    })
  })

  it.each([
    'arn:aws-cn:execute-api:cn-north-1:123456789012:abc/prod',
    'arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abc/prod_2-x',
  ])('keeps partition, Region, API and stage of %s', (stage) => {
    const { policyDocument } = createPolicy({ methodArn: `${stage}/GET/`, claims: service })

    expect(policyDocument.Statement[0].Resource).toEqual(openResources(stage, service))
  })

  it.each(malformedMethodArns(stageArn, '/sample'))(
    'throws for the methodArn %j, and not as Unauthorized',
    (methodArn) => {
      const make = (): unknown => createPolicy({ methodArn, claims: machine })

      expect(make).toThrow(expect.objectContaining({ name: 'AuthorizerError', reason: 'invalid_method_arn' }))
      expect(make).toThrow('The authorizer cannot decide.')
    },
  )

  it('takes a path of 1600 characters', () => {
    const methodArn = `${stageArn}/POST/${'x'.repeat(1_600)}`

    expect(createPolicy({ methodArn, claims: machine }).principalId).toBe('sub-1')
  })
})
