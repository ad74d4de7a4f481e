// What Lambda would be given of each function: code, settings and variables, as the packaged template says; it retypes none.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod/mini'
import { zipEntries } from '../deployment/zip-entries.ts'
import { replaceReferences, type Made, type PackagedTemplate } from '../moto/packaged-template.ts'
import { readZipEntry } from '../moto/zip-entry.ts'

export type PackagedFunction = {
  readonly name: string
  /** `dist/<folder>/handler.handler`. */
  readonly handler: string
  readonly archive: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly variables: Readonly<Record<string, string>>
}

const lambdaFunction = z.object({
  FunctionName: z.string(),
  Handler: z.string(),
  Timeout: z.int(),
  MemorySize: z.int(),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.optional(z.object({ Variables: z.record(z.string(), z.unknown()) })),
})

/**
 * By the folder of its bundle, such as `create-user`. `folder` holds the archives. A variable in `replacements` has that
 * value wherever a function has it; throws for any other that refers to what is not in `made`.
 */
export function readPackagedFunctions(
  template: PackagedTemplate,
  options: { readonly folder: string; readonly made: Made; readonly replacements: Readonly<Record<string, string>> },
): ReadonlyMap<string, PackagedFunction> {
  const functions = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => lambdaFunction.parse(Properties))
    .map(({ Environment, ...settings }) => ({
      name: settings.FunctionName,
      handler: settings.Handler,
      archive: join(options.folder, basename(settings.Code.S3Key)),
      timeoutSeconds: settings.Timeout,
      memoryMb: settings.MemorySize,
      variables: Object.fromEntries(
        Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [name, resolve(name, value, options)]),
      ),
    }))
  return new Map(functions.map((item) => [basename(dirname(item.handler)), item]))
}

function resolve(
  name: string,
  value: unknown,
  { made, replacements }: { readonly made: Made; readonly replacements: Readonly<Record<string, string>> },
): string {
  const resolved = replacements[name] ?? replaceReferences(value, made)
  if (typeof resolved !== 'string') throw new Error(`${name} refers to what was not made: ${JSON.stringify(resolved)}`)
  return resolved
}

/** Writes all that is in the archive into `folder`, which is made. */
export async function unzip(archive: string, folder: string): Promise<void> {
  const bytes = await readFile(archive)
  for (const name of zipEntries(bytes)) {
    const file = join(folder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, readZipEntry(bytes, name))
  }
}
