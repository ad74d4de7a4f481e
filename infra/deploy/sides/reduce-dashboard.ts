// What a side shows on its dashboard, of the one page of both: its own functions, API, logs and metrics.
import * as z from 'zod/mini'
import type { Resource, Template } from '../finish-template.ts'
import type { PairModes } from '../modes.ts'
import { absentFunctions, hasRotation } from '../modes.ts'
import { isOfOther } from './owners.ts'
import { namesIn } from '../references.ts'

const widget = z.looseObject({
  type: z.string(),
  properties: z.looseObject({ metrics: z.optional(z.array(z.array(z.unknown()))), query: z.optional(z.string()) }),
})
const dashboard = z.object({ DashboardBody: z.object({ 'Fn::Sub': z.string() }) })
const body = z.looseObject({ widgets: z.array(widget) })

type Widget = z.output<typeof widget>

/**
 * On return the dashboard shows what the side has, and no heading without a widget below it. `filters` are the side's metric
 * filters: a metric of ours that none of them writes is the other's.
 */
export function reduceDashboard(
  template: Template,
  chosen: PairModes,
  filters: Readonly<Record<string, Resource>>,
): void {
  const { side = 'both' } = chosen
  const { Dashboard: page } = template.Resources
  if (side === 'both' || page === undefined) return
  const { widgets, ...rest } = body.parse(JSON.parse(dashboard.parse(page.Properties).DashboardBody['Fn::Sub']))
  const isForeign = (logicalId: string): boolean => isOfOther(side, logicalId, { hasRotation: hasRotation(chosen) })
  const written = metricNames(filters)
  const isShown = (metric: unknown): boolean => {
    const text = JSON.stringify(metric)
    const [, own] = /"Latchkey\/[^"]*","(\w+)"/.exec(text) ?? /MetricName=\\"(\w+)\\"/.exec(text) ?? []
    if (own !== undefined && !text.includes('AWS/Usage')) return written.has(own)
    return !namesIn(text).some(isForeign) && !isOfOtherByName(text, chosen)
  }
  const left = widgets.flatMap((each) => {
    const shown = reduceWidget(each, isShown, isForeign)
    return shown === undefined ? [] : [shown]
  })
  const withHeadings = left.filter(({ type }, index) => type !== 'text' || (left[index + 1]?.type ?? 'text') !== 'text')
  page.Properties = {
    ...page.Properties,
    DashboardBody: { 'Fn::Sub': JSON.stringify({ ...rest, widgets: withHeadings }) },
  }
}

function reduceWidget(
  { properties, ...rest }: Widget,
  isShown: (metric: unknown) => boolean,
  isForeign: (logicalId: string) => boolean,
): Widget | undefined {
  const { metrics, query } = properties
  const shown = metrics?.filter(isShown)
  // An expression of other metrics shows nothing without them.
  if (shown?.every((metric) => JSON.stringify(metric).includes('"expression":"requests /')) === true) return undefined
  const sources = query?.replaceAll(/SOURCE '\$\{(\w+)\}' \| /g, (source, name: string) =>
    isForeign(name) ? '' : source,
  )
  if (sources?.startsWith('SOURCE') === false) return undefined
  return {
    ...rest,
    properties: { ...properties, ...(shown && { metrics: shown }), ...(sources && { query: sources }) },
  }
}

/** What AWS measures, by the names that it goes by: a function's, App2's API, the queue of jobs, Cognito. */
function isOfOtherByName(text: string, chosen: PairModes): boolean {
  if (chosen.side === 'app1' && /"ApiName"|AWS\/Usage/.test(text)) return true
  if (chosen.side === 'app2' && text.includes('AWS/SQS')) return true
  return absentFunctions(chosen).some((name) => new RegExp(`"FunctionName","[^"]*-${name}"`).test(text))
}

function metricNames(filters: Readonly<Record<string, Resource>>): ReadonlySet<string> {
  const written = z.object({ MetricTransformations: z.array(z.object({ MetricName: z.string() })) })
  return new Set(
    Object.values(filters).flatMap(({ Properties }) =>
      written.parse(Properties).MetricTransformations.map(({ MetricName }) => MetricName),
    ),
  )
}
