import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import * as z from 'zod/mini'
import { given, ofType, propertiesOf, readPackagedTemplate, stringsIn, target, type Template } from './template.ts'
import type { Variant } from './variants.ts'

let template: Template

beforeAll(() => {
  // With every alarm that there is.
  template = readPackagedTemplate('jobs')
})

const watched = z.object({
  Namespace: z.union([z.string(), z.strictObject({ 'Fn::Sub': z.string() })]),
  MetricName: z.string(),
  Dimensions: z._default(z.array(z.object({ Name: z.string(), Value: z.unknown() })), []),
})

const alarm = z.looseObject({
  AlarmName: z.object({ 'Fn::Sub': z.string() }),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()),
  TreatMissingData: z.string(),
  EvaluationPeriods: z.number(),
  Metrics: z.optional(z.array(z.object({ MetricStat: z.optional(z.object({ Metric: watched })) }))),
})

type Alarm = z.output<typeof alarm> & { readonly logicalId: string; readonly metrics: readonly string[] }

/** A metric by its namespace, its name and the names of its dimensions; ours by name alone, since it has none. */
function nameOf({ Namespace, MetricName, Dimensions }: z.output<typeof watched>): string {
  const namespace = typeof Namespace === 'string' ? Namespace : Namespace['Fn::Sub']
  return [namespace, MetricName, ...Dimensions.map(({ Name }) => Name)].join(' ')
}

function alarms(of = template): Alarm[] {
  return ofType(of, 'AWS::CloudWatch::Alarm').map(([logicalId, { Properties }]) => {
    const parsed = alarm.parse(Properties)
    const several = parsed.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
    return { ...parsed, logicalId, metrics: (several ?? [watched.parse(Properties)]).map(nameOf) }
  })
}

const ownNamespace = 'Latchkey/${AWS::StackName} '

/** What filters write without dimensions, which is another metric than the same name with them. */
function countedOfLogs(of: Template): string[] {
  const filter = z.object({
    MetricTransformations: z.tuple([z.object({ MetricName: z.string(), Dimensions: z.optional(z.unknown()) })]),
  })
  return ofType(of, 'AWS::Logs::MetricFilter').flatMap(([, { Properties }]) => {
    const [{ MetricName, Dimensions }] = filter.parse(Properties).MetricTransformations
    return Dimensions === undefined ? [ownNamespace + MetricName] : []
  })
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html, and HTTP APIs' own. */
const writtenByAws = [
  'AWS/ApiGateway 5XXError ApiName Stage',
  'AWS/ApiGateway 5xx ApiId',
  'AWS/ApiGateway Count ApiId',
  'AWS/ApiGateway Count ApiName Stage',
  'AWS/ApiGateway Count ApiName Stage Method Resource',
  'AWS/Lambda Errors FunctionName',
  // "Available CloudWatch metrics for Amazon SQS" in its guide.
  'AWS/SQS ApproximateAgeOfOldestMessage QueueName',
  'AWS/SQS ApproximateNumberOfMessagesVisible QueueName',
]

function isVariant(name: string): name is Variant {
  return Object.hasOwn(inject('packaged'), name)
}

describe('the alarms', () => {
  it('go to one of the two topics each', () => {
    const sentTo = (topic: string): string[] =>
      alarms().flatMap(({ logicalId, AlarmActions }) => (AlarmActions.map(target).join() === topic ? [logicalId] : []))

    expect(sentTo('SecurityTopic').toSorted()).toEqual([
      'DeletionSurgeAlarm',
      'PassedTheGateAlarm',
      'PasswordUnreadableAlarm',
      'RefusalSurgeAlarm',
    ])
    expect(sentTo('OperationsTopic').toSorted()).toEqual([
      'AccessDeniedAlarm',
      'App1FailingAlarm',
      'App2FailingAlarm',
      'AuthorizerTroubleAlarm',
      'FunctionFailedAlarm',
      'JobFunctionFailedAlarm',
      'JobMessagesDeadAlarm',
      'JobRowsOldAlarm',
      'NearQuotaAlarm',
      'PartialChangesAlarm',
      'PartialProvisionAlarm',
      'RotationFailedAlarm',
      'SignInStoppedAlarm',
      'ThrottledAlarm',
    ])
    expect(alarms()).toHaveLength(18)
  })

  it('say what happened and what to do, in as much as CloudWatch takes', () => {
    const toDo = /\b(rotate|read|run|look|spread|deploy|compare|block|undo|points? to|says which|says why)\b/i

    expect(alarms().filter(({ AlarmDescription }) => AlarmDescription.length > 1_024)).toEqual([])
    expect(alarms().filter(({ AlarmDescription }) => !toDo.test(AlarmDescription))).toEqual([])
    expect(alarms().filter(({ AlarmDescription }) => AlarmDescription.split('. ').length < 2)).toEqual([])
  })

  it('have names under which their topics take them', () => {
    const prefix = '${AWS::StackName}-'

    expect(alarms().filter(({ AlarmName }) => !AlarmName['Fn::Sub'].startsWith(prefix))).toEqual([])
    for (const policy of ['OperationsTopicPolicy', 'SecurityTopicPolicy']) {
      expect(stringsIn(propertiesOf(template, policy))).toContain(
        'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-*',
      )
    }
  })

  it('watch metrics that a filter of the same stack or AWS itself writes, whatever was chosen in deploying it', () => {
    const variants = Object.keys(inject('packaged')).filter(isVariant)
    for (const variant of variants) {
      const packaged = readPackagedTemplate(variant)
      const known = new Set([...countedOfLogs(packaged), ...writtenByAws])
      const unknown = alarms(packaged).flatMap(({ metrics }) => metrics.filter((metric) => !known.has(metric)))

      expect({ variant, unknown }).toEqual({ variant, unknown: [] })
      expect(alarms(packaged).filter(({ metrics }) => metrics.length === 0)).toEqual([])
    }

    expect(variants.length).toBeGreaterThan(2)
  })

  // Every metric counts something bad, or requests: no data is no request, at night for example.
  it('take silence for rest', () => {
    expect(new Set(alarms().map(({ TreatMissingData }) => TreatMissingData))).toEqual(new Set(['notBreaching']))
  })

  it('never look at the authorizer’s Errors, where every refused token counts', () => {
    const onAuthorizer = ofType(template, 'AWS::CloudWatch::Alarm').filter(([, { Properties }]) =>
      stringsIn(Properties).some((text) => text === 'AuthorizerLambdaFunction' || text.endsWith('-authorizer')),
    )

    expect(onAuthorizer).toEqual([])
  })

  it('tell refused tokens and callers to the security topic alone', () => {
    const refusals = ['Refused', 'PasswordUnreadable', 'PassedTheGate', 'TokensRefused'].map(
      (name) => ownNamespace + name,
    )
    const telling = alarms().filter(({ metrics }) => metrics.some((metric) => refusals.includes(metric)))

    expect(telling).toHaveLength(3)
    expect(telling.flatMap(({ AlarmActions }) => AlarmActions.map(target))).toEqual(Array(3).fill('SecurityTopic'))
  })

  it('wait out what passes: a rate has to last ten minutes before it wakes anybody', () => {
    const lasting = alarms().filter(({ EvaluationPeriods }) => EvaluationPeriods > 1)

    expect(lasting.map(({ logicalId }) => logicalId).toSorted()).toEqual([
      'App1FailingAlarm',
      'App2FailingAlarm',
      'NearQuotaAlarm',
      'ThrottledAlarm',
    ])
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

describe('the logs', () => {
  it('are kept for a time that the template sets, each of them', () => {
    const kept = ofType(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties['RetentionInDays'])

    expect(kept.length).toBeGreaterThan(6)
    expect(kept.filter((days) => typeof days !== 'number' || days < 1)).toEqual([])
  })
})

describe('the pages for operators', () => {
  const pages = ['operate', 'deploy', 'rotation'].map((name) =>
    readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8'),
  )
  const text = pages.join('\n')
  /** What stands in backticks in the first cell of each row, or before the colon of each item, under `heading`. */
  const listed = (heading: string): string[] => {
    const table = /(?:^(?:\||-| ).*\n)+/m.exec(text.slice(text.indexOf(heading)))?.[0] ?? ''
    return table.split('\n').flatMap((row) => {
      const first = row.startsWith('- ') ? (row.split(':')[0] ?? '') : (row.split('|')[1] ?? '')
      return [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    })
  }

  it('says of each alarm, and of no other, what to do', () => {
    const names = alarms().map(({ AlarmName }) => AlarmName['Fn::Sub'].slice('${AWS::StackName}-'.length))

    expect(listed('## The alarms').toSorted()).toEqual(names.toSorted())
  })

  it('lists each metric of the logs, and no other', () => {
    const filter = z.object({ MetricTransformations: z.tuple([z.object({ MetricName: z.string() })]) })
    const metrics = ofType(template, 'AWS::Logs::MetricFilter').map(
      ([, { Properties }]) => filter.parse(Properties).MetricTransformations[0].MetricName,
    )

    expect(listed('**Metrics**').toSorted()).toEqual([...new Set(metrics)].toSorted())
  })

  it('asks for outputs that the stack has', () => {
    // docs/rotation.md asks for one of the scope modes too; the gate plays its commands.
    const asked = [
      ...pages
        .slice(0, 2)
        .join('\n')
        .matchAll(/\$\(output (\w+)\)/g),
    ].map(([, name = '']) => name)

    expect(asked.length).toBeGreaterThan(4)
    expect(asked.filter((name) => !Object.hasOwn(template.Outputs, name))).toEqual([])
  })
})
