// Reads the dashboard of a packaged template: which metrics it shows, and what it asks the logs.
import * as z from 'zod/mini'
import { propertiesOf, type Template } from './template.ts'

const expression = z.object({ expression: z.string() })

const body = z.object({
  widgets: z.array(
    z.object({
      type: z.enum(['text', 'metric', 'log']),
      properties: z.looseObject({
        query: z.optional(z.string()),
        metrics: z.optional(z.array(z.array(z.union([z.string(), z.looseObject({})])))),
      }),
    }),
  ),
})

export type DashboardMetrics = {
  /** Of this stack's namespace: the name, then the dimensions' names, separated by commas. */
  readonly own: readonly string[]
  /** Namespace, name and the dimensions' names, separated by spaces. */
  readonly ofAws: readonly string[]
  readonly functionNames: readonly string[]
}

const ownNamespace = 'Latchkey/${AWS::StackName}'

export function dashboardMetrics(template: Template): DashboardMetrics {
  const shown = widgets(template).flatMap(({ properties }) => properties.metrics ?? [])
  const plain = shown
    .map((metric) => metric.filter((part) => typeof part === 'string'))
    .filter(({ length }) => length > 0)
  const searched = shown.flatMap((metric) => metric.map(searchedMetric).filter((found) => found !== undefined))
  const all = [
    ...plain.map(([namespace, name, ...dimensions]) => [
      namespace,
      name,
      ...dimensions.filter((_, at) => at % 2 === 0),
    ]),
    ...searched,
  ]
  return {
    own: all.flatMap(([namespace, ...names]) => (namespace === ownNamespace ? [names.join()] : [])),
    ofAws: all.flatMap((names) => (names[0] === ownNamespace ? [] : [names.join(' ')])),
    functionNames: plain.flatMap((metric) => (metric[2] === 'FunctionName' ? [metric[3] ?? ''] : [])),
  }
}

export function dashboardQueries(template: Template): readonly string[] {
  return widgets(template).flatMap(({ properties }) => properties.query ?? [])
}

function widgets(template: Template): z.infer<typeof body>['widgets'] {
  const { 'Fn::Sub': text } = z
    .object({ 'Fn::Sub': z.string() })
    .parse(propertiesOf(template, 'Dashboard')['DashboardBody'])
  return body.parse(JSON.parse(text)).widgets
}

/** Of `SEARCH('{namespace,dimension…} … MetricName="name"', …)`; undefined for another expression or a metric. */
function searchedMetric(part: unknown): string[] | undefined {
  const parsed = z.safeParse(expression, part)
  if (!parsed.success) return undefined
  const found = /^SEARCH\('\{(.+)\} (?:\w+ )?MetricName="(\w+)"'/.exec(parsed.data.expression)
  if (found === null) return undefined
  const [, schema = '', name = ''] = found
  const [namespace = '', ...dimensions] = schema.replaceAll('"', '').split(',')
  return [namespace, name, ...dimensions]
}
