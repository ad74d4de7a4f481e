import { describe, expect, it } from 'vitest'
import type { Resource, Template } from '#infra/deploy/finish-template.ts'
import { isOfLifeCycle, removeLifeCycle } from '#infra/deploy/without-life-cycle.ts'
import { accessRules, app1Rules } from '#shared/access-rules.ts'

const of = (Properties: Record<string, unknown>): Resource => ({ Type: 'x', Properties })

function left(Resources: Template['Resources']): Template['Resources'] {
  const template = { Resources: { ...Resources } }
  removeLifeCycle(template)
  return template.Resources
}

describe('the routes of the life cycle', () => {
  it('are all but creation, jobs, sample and health', () => {
    const others = [...app1Rules, ...accessRules].filter((rule) => !isOfLifeCycle(rule)).map(({ path }) => path)

    const jobs = ['/jobs', '/jobs/{id}', '/jobs/{id}/rows', '/jobs/{id}/cancel']
    expect(others).toEqual([
      ...['/create-service-user', ...jobs, '/health'],
      ...['/admin/create-user', '/admin/check-users', '/sample', '/health'],
    ])
  })
})

describe('removeLifeCycle', () => {
  it('takes a resource by its name, or by what it is whole about', () => {
    const resources = left({
      ManageUsersRole: of({}),
      AdminGroup: of({ GroupName: 'api-admin' }),
      Surge: of({ MetricName: 'UsersDeleted' }),
      ClientGroup: of({ GroupName: 'api-client' }),
    })

    expect(Object.keys(resources)).toEqual(['ClientGroup'])
  })

  it('takes an item of a list, and all around it where the list has no other', () => {
    const { Key, Client, Alarm } = left({
      Key: of({ Statement: [{ AWS: { 'Fn::GetAtt': ['ManageUsersRole', 'Arn'] } }, { Action: 'kms:Encrypt' }] }),
      Client: of({ AllowedOAuthScopes: ['app2/users.create', 'app2/users.read'] }),
      // Without its dimension the metric would be that of every function of the account.
      Alarm: of({
        Metrics: [
          { MetricName: 'Errors', Dimensions: [{ Value: { Ref: 'ManageUsersLambdaFunction' } }] },
          { MetricName: 'Errors', Dimensions: [{ Value: { Ref: 'SampleLambdaFunction' } }] },
        ],
      }),
    })

    expect(Key?.Properties).toEqual({ Statement: [{ Action: 'kms:Encrypt' }] })
    expect(Client?.Properties).toEqual({ AllowedOAuthScopes: ['app2/users.create'] })
    expect(Alarm?.Properties).toEqual({
      Metrics: [{ MetricName: 'Errors', Dimensions: [{ Value: { Ref: 'SampleLambdaFunction' } }] }],
    })
  })

  it('takes of a dashboard the metrics and the widgets of it, and leaves each other metric whole', () => {
    const [sample, manage] = ['sample', 'manage-users'].map((name) => ['AWS/Lambda', 'Errors', 'FunctionName', name])
    const widgets = [
      { type: 'metric', properties: { title: 'Errors', metrics: [manage, sample] } },
      { type: 'metric', properties: { title: 'Changes', metrics: [['x', 'UserChanges']] } },
      { type: 'log', properties: { query: "SOURCE '${ManageUsersLogGroup}'" } },
    ]
    const { Dashboard } = left({ Dashboard: of({ DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) } }) })

    const kept = { widgets: [{ type: 'metric', properties: { title: 'Errors', metrics: [sample] } }] }
    expect(Dashboard?.Properties).toEqual({ DashboardBody: { 'Fn::Sub': JSON.stringify(kept) } })
  })

  it('leaves what has nothing of it as it is', () => {
    const resources = {
      Api: of({ Policy: undefined, Tags: [], Name: { 'Fn::Sub': '${AWS::StackName}' }, Enabled: true }),
    }

    expect(left(resources)).toEqual(resources)
  })
})
