import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { allowedFields } from '../../shared/logger.ts'
import { given, ofType, propertiesOf, readPackagedTemplate, stringsIn, target, type Template } from './template.ts'

const checkout = resolve(import.meta.dirname, '../..')

let template: Template

beforeAll(() => {
  template = readPackagedTemplate('dev')
})

const alarm = z.looseObject({
  AlarmName: z.object({ 'Fn::Sub': z.string() }),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()),
  TreatMissingData: z.literal('notBreaching'),
  Namespace: z.optional(z.unknown()),
  MetricName: z.optional(z.string()),
})

const filter = z.object({
  LogGroupName: z.unknown(),
  FilterPattern: z.string(),
  MetricTransformations: z.tuple([
    z.object({ MetricName: z.string(), MetricNamespace: z.unknown(), MetricValue: z.literal('1') }),
  ]),
})

/** Of which function's sources a log group holds the lines. */
const sourcesOf: Readonly<Record<string, readonly string[]>> = {
  App1ProvisionerLogGroup: ['services/app1-provisioner', 'shared'],
  CreateUserLogGroup: ['services/app2-accounts/create-user', 'shared'],
  SampleLogGroup: ['services/app2-accounts/sample', 'shared'],
  AuthorizerLogGroup: ['services/app2-accounts/authorizer', 'shared'],
}

function alarms(): z.infer<typeof alarm>[] {
  return ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => alarm.parse(Properties))
}

function filters(): z.infer<typeof filter>[] {
  return ofType(template, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => filter.parse(Properties))
}

function sourceText(folders: readonly string[]): string {
  return folders
    .flatMap((folder) =>
      readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(checkout, folder, name), 'utf8')),
    )
    .join('\n')
}

describe('the alarms', () => {
  it('say what to do, and go to one of the two topics', () => {
    const topics = alarms().map(({ AlarmActions }) => AlarmActions.map(target).join())

    expect(alarms().filter(({ AlarmDescription }) => AlarmDescription.length < 100)).toEqual([])
    expect(topics.filter((topic) => topic === 'OperationsTopic')).toHaveLength(10)
    expect(topics.filter((topic) => topic === 'SecurityTopic')).toHaveLength(3)
    expect(topics).toHaveLength(13)
  })

  it('have names under which their topics take them', () => {
    const prefix = '${AWS::StackName}-'

    expect(alarms().filter(({ AlarmName }) => !AlarmName['Fn::Sub'].startsWith(prefix))).toEqual([])
    expect(stringsIn(propertiesOf(template, 'AlarmTopicPolicy'))).toContain(
      'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-*',
    )
  })

  it('never look at the authorizer’s Errors, where every refused token counts', () => {
    const onAuthorizer = ofType(template, 'AWS::CloudWatch::Alarm').filter(([, { Properties }]) =>
      stringsIn(Properties).includes('AuthorizerLambdaFunction'),
    )

    expect(onAuthorizer).toEqual([])
  })

  it('tell refused tokens and callers to the security topic alone', () => {
    const refusals = alarms().filter(({ MetricName }) =>
      ['Refused', 'PasswordUnreadable', 'PassedTheGate'].includes(MetricName ?? ''),
    )

    expect(refusals).toHaveLength(3)
    expect(refusals.flatMap(({ AlarmActions }) => AlarmActions.map(target))).toEqual(Array(3).fill('SecurityTopic'))
  })

  it('look at every count that is made of the logs, in the namespace of this stack', () => {
    const namespace = { 'Fn::Sub': 'Latchkey/${AWS::StackName}' }
    const counted = filters().map(({ MetricTransformations: [{ MetricName, MetricNamespace }] }) => {
      expect(MetricNamespace).toEqual(namespace)
      return MetricName
    })
    const alarmed = alarms().flatMap(({ Namespace, MetricName }) =>
      JSON.stringify(Namespace) === JSON.stringify(namespace) ? [MetricName] : [],
    )

    expect([...new Set(counted)].toSorted()).toEqual(alarmed.toSorted())
  })

  it('go to an address only where one is given', () => {
    const subscriptions = ofType(template, 'AWS::SNS::Subscription').map(([, resource]) => resource['Condition'])

    expect(subscriptions).toEqual(['HasAlarmEmail', 'HasSecurityEmail'])
    expect(template['Conditions']).toMatchObject({
      HasAlarmEmail: { 'Fn::Not': [{ 'Fn::Equals': [given('alarmEmail'), 'none'] }] },
      HasSecurityEmail: { 'Fn::Not': [{ 'Fn::Equals': [given('securityEmail'), 'none'] }] },
    })
    expect(template['Mappings']).toMatchObject({ Parameters: { Given: { alarmEmail: 'none', securityEmail: 'none' } } })
  })
})

describe('the counts of log lines', () => {
  it('are of lines that the function of that log writes', () => {
    const unknown = filters().flatMap(({ LogGroupName, FilterPattern }) => {
      const text = sourceText(sourcesOf[target(LogGroupName) ?? ''] ?? [])
      const values = [...FilterPattern.matchAll(/= "([^"]+)"/g)].map(([, value = '']) => value)
      expect(values.length).toBeGreaterThan(0)
      return values.filter((value) => !text.includes(`'${value}'`) && !text.includes(`  ${value}: {`))
    })

    expect(unknown).toEqual([])
  })

  it('look at fields that a line can have', () => {
    const fields = filters().flatMap(({ FilterPattern }) =>
      [...FilterPattern.matchAll(/\$\.(\w+)/g)].map(([, field = '']) => field),
    )

    expect(fields.filter((field) => field !== 'message' && !allowedFields.some((name) => name === field))).toEqual([])
  })
})

describe('the dashboard', () => {
  const body = z.object({ widgets: z.array(z.object({ properties: z.looseObject({ title: z.string() }) })) })

  it('is well-formed, and asks the logs for fields that they have', () => {
    const { 'Fn::Sub': text } = z
      .object({ 'Fn::Sub': z.string() })
      .parse(propertiesOf(template, 'Dashboard')['DashboardBody'])
    const { widgets } = body.parse(JSON.parse(text))

    const queries = widgets.map(({ properties }) => properties['query']).filter((query) => typeof query === 'string')
    const asked = queries.flatMap((query) =>
      [...query.matchAll(/\b(?:pct|ispresent)\((\w+)|\bby ([\w, ]+)$/g)].flatMap(([, one, many]) =>
        (one ?? many ?? '').split(/, */),
      ),
    )
    expect(widgets).toHaveLength(8)
    expect(asked.length).toBeGreaterThan(15)
    const known = new Set<string>([...allowedFields, 'message', 'service'])
    expect(asked.filter((field) => !known.has(field))).toEqual([])
  })
})
