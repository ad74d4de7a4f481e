// Reads a CloudFormation template into plain data; it resolves nothing and skips nothing that it does not know.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseDocument, type ScalarTag } from 'yaml'
import * as z from 'zod/mini'
import { describeIssues, SetUpError } from './set-up-error.ts'

/** One entry of `Resources`. Intrinsic functions stand in `properties` in their long form, `{ "Fn::GetAtt": [...] }`. */
export type TemplateResource = {
  readonly type: string
  readonly dependsOn: readonly string[]
  readonly properties: Readonly<Record<string, unknown>>
}

/** By logical id, in the order of the template. */
export type TemplateResources = ReadonlyMap<string, TemplateResource>

/**
 * The resources of the template at `file`, or of the one in a section of it. Throws a SetUpError for YAML that does not parse, for a tag other than
 * `!Ref`, `!Sub` and `!GetAtt`, and for a section or an attribute of a resource that this set-up does not carry out.
 */
export async function readTemplate(file: URL, section?: string): Promise<TemplateResources> {
  const name = basename(file.pathname)
  const document = parseDocument(await readFile(file, 'utf8'), { customTags, merge: true })
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem !== undefined) throw new SetUpError(name, problem.message, { cause: problem })
  const content: unknown = document.toJS()
  const template = templateSchema.safeParse(
    section === undefined ? content : sections.safeParse(content).data?.[section],
  )
  if (!template.success) throw new SetUpError(name, describeIssues(template.error.issues))
  return toResources(template.data)
}

/**
 * The resources of one of `types` in a packaged template, JSON with all of CloudFormation's sections: whatever else is
 * in it is not looked at. Throws a SetUpError where readTemplate would, for one of those resources.
 */
export function readPackagedTemplate(
  json: string,
  { types }: { readonly types: readonly string[] },
): TemplateResources {
  const { Resources } = packagedSchema.parse(JSON.parse(json))
  const wanted = Object.entries(Resources).filter(([, { Type }]) => types.includes(Type))
  const template = templateSchema.safeParse({ Resources: Object.fromEntries(wanted) })
  if (!template.success) throw new SetUpError('the packaged template', describeIssues(template.error.issues))
  return toResources(template.data)
}

function toResources({ Resources }: z.output<typeof templateSchema>): TemplateResources {
  return new Map(
    Object.entries(Resources).map(([logicalId, resource]) => [
      logicalId,
      { type: resource.Type, dependsOn: [resource.DependsOn ?? []].flat(), properties: resource.Properties ?? {} },
    ]),
  )
}

const customTags: ScalarTag[] = [
  { tag: '!Ref', resolve: (text) => ({ Ref: text }) },
  { tag: '!Sub', resolve: (text) => ({ 'Fn::Sub': text }) },
  { tag: '!GetAtt', resolve: (text) => ({ 'Fn::GetAtt': splitAtFirstDot(text) }) },
]

const templateSchema = z.strictObject({
  Resources: z.record(
    z.string(),
    z.strictObject({
      Type: z.string(),
      Properties: z.optional(z.record(z.string(), z.unknown())),
      DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
      // What happens to a resource when its stack is changed or removed; there is no stack here.
      DeletionPolicy: z.optional(z.string()),
      UpdateReplacePolicy: z.optional(z.string()),
    }),
  ),
  // For people who read a deployed stack.
  Outputs: z.optional(z.unknown()),
})

const sections = z.record(z.string(), z.unknown())

const packagedSchema = z.looseObject({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) })

function splitAtFirstDot(text: string): string[] {
  const [logicalId = '', ...attribute] = text.split('.')
  return [logicalId, attribute.join('.')]
}
