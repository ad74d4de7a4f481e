import { beforeAll, describe, expect, it } from 'vitest'
import { errorTable } from '#shared/errors.ts'
import { alternatives, fieldsOf, matchesLogFilter, type LogEvent } from '../../support/log-filter.ts'
import { playOperatorScenarios } from '../../support/operator-scenarios.ts'
import { dashboardMetrics, dashboardQueries } from './dashboard.ts'
import { eventsIn, logMetrics, type LogMetric } from './log-metrics.ts'
import { ofType, readPackagedTemplate, type Template } from './template.ts'

let template: Template
let lines: readonly LogEvent[]

beforeAll(async () => {
  template = readPackagedTemplate('dev')
  lines = await playOperatorScenarios()
}, 60_000)

const filters = (): LogMetric[] => logMetrics(template)
const linesIn = (logGroup: string): readonly LogEvent[] => eventsIn(logGroup, { template, lines })

const matched = ({ logGroup, pattern }: LogMetric): readonly LogEvent[] =>
  linesIn(logGroup).filter((line) => matchesLogFilter(pattern, line))

describe('each count of log lines', () => {
  it('is of lines that the function of that log writes, in every way in which its pattern can match', () => {
    const empty = filters().flatMap(({ logicalId, logGroup, pattern }) =>
      alternatives(pattern).some((way) => !linesIn(logGroup).some((line) => matchesLogFilter(way, line)))
        ? [logicalId]
        : [],
    )

    expect(empty).toEqual([])
    expect(filters().length).toBeGreaterThan(35)
  })

  it('leaves out lines of the same log', () => {
    const indiscriminate = filters().filter((filter) => matched(filter).length === linesIn(filter.logGroup).length)

    expect(indiscriminate.map(({ logicalId }) => logicalId)).toEqual([])
  })

  it('takes its dimensions and its value from fields that its pattern asks for', () => {
    const unasked = filters().filter(({ pattern, metric: { Dimensions = [], MetricValue } }) =>
      [MetricValue, ...Dimensions.map(({ Value }) => Value)].some(
        (source) => source !== '1' && !fieldsOf(pattern).includes(source.slice('$.'.length)),
      ),
    )

    expect(unasked.map(({ logicalId }) => logicalId)).toEqual([])
  })

  it('has at most three dimensions, and no default beside them, which CloudWatch refuses', () => {
    const refused = filters().filter(
      ({ metric: { Dimensions, DefaultValue } }) =>
        Dimensions !== undefined && (Dimensions.length > 3 || DefaultValue !== undefined),
    )

    expect(refused).toEqual([])
  })

  it('has dimensions of closed lists alone, since each value is a metric of its own', () => {
    const dimensions = new Set(filters().flatMap(({ metric }) => (metric.Dimensions ?? []).map(({ Key }) => Key)))
    const codes = lines.flatMap((line) => line['code'] ?? [])

    expect([...dimensions].toSorted()).toEqual(['client', 'code', 'operation', 'outcome', 'reason', 'service'])
    expect(codes.filter((code) => typeof code !== 'string' || !Object.hasOwn(errorTable, code))).toEqual([])
    for (const field of ['reason', 'outcome', 'operation', 'client']) {
      const values = lines.flatMap((line) => line[field] ?? [])
      expect(values.length).toBeGreaterThan(0)
      expect(values.filter((value) => typeof value !== 'string' || !/^[A-Za-z][\w-]{0,63}$/.test(value))).toEqual([])
    }
  })

  it('measures a step in milliseconds, as a number', () => {
    const measured = filters().filter(({ metric }) => metric.MetricValue !== '1')

    expect(measured.map(({ metric }) => metric.MetricName).toSorted()).toEqual(
      [
        ...['App2Ms', 'CreateMs', 'DirectoryMs', 'GroupMs', 'OpenMs', 'PasswordMs', 'SealMs', 'SecretMs', 'TokenMs'],
      ].toSorted(),
    )
    for (const filter of measured) {
      expect(filter.metric.Unit).toBe('Milliseconds')
      const values = matched(filter).map((line) => line[filter.metric.MetricValue.slice('$.'.length)])
      expect(values.filter((value) => typeof value !== 'number' || value < 0)).toEqual([])
    }
  })

  it('is shown on the dashboard, which shows no other of this stack', () => {
    const written = filters().map(({ metric: { MetricName, Dimensions = [] } }) =>
      [MetricName, ...Dimensions.map(({ Key }) => Key)].join(),
    )

    expect([...new Set(dashboardMetrics(template).own)].toSorted()).toEqual([...new Set(written)].toSorted())
  })

  it('tells the failures of KMS, Cognito and Secrets Manager apart', () => {
    const count = (metric: string): number =>
      filters()
        .filter(({ metric: { MetricName } }) => MetricName === metric)
        .flatMap(matched).length

    // Encrypt twice, Decrypt of a creation and of a reset; a creation, two groups, a repeat that is too late, two changes; an
    // unread secret; a lost sign-in, a wrong password. What a removal fails with is another line's.
    expect(count('KmsErrors')).toBe(4)
    expect(count('CognitoErrors')).toBe(6)
    expect(count('SecretErrors')).toBe(1)
    expect(count('SignInErrors')).toBe(2)
  })
})

describe('the dashboard', () => {
  it('shows metrics that AWS writes by the dimensions that AWS writes them with', () => {
    expect([...new Set(dashboardMetrics(template).ofAws)].toSorted()).toEqual([
      'AWS/ApiGateway 5XXError ApiName Stage',
      'AWS/ApiGateway 5xx ApiId',
      'AWS/ApiGateway Count ApiId',
      'AWS/ApiGateway Count ApiName Stage',
      'AWS/ApiGateway Count ApiName Stage Method Resource',
      'AWS/ApiGateway Latency ApiId',
      'AWS/ApiGateway Latency ApiName Stage',
      'AWS/Lambda ConcurrentExecutions FunctionName',
      'AWS/Lambda Duration FunctionName',
      'AWS/Lambda Errors FunctionName',
      'AWS/Usage CallCount Class Resource Service Type',
    ])
  })

  it('names functions as the template names them', () => {
    const names = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties['FunctionName'])

    expect(dashboardMetrics(template).functionNames.filter((name) => !names.includes(name))).toEqual([])
  })

  it('asks the logs for fields that a line there has', () => {
    const fields = dashboardQueries(template).flatMap((query) =>
      [...query.matchAll(/ispresent\((\w+)\)|fields @timestamp, ([\w, ]+) \|/g)].flatMap(([, one, many]) =>
        (one ?? many ?? '').split(', '),
      ),
    )

    expect(fields.length).toBeGreaterThan(8)
    expect(fields.filter((field) => !lines.some((line) => line[field] !== undefined))).toEqual([])
  })
})

describe('the audit', () => {
  const audit = (service: string, message: string): readonly LogEvent[] =>
    lines.filter((line) => line['service'] === service && line['message'] === message)

  const who = {
    requested_by: 'arn:aws:iam::123456789012:role/local-caller',
    human_user_id: 'alice@example.com',
    provisioning_id: expect.stringMatching(/^v1\./) as string,
  }

  it('of a creation says who asked, which user came of it, and how, in both apps', () => {
    const [asked] = audit('app1-provisioner', 'service user provisioned')
    const [made] = audit('app2-create-user', 'service user created')

    expect(asked).toMatchObject({ ...who, outcome: 'created', route: 'POST /create-service-user' })
    expect(made).toMatchObject({ ...who, outcome: 'created', sub: expect.stringMatching(/^[\da-f-]{36}$/) as string })
    expect(made?.['provisioning_id']).toBe(asked?.['provisioning_id'])
    expect(made?.['caller_request_id']).toBe(asked?.['request_id'])
  })

  it('of a repeated request says that it was one', () => {
    expect(audit('app2-create-user', 'service user created')[1]).toMatchObject({ ...who, outcome: 'repeated' })
  })

  it('of a refused creation says who asked, and why it was refused', () => {
    const refused = audit('app2-create-user', 'request refused')

    expect(refused).toContainEqual(expect.objectContaining({ ...who, code: 'user_exists', reason: 'another_creation' }))
    expect(audit('app1-provisioner', 'request refused')).toContainEqual(
      expect.objectContaining({
        requested_by: who.requested_by,
        human_user_id: who.human_user_id,
        code: 'user_exists',
      }),
    )
  })

  it('of a failed creation says at which step', () => {
    const failed = audit('app2-create-user', 'request failed')

    expect(failed).toContainEqual(
      expect.objectContaining({ ...who, code: 'internal_error', open_ms: expect.any(Number) as number }),
    )
  })

  it('of a compensation says who had asked, and which user is gone or was left behind', () => {
    const fields = { ...who, sub: expect.any(String) as string, code: 'internal_error' }

    expect(audit('app2-create-user', 'half-made user removed')[0]).toMatchObject({ ...fields, outcome: 'removed' })
    expect(audit('app2-create-user', 'half-made user left behind')[0]).toMatchObject({ ...fields, outcome: 'partial' })
  })

  it('of a change says who asked for what, and whose user it was, also where it was not finished', () => {
    const whose = { requested_by: who.requested_by, sub: expect.stringMatching(/^[\da-f-]{36}$/) as string }
    const operations = audit('app2-manage-users', 'service user changed').map(({ operation }) => operation)

    expect(operations).toEqual(['reset-password', 'delete'])
    expect(audit('app2-manage-users', 'service user changed')[1]).toMatchObject({ ...whose, outcome: 'done' })
    expect(audit('app2-manage-users', 'service user change begun and not finished')).toMatchObject([
      { ...whose, operation: 'disable', outcome: 'partial' },
    ])
  })

  it('of a reading says who asked, and whose user was shown', () => {
    expect(audit('app2-manage-users', 'service user read')).toMatchObject([
      { requested_by: who.requested_by, operation: 'read', sub: expect.any(String) as string },
    ])
    expect(audit('app2-manage-users', 'service users listed')).toMatchObject([
      { requested_by: who.requested_by, operation: 'list' },
    ])
  })

  it('of a rotation says which step of which version, and what came of it', () => {
    const steps = lines.filter(({ message }) => typeof message === 'string' && message.endsWith('rotation: step done'))

    expect(steps.slice(0, 4)).toMatchObject(
      ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((operation) => ({
        operation,
        outcome: expect.any(String) as string,
        secret_version: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      })),
    )
  })

  it('of a decision of the authorizer says whose token it was, never its name', () => {
    const sub = expect.stringMatching(/^[\da-f-]{36}$/) as string

    expect(audit('app2-authorizer', 'Token accepted')[0]).toMatchObject({ sub, client: expect.any(String) as string })
    expect(audit('app2-authorizer', 'Access denied')[0]).toMatchObject({ sub, reason: 'no_route_open' })
    expect(lines.filter((line) => JSON.stringify(line).includes('latchkey-machine-'))).toEqual([])
  })
})
