// The form of a packaged template, and where it lies; it knows nothing of the tests that look into it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'

const resource = z.looseObject({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
  DependsOn: z._default(
    z.pipe(
      z.union([z.string(), z.array(z.string())]),
      z.transform((names) => [names].flat()),
    ),
    [],
  ),
})

const template = z.looseObject({
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })),
})

export type Resource = z.output<typeof resource>
export type Template = z.output<typeof template>

/** The template in the folder of a variant. */
export function readTemplateIn(folder: string): Template {
  const file = join(folder, '.serverless/cloudformation-template-update-stack.json')
  return template.parse(JSON.parse(readFileSync(file, 'utf8')))
}
