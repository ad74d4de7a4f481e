import { describe, expect, it } from 'vitest'
import type { Resource, Template } from '#infra/deploy/finish-template.ts'
import { isOfJobs, removeJobs } from '#infra/deploy/without-jobs.ts'
import { routes } from '#shared/routes.ts'

const of = (Properties: Record<string, unknown>): Resource => ({ Type: 'x', Properties })

function left(
  Resources: Template['Resources'],
  given: Record<string, unknown> = {},
  names: readonly string[] = [],
): Template['Resources'] {
  const template = { Resources: { ...Resources } }
  removeJobs(template, given, names)
  return template.Resources
}

const arn = (role: string) => ({ 'Fn::GetAtt': [role, 'Arn'] })

describe('the routes of jobs', () => {
  it('are App1’s below /jobs, and what dry runs ask App2', () => {
    const paths = [...routes.app1, ...routes.app2].filter(isOfJobs).map(({ path }) => path)

    expect(paths).toEqual(['/jobs', '/jobs/{id}', '/jobs/{id}/rows', '/jobs/{id}/cancel', '/admin/check-users'])
  })
})

describe('removeJobs', () => {
  it('takes the roles out of the policies of the secret and of the key', () => {
    const { Secret, Key } = left({
      Secret: of({ 'aws:PrincipalArn': ['App1ProvisionerRole', 'JobsRole', 'JobWorkerRole'].map(arn) }),
      Key: of({ Statement: [{ Sid: 'App1Seals' }, { Sid: 'JobWorkerSeals', Principal: arn('JobWorkerRole') }] }),
    })

    expect(Secret?.Properties).toEqual({ 'aws:PrincipalArn': [arn('App1ProvisionerRole')] })
    expect(Key?.Properties).toEqual({ Statement: [{ Sid: 'App1Seals' }] })
  })

  it('takes the route that dry runs ask, and no other', () => {
    const paths = ['create-user', 'check-users', 'users/read'].map((path) => ({
      'Fn::Sub': `\${Api}/POST/admin/${path}`,
    }))
    const { Policy } = left({ Policy: of({ Resource: paths }) })

    expect(Policy?.Properties).toEqual({ Resource: [paths[0], paths[2]] })
  })

  it('takes its widgets off the dashboard, and its functions out of the others', () => {
    const errorsOf = (name: string) => ['AWS/Lambda', 'Errors', 'FunctionName', `latchkey-dev-${name}`, { label: name }]
    const widgets = [
      { type: 'text', properties: { markdown: '## How do the jobs get on? (job-worker)' } },
      { type: 'metric', properties: { metrics: [['AWS/SQS', 'Age', 'QueueName', '${AWS::StackName}-job-rows-dead']] } },
      { type: 'metric', properties: { metrics: ['jobs', 'job-worker', 'check-users', 'sample'].map(errorsOf) } },
    ]
    const { Dashboard } = left({ Dashboard: of({ DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) } }) })

    const kept = { widgets: [{ type: 'metric', properties: { metrics: [errorsOf('sample')] } }] }
    expect(Dashboard?.Properties).toEqual({ DashboardBody: { 'Fn::Sub': JSON.stringify(kept) } })
  })

  it('takes nothing for ours that operators named so: an address, a role, a stack', () => {
    const given = {
      securityEmail: 'job-worker-oncall@example.com',
      allowedCallers: 'arn:aws:iam::1:role/orders-job-worker=create+read, arn:aws:iam::1:role/nightly-jobs',
      passwordReaders: 'arn:aws:iam::1:role/job-worker',
    }
    const template = {
      SecurityEmail: of({ Endpoint: given.securityEmail }),
      Function: of({ ALLOWED_CALLERS: given.allowedCallers, Last: 'arn:aws:iam::1:role/nightly-jobs' }),
      Key: of({ 'aws:PrincipalArn': [given.passwordReaders] }),
      Api: of({ Name: 'latchkey-jobs' }),
    }

    expect(left(template, given, ['latchkey-jobs', 'jobs-latchkey'])).toEqual(template)
    expect(Object.keys(left({ ...template, Ours: of({ Name: 'latchkey-jobs-job-worker' }) }, given))).not.toContain(
      'Ours',
    )
  })
})
