// Reads the metric filters of a packaged template, and finds the log events that each of them sees.
import * as z from 'zod/mini'
import { parseLogFilter, type LogEvent } from '../../support/log-filter.ts'
import { ofType, propertiesOf, target, type Template } from './template.ts'

const dimension = z.object({ Key: z.string(), Value: z.string() })

const transformation = z.object({
  MetricNamespace: z.object({ 'Fn::Sub': z.literal('Latchkey/${AWS::StackName}') }),
  MetricName: z.string(),
  MetricValue: z.string(),
  Unit: z.enum(['Count', 'Milliseconds']),
  DefaultValue: z.optional(z.literal(0)),
  Dimensions: z.optional(z.array(dimension)),
})

const filterProperties = z.strictObject({
  LogGroupName: z.unknown(),
  FilterPattern: z.string(),
  MetricTransformations: z.tuple([transformation]),
})

export type LogMetric = {
  readonly logicalId: string
  readonly logGroup: string
  readonly pattern: ReturnType<typeof parseLogFilter>
  readonly metric: z.infer<typeof transformation>
}

export function logMetrics(template: Template): LogMetric[] {
  return ofType(template, 'AWS::Logs::MetricFilter').map(([logicalId, { Properties }]) => {
    const { LogGroupName, FilterPattern, MetricTransformations } = filterProperties.parse(Properties)
    const [metric] = MetricTransformations
    return { logicalId, logGroup: target(LogGroupName) ?? '', pattern: parseLogFilter(FilterPattern), metric }
  })
}

/** Which function's lines are in which group. */
const services: Readonly<Record<string, string>> = {
  App1ProvisionerLogGroup: 'app1-provisioner',
  CreateUserLogGroup: 'app2-create-user',
  ManageUsersLogGroup: 'app2-manage-users',
  SampleLogGroup: 'app2-sample',
  AuthorizerLogGroup: 'app2-authorizer',
  MachineCredentialRotationLogGroup: 'machine-credential-rotation',
}

/** The events of `logGroup`, out of the functions' `lines`, or as API Gateway writes them. */
export function eventsIn(
  logGroup: string,
  { template, lines }: { readonly template: Template; readonly lines: readonly LogEvent[] },
): readonly LogEvent[] {
  const service = services[logGroup]
  return service === undefined ? accessLines(template, logGroup) : lines.filter((line) => line['service'] === service)
}

/** What API Gateway writes by the format that the template gives it, for one answer of each kind. */
function accessLines(template: Template, logGroup: string): LogEvent[] {
  const format = z.object({ Format: z.string() })
  const { Format } =
    logGroup === 'HttpApiLogGroup'
      ? format.parse(propertiesOf(template, 'HttpApiStage')['AccessLogSettings'])
      : format.parse(propertiesOf(template, 'App2Stage')['AccessLogSetting'])
  return ['200', '201', '400', '401', '403', '429', '500'].map(
    (status) =>
      JSON.parse(
        Format.replaceAll(/\$context\.[\w.]+/g, (name) => (name === '$context.status' ? status : '-')),
      ) as LogEvent,
  )
}
