import { describe, expect, it } from 'vitest'
import type { Template } from '#infra/deploy/finish-template.ts'
import { gateProblem } from '#infra/deploy/gate-problem.ts'
import type { PairModes } from '#infra/deploy/modes.ts'

const password: PairModes = {
  machineAuth: 'password',
  accepted: ['password'],
  app2Authorizer: 'lambda',
  lifeCycle: true,
  passwordReaders: [],
  jobs: true,
  stsTokenPerRequest: false,
  stsFunctionCheck: false,
}
const sigv4: PairModes = { ...password, machineAuth: 'sigv4', accepted: ['sigv4'] }
const cognito: PairModes = { ...password, accepted: ['client-token'], app2Authorizer: 'cognito' }

/** A template with `POST /admin/create-user` and `GET /health` behind these. */
const templateOf = (admin: string, health = 'NONE'): Template => {
  const root = { 'Fn::GetAtt': ['ApiGatewayRestApi', 'RootResourceId'] }
  const resource = (PathPart: string, ParentId: unknown) => ({
    Type: 'AWS::ApiGateway::Resource',
    Properties: { PathPart, ParentId },
  })
  const method = (HttpMethod: string, Ref: string, AuthorizationType: string) => ({
    Type: 'AWS::ApiGateway::Method',
    Properties: { HttpMethod, ResourceId: { Ref }, AuthorizationType },
  })
  return {
    Resources: {
      Admin: resource('admin', root),
      CreateUser: resource('create-user', { Ref: 'Admin' }),
      Health: resource('health', root),
      AdminPost: method('POST', 'CreateUser', admin),
      HealthGet: method('GET', 'Health', health),
    },
  }
}

describe('the gates of a template', () => {
  it.each([
    ['our authorizer', password, 'CUSTOM'],
    ['IAM', sigv4, 'AWS_IAM'],
    ['API Gateway’s for Cognito', cognito, 'COGNITO_USER_POOLS'],
  ])('may be %s where the modes say so, and nothing else', (_, chosen, gate) => {
    expect(gateProblem(templateOf(gate), chosen)).toBeUndefined()
    for (const other of ['NONE', 'CUSTOM', 'AWS_IAM', 'COGNITO_USER_POOLS']) {
      if (other === gate) continue
      expect(gateProblem(templateOf(other), chosen)).toContain(`POST /admin/create-user would be behind ${other}`)
    }
  })

  it('are none for a public route', () => {
    expect(gateProblem(templateOf('CUSTOM', 'AWS_IAM'), password)).toContain('GET /health would be behind AWS_IAM')
  })

  it('let no route through that the table does not have', () => {
    const template = templateOf('CUSTOM')
    const { Admin, ...rest } = template.Resources

    const renamed = {
      Resources: { ...rest, Admin: { ...Admin, Type: 'x', Properties: { ...Admin?.Properties, PathPart: 'x' } } },
    }

    expect(gateProblem(renamed, password)).toBe(
      'POST /x/create-user is not in shared/access-rules.ts, which names every route.',
    )
  })
})
