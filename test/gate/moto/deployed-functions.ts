// Compares the functions that Lambda holds with what was packaged; it runs none of them.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as z from 'zod/mini'
import type { Inventory } from './inventory.ts'
import type { CallApi } from './moto-api.ts'
import type { PackagedTemplate } from './packaged-template.ts'

export type DeployedFunction = {
  readonly name: string
  readonly arn: string
  /** `dist/<name>/handler.handler`. */
  readonly handler: string
  readonly timeoutSeconds: number
  readonly variables: Readonly<Record<string, string>>
  readonly role: string
  readonly codeSha256: string
}

const listed = z.object({
  Functions: z.array(
    z.object({
      FunctionName: z.string(),
      FunctionArn: z.string(),
      Handler: z.string(),
      Timeout: z.number(),
      Role: z.string(),
      CodeSha256: z.string(),
      Environment: z.optional(z.object({ Variables: z.record(z.string(), z.string()) })),
    }),
  ),
})

/** By name. */
export async function readFunctions(call: CallApi): Promise<ReadonlyMap<string, DeployedFunction>> {
  const answer = await call({ service: 'lambda', method: 'GET', path: '/2015-03-31/functions/' })
  const functions = listed.parse(JSON.parse(answer)).Functions.map((item) => ({
    name: item.FunctionName,
    arn: item.FunctionArn,
    handler: item.Handler,
    timeoutSeconds: item.Timeout,
    variables: item.Environment?.Variables ?? {},
    role: item.Role,
    codeSha256: item.CodeSha256,
  }))
  return new Map(functions.map((item) => [item.name, item]))
}

const packaged = z.object({
  FunctionName: z.string(),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.optional(z.object({ Variables: z.record(z.string(), z.unknown()) })),
})

export type PackagedFunction = {
  readonly name: string
  readonly archive: string
  readonly variables: readonly string[]
}

/** The functions of `template`, each with its archive in `folder`. */
export function packagedFunctions(template: PackagedTemplate, folder: string): PackagedFunction[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => {
      const { FunctionName, Code, Environment } = packaged.parse(Properties)
      const archive = join(folder, basename(Code.S3Key))
      return { name: FunctionName, archive, variables: Object.keys(Environment?.Variables ?? {}) }
    })
}

/**
 * What is wrong with `deployed`: code other than the archive's, a role that is not there, a variable that is missing,
 * more, or empty. Nothing, for a function that is as it was packaged.
 */
export async function functionProblems(
  expected: PackagedFunction,
  deployed: DeployedFunction | undefined,
  inventory: Inventory,
): Promise<string[]> {
  if (deployed === undefined) return [`${expected.name} is not there`]
  const hash = createHash('sha256')
    .update(await readFile(expected.archive))
    .digest('base64')
  const roles = inventory.get('AWS::IAM::Role') ?? []
  const filled = Object.entries(deployed.variables).filter(([, text]) => text !== '')
  const names = filled.map(([name]) => name).toSorted()
  return [
    ...(deployed.codeSha256 === hash ? [] : [`${expected.name} runs other code than was packaged`]),
    ...(roles.some((role) => deployed.role.endsWith(`:role/${role}`)) ? [] : [`${expected.name} has no role`]),
    ...(names.join() === expected.variables.toSorted().join()
      ? []
      : [`${expected.name} has the variables ${names.join(', ')}, not ${expected.variables.join(', ')}`]),
  ]
}
