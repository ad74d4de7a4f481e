import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { gatewayResponses } from '#infra/deploy/gateway-responses.ts'
import { identityValidationExpression } from '#services/app2-accounts/authorizer/bearer-token.ts'
import { routes as table, type App2Function } from '#shared/routes.ts'
import { ofType, propertiesOf, readPackagedTemplate, target, type Template } from './template.ts'

let template: Template

beforeAll(() => {
  template = readPackagedTemplate('jobs')
})

const method = z.object({
  HttpMethod: z.string(),
  ResourceId: z.unknown(),
  AuthorizationType: z.string(),
  AuthorizerId: z.optional(z.unknown()),
  ApiKeyRequired: z.boolean(),
  Integration: z.object({ Type: z.literal('AWS_PROXY'), Uri: z.unknown() }),
})

const pathPart = z.object({ PathPart: z.string(), ParentId: z.unknown() })

function pathOf(resourceId: unknown): string {
  const logicalId = target(resourceId)
  if (logicalId === undefined) return ''
  const { PathPart, ParentId } = pathPart.parse(propertiesOf(template, logicalId))
  return `${pathOf(ParentId)}/${PathPart}`
}

describe('the routes of App2', () => {
  it('are those of the access table, gated where it says so, each with its own function', () => {
    const routes = ofType(template, 'AWS::ApiGateway::Method').map(([, { Properties }]) => {
      const { HttpMethod, ResourceId, AuthorizationType, AuthorizerId, Integration } = method.parse(Properties)
      const called = /(\w+)LambdaFunction/.exec(JSON.stringify(Integration.Uri))?.[1]
      return { route: `${HttpMethod} ${pathOf(ResourceId)}`, gate: AuthorizationType, by: target(AuthorizerId), called }
    })

    const gate = { gate: 'CUSTOM', by: 'AuthorizerApiGatewayAuthorizer' }
    const open = { gate: 'NONE', by: undefined }
    const logicalIds: Record<App2Function, string> = {
      'create-user': 'CreateUser',
      'check-users': 'CheckUsers',
      'manage-users': 'ManageUsers',
      sample: 'Sample',
    }
    expect(routes).toEqual(
      table.app2.map(({ method, path, access, function: name }) => ({
        route: `${method} ${path}`,
        ...(access === 'public' ? open : gate),
        called: logicalIds[name],
      })),
    )
  })

  it('are explicit: no resource takes more than one path', () => {
    const parts = ofType(template, 'AWS::ApiGateway::Resource').map(([, { Properties }]) => Properties['PathPart'])

    expect(parts).toEqual([...new Set(table.app2.flatMap(({ path }) => path.split('/').slice(1)))])
  })

  it('stand behind the authorizer that takes one form of header, and repeats a decision for a minute at most', () => {
    const { AuthorizerUri, ...authorizer } = propertiesOf(template, 'AuthorizerApiGatewayAuthorizer')

    expect(authorizer).toEqual({
      Name: 'authorizer',
      Type: 'TOKEN',
      RestApiId: { Ref: 'ApiGatewayRestApi' },
      IdentitySource: 'method.request.header.Authorization',
      IdentityValidationExpression: identityValidationExpression,
      AuthorizerResultTtlInSeconds: 60,
    })
    expect(JSON.stringify(AuthorizerUri)).toContain('AuthorizerLambdaFunction')
  })

  it('are on a Regional endpoint that takes TLS 1.2 and later', () => {
    expect(propertiesOf(template, 'ApiGatewayRestApi')).toMatchObject({
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
    })
  })
})

describe('the routes of App1', () => {
  it('are those of the table, each with its own function, for signed requests alone', () => {
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
      const { RouteKey, AuthorizationType, Target } = Properties
      return { RouteKey, AuthorizationType, called: /HttpApiIntegration(\w+)/.exec(JSON.stringify(Target))?.[1] }
    })

    // Function after function.
    const served = Object.values(Object.groupBy(table.app1, ({ function: name = 'app1-provisioner' }) => name)).flat()
    expect(routes).toEqual(
      served.map(({ method, path, function: name }) => ({
        RouteKey: `${method} ${path}`,
        AuthorizationType: 'AWS_IAM',
        called: name === 'jobs' ? 'Jobs' : 'App1Provisioner',
      })),
    )
  })

  it('allow no browser', () => {
    expect(propertiesOf(template, 'HttpApi')).not.toHaveProperty('CorsConfiguration')
  })
})

describe('the stage of App2', () => {
  const settings = z.array(z.looseObject({ ResourcePath: z.string(), HttpMethod: z.string() }))

  it('takes no more creations than Cognito can add to groups, and logs no body', () => {
    const methodSettings = settings.parse(propertiesOf(template, 'App2Stage')['MethodSettings'])

    expect(methodSettings).toEqual([
      expect.objectContaining({ ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 100 }),
      expect.objectContaining({
        ResourcePath: '/~1admin~1create-user',
        HttpMethod: 'POST',
        ThrottlingRateLimit: 20,
        ThrottlingBurstLimit: 20,
      }),
    ])
    for (const setting of methodSettings) {
      expect(setting).toMatchObject({ DataTraceEnabled: false, LoggingLevel: 'OFF' })
    }
  })

  it('throttles App1 as App2', () => {
    expect(propertiesOf(template, 'HttpApiStage')['DefaultRouteSettings']).toMatchObject({
      ThrottlingRateLimit: 20,
      ThrottlingBurstLimit: 20,
    })
  })

  it('is of a deployment that holds every method and every gateway response', () => {
    const [[deploymentId, deployment] = ['', undefined]] = ofType(template, 'AWS::ApiGateway::Deployment')
    const parts = ['AWS::ApiGateway::Method', 'AWS::ApiGateway::GatewayResponse'].flatMap((type) =>
      ofType(template, type).map(([logicalId]) => logicalId),
    )

    expect(propertiesOf(template, 'App2Stage')['DeploymentId']).toEqual({ Ref: deploymentId })
    expect(deployment?.Properties).not.toHaveProperty('StageName')
    expect(parts).toEqual(expect.arrayContaining(Object.keys(gatewayResponses())) as string[])
    expect(deployment?.DependsOn.toSorted()).toEqual(parts.toSorted())
  })
})

describe.each([
  { api: 'App1', stage: 'HttpApiStage', setting: 'AccessLogSettings', who: { principal: '$context.identity.userArn' } },
  {
    api: 'App2',
    stage: 'App2Stage',
    setting: 'AccessLogSetting',
    who: {
      sub: '$context.authorizer.principalId',
      cognito_sub: '$context.authorizer.claims.sub',
      principal: '$context.identity.userArn',
    },
  },
])('the access log of $api', ({ stage, setting, who }) => {
  it('says which request, which route, who, and how it went, and nothing that a caller can write into', () => {
    const { Format } = z.object({ Format: z.string() }).parse(propertiesOf(template, stage)[setting])

    const fields = z.record(z.string(), z.string()).parse(JSON.parse(Format))
    expect(Object.keys(fields)).toEqual(
      expect.arrayContaining(['request_id', 'route', 'status', 'latency_ms']) as string[],
    )
    expect(fields).toMatchObject(who)
    expect(Format).not.toMatch(
      /header|querystring|\$context\.path|messageString|error\.message|token|claims(?!\.sub")|body/i,
    )
  })
})
