// Makes of the template of both the one of a side: what is the other's is left out, and what refers to it names what the other's
// deployment has said, or goes too. The templates of infra/templates/ are written as for one account.
import * as z from 'zod/mini'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import type { Resource, Template } from '../finish-template.ts'
import type { Values } from '../given-parameters.ts'
import { hasRotation, type PairModes } from '../modes.ts'
import { isLinked, links, linkValue, neededLinks } from './links.ts'
import { isOfOther, type Side } from './owners.ts'
import { namesIn, referencesIn, textOf } from '../references.ts'

/** What is left of a node that refers to the other side, of which nothing is known. */
const gone = Symbol('gone')

type Place = {
  readonly side: Exclude<Side, 'both'>
  readonly isLinked: boolean
  readonly isForeign: (logicalId: string) => boolean
  /** What is known of the other: how it stands in a Fn::Sub, and what it is. */
  readonly known: readonly { readonly text: string; readonly value: string }[]
}

/**
 * On return `template` holds nothing of the other side, and no reference to it. Throws where a Deny would be lost with what it
 * names, and for a resource that owners.ts does not know.
 */
export function reduceToSide(template: Template, chosen: PairModes, values: Values): void {
  const { side = 'both' } = chosen
  const { Resources: resources, Outputs: outputs = {} } = template
  if (side !== 'app2') dropStatements(resources, forOtherAccount)
  if (side === 'both') return
  const place = placeOf(template, { side, chosen, values })
  for (const [logicalId, resource] of Object.entries(resources)) {
    const left = place.isForeign(logicalId) || isIdle(resource, place) ? gone : reduceResource(resource, place)
    if (left === gone) Reflect.deleteProperty(resources, logicalId)
    else resources[logicalId] = left
  }
  for (const [name, output] of Object.entries(outputs)) {
    if (referencesIn(output).some(place.isForeign)) Reflect.deleteProperty(outputs, name)
  }
  dropUnusedConditions(template)
}

function placeOf(
  { Outputs: outputs = {} }: Template,
  given: { readonly side: Place['side']; readonly chosen: PairModes; readonly values: Values },
): Place {
  const { side, chosen, values } = given
  const known = neededLinks(side, chosen).flatMap((name) => {
    const [value, text] = [linkValue(values, name), textOf(outputs[links[name].output]?.Value)]
    if (text === undefined)
      throw new Error(`No template has the output ${links[name].output}, which ${name} is read from.`)
    return value === undefined ? [] : [{ text, value }]
  })
  const modes = { hasRotation: hasRotation(chosen) }
  const isForeign = (logicalId: string): boolean => isOfOther(side, logicalId, modes)
  return { side, isLinked: isLinked(side, chosen, values), isForeign, known }
}

/** Begins by itself; an App1 that knows no App2 has no jobs, and its worker could not start. */
function isIdle({ Type }: Resource, { side, isLinked: linked }: Place): boolean {
  return side === 'app1' && !linked && ['AWS::Lambda::EventSourceMapping', 'AWS::Scheduler::Schedule'].includes(Type)
}

function reduceResource(resource: Resource, place: Place): Resource | typeof gone {
  // Its text is a page of its own, see reduce-dashboard.ts.
  if (resource.Type === 'AWS::CloudWatch::Dashboard') return resource
  const { DependsOn: dependsOn, ...rest } = resource
  const properties = reduceProperties(resource, place)
  if (!isObject(properties)) return gone
  const waitsFor = [dependsOn ?? []].flat().filter((logicalId) => !place.isForeign(logicalId))
  return { ...rest, Properties: properties, ...(waitsFor.length > 0 && { DependsOn: waitsFor }) }
}

const functionProperties = z.looseObject({
  Environment: z.looseObject({ Variables: z.record(z.string(), z.unknown()) }),
})

function reduceProperties({ Type, Properties = {} }: Resource, place: Place): unknown {
  const { data } = Type === 'AWS::Lambda::Function' ? functionProperties.safeParse(Properties) : {}
  if (data === undefined) return reduce(Properties, place)
  const { Environment: environment, ...rest } = data
  const left = reduce(rest, place)
  if (!isObject(left)) return gone
  return { ...left, Environment: { ...environment, Variables: reduceVariables(environment.Variables, place) } }
}

/** A function of App1 starts without App2's variables; one of App2 wants the roles of App1 named, and takes `none`. */
function reduceVariables(variables: Readonly<Record<string, unknown>>, place: Place): Record<string, unknown> {
  const entries = Object.entries(variables).map(([name, value]) => [name, reduce(value, place)] as const)
  if (place.side === 'app2')
    return Object.fromEntries(entries.map(([name, value]) => [name, value === gone ? 'none' : value]))
  const known = entries.filter(([, value]) => value !== gone)
  return { ...Object.fromEntries(known), APP2_ACCOUNT: place.isLinked ? 'other' : 'none' }
}

/** A list loses its items one by one; anything else goes as a whole, and all around it up to the nearest list. */
function reduce(node: unknown, place: Place): unknown {
  if (Array.isArray(node)) {
    const left = node.map((item: unknown) => reduce(item, place)).filter((item) => item !== gone)
    return left.length > 0 || node.length === 0 ? left : gone
  }
  if (!isObject(node)) return node
  const text = textOf(node)
  if (text !== undefined) return reduceReference(node, text, place)
  if ('Effect' in node) return reduceStatement(node, place)
  return reduceEntries(node, place)
}

function reduceEntries(node: Readonly<Record<string, unknown>>, place: Place): unknown {
  const entries = Object.entries(node).map(([key, value]) => {
    // The arguments of an intrinsic function are a list of which none can be missing.
    if (key.startsWith('Fn::') && Array.isArray(value)) {
      const left = value.map((item: unknown) => reduce(item, place))
      return [key, left.includes(gone) ? gone : left] as const
    }
    return [key, reduce(value, place)] as const
  })
  return entries.some(([, value]) => value === gone) ? gone : Object.fromEntries(entries)
}

function reduceReference(node: object, text: string, { known, isForeign }: Place): unknown {
  if (!namesIn(text).some(isForeign)) return node
  const filled = known.reduce((filling, link) => filling.replaceAll(link.text, () => link.value), text)
  if (namesIn(filled).some(isForeign)) return gone
  return filled.includes('${') ? { 'Fn::Sub': filled } : filled
}

/**
 * A role of the other account is named by a condition on its account: as a principal it would have to exist when the policy is
 * written, and one that is made anew would be another. So AWS asks its own policies as well, as for any principal of another account.
 */
function reduceStatement(statement: Readonly<Record<string, unknown>>, place: Place): unknown {
  const { Principal: principal, Condition: condition = {}, ...rest } = statement
  if (!referencesIn(principal).some(place.isForeign)) {
    const left = reduceEntries(statement, place)
    if (left === gone && statement['Effect'] === 'Deny')
      throw new Error(`The Deny ${String(statement['Sid'])} would be lost.`)
    return left
  }
  const [left, conditions, roles] = [reduceEntries(rest, place), reduce(condition, place), reduce(principal, place)]
  if (!isObject(left) || !isObject(conditions) || !isObject(roles)) return gone
  const arns = z.array(z.string()).parse([roles['AWS']].flat())
  const { StringEquals: equal, ...others } = conditions
  return {
    ...left,
    Principal: { AWS: rootOf(arns) },
    Condition: {
      ...others,
      StringEquals: { ...(isObject(equal) && equal), 'aws:PrincipalArn': arns.length === 1 ? arns[0] : arns },
    },
  }
}

/** Of one account, which side-problem.ts looks at before. */
function rootOf(arns: readonly string[]): string {
  const [role] = arns.map(parseRoleArn)
  if (role === undefined) throw new Error('A principal of the other account is a role.')
  return `arn:${role.partition}:iam::${role.accountId}:root`
}

/** Statements whose Sid begins so are for a principal of another account, which needs them in words. */
const forOtherAccount = /^OtherAccount/

function dropStatements(node: unknown, sid: RegExp): void {
  if (Array.isArray(node)) {
    const isDropped = (item: unknown): boolean => isObject(item) && 'Effect' in item && sid.test(String(item['Sid']))
    for (let at = node.length; at >= 0; at -= 1) if (isDropped(node[at])) node.splice(at, 1)
  }
  if (typeof node === 'object' && node !== null) for (const child of Object.values(node)) dropStatements(child, sid)
}

function dropUnusedConditions({ Resources: resources, Conditions: conditions = {} }: Template): void {
  const text = JSON.stringify(resources)
  for (const name of Object.keys(conditions)) {
    if (!text.includes(JSON.stringify(name))) Reflect.deleteProperty(conditions, name)
  }
}

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
