// The packaged template as plain data, and as it is for moto; it leaves every resource in it.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import type { MadeResource } from '#infra/local/set-up/resource-type.ts'

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      DeletionPolicy: z.optional(z.string()),
      Properties: z.optional(z.record(z.string(), z.unknown())),
    }),
  ),
  Outputs: z.record(z.string(), z.unknown()),
})

export type PackagedTemplate = z.output<typeof templateSchema>

export const templateFile = 'cloudformation-template-update-stack.json'

export function parseTemplate(json: string): PackagedTemplate {
  return templateSchema.parse(JSON.parse(json))
}

const stateSchema = z.looseObject({
  service: z.looseObject({ provider: z.looseObject({ compiledCloudFormationTemplate: templateSchema }) }),
})

/** Names of what has been made already, and what `!Ref` and `!GetAtt` give for it. */
export type Made = ReadonlyMap<string, MadeResource>

/**
 * Writes the values of `made` into the package in `folder`, in the place of the references to it. The framework deploys
 * the template that stands in its state, and the plugin reads the one beside it.
 */
export async function adaptPackage(folder: string, made: Made): Promise<void> {
  const stateFile = join(folder, 'serverless-state.json')
  const state = stateSchema.parse(JSON.parse(await readFile(stateFile, 'utf8')))
  const template = replaceReferences(state.service.provider.compiledCloudFormationTemplate, made)
  const { service } = state
  const adapted = {
    ...state,
    service: { ...service, provider: { ...service.provider, compiledCloudFormationTemplate: template } },
  }
  await writeFile(stateFile, JSON.stringify(adapted))
  await writeFile(join(folder, templateFile), JSON.stringify(template))
}

/**
 * `node` with each `Ref`, `Fn::GetAtt` and `Fn::Sub` of a name in `made` resolved, at any depth, and everything else as
 * it is. Throws for an attribute that was not made.
 */
export function replaceReferences(node: unknown, made: Made): unknown {
  if (Array.isArray(node)) return node.map((item) => replaceReferences(item, made))
  if (typeof node !== 'object' || node === null) return node
  return resolve(node, made) ?? mapValues(node, (value, key) => replaceUnder(key, value, made))
}

/** The value of an object that is a reference to something in `made`, else undefined. */
function resolve(node: object, made: Made): string | undefined {
  const [[key, argument] = [], ...others]: readonly [string?, unknown?][] = Object.entries(node)
  if (others.length > 0) return undefined
  if (key === 'Ref' && typeof argument === 'string') return made.get(argument)?.ref
  if (key !== 'Fn::GetAtt') return undefined
  const [logicalId = '', ...attribute] = [argument].flat().join('.').split('.')
  const resource = made.get(logicalId)
  return resource && attributeOf(resource, `${logicalId}.${attribute.join('.')}`)
}

function replaceUnder(key: string, value: unknown, made: Made): unknown {
  if (key !== 'Fn::Sub') return replaceReferences(value, made)
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value]
  const [text, ...variables] = parts
  const substituted = substitute(String(text), made)
  return Array.isArray(value) ? [substituted, ...variables.map((item) => replaceReferences(item, made))] : substituted
}

function substitute(text: string, made: Made): string {
  return text.replaceAll(/\$\{(\w+)(\.[\w.]+)?\}/g, (whole, logicalId: string, attribute: string | undefined) => {
    const resource = made.get(logicalId)
    if (resource === undefined) return whole
    return attribute === undefined ? resource.ref : attributeOf(resource, logicalId + attribute)
  })
}

function attributeOf({ attributes }: MadeResource, name: string): string {
  const value = attributes[name.slice(name.indexOf('.') + 1)]
  if (value === undefined) throw new Error(`${name} is referred to, and what was made has no such attribute`)
  return value
}

function mapValues(node: object, change: (value: unknown, key: string) => unknown): object {
  return Object.fromEntries(Object.entries(node).map(([key, value]: [string, unknown]) => [key, change(value, key)]))
}
