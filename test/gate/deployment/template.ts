// Reads a packaged template, and finds what a test looks for in it.
import { join } from 'node:path'
import { inject } from 'vitest'
import * as z from 'zod/mini'
import type { Packaged } from './package-variants.ts'
import { readTemplateIn, type Resource, type Template } from './packaged-template.ts'

export type Stage = 'dev' | 'prod'

export type { Resource, Template } from './packaged-template.ts'

export const stages: readonly Stage[] = ['dev', 'prod']

export function packagedFile(variant: keyof Packaged, ...path: string[]): string {
  return join(inject('packaged')[variant], ...path)
}

export function readPackagedTemplate(variant: keyof Packaged): Template {
  return readTemplateIn(inject('packaged')[variant])
}

/** Resources of one type, by logical id. */
export function ofType({ Resources }: Template, type: string): [string, Resource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type)
}

export function propertiesOf({ Resources }: Template, logicalId: string): Record<string, unknown> {
  const found = Resources[logicalId]
  if (found === undefined) throw new Error(`the template has no ${logicalId}`)
  return found.Properties
}

/** The logical id that a Ref, or a Fn::GetAtt of an ARN, names. */
export function target(node: unknown): string | undefined {
  const parsed = z
    .union([
      z.strictObject({ Ref: z.string() }),
      z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
    ])
    .safeParse(node)
  if (!parsed.success) return undefined
  return 'Ref' in parsed.data ? parsed.data.Ref : parsed.data['Fn::GetAtt'][0]
}

/** How a condition of the template looks at a parameter. */
export function given(parameter: string): object {
  return { 'Fn::FindInMap': ['Parameters', 'Given', parameter] }
}

/** The functions of serverless.yml: the name in the tree, and the start of the logical ids. */
export const functions = {
  'app1-provisioner': 'App1Provisioner',
  jobs: 'Jobs',
  'job-worker': 'JobWorker',
  'create-user': 'CreateUser',
  'check-users': 'CheckUsers',
  'manage-users': 'ManageUsers',
  sample: 'Sample',
  authorizer: 'Authorizer',
  'machine-credential-rotation': 'MachineCredentialRotation',
} as const

/** Every string in `node`, at any depth, keys included. */
export function stringsIn(node: unknown): string[] {
  if (typeof node === 'string') return [node]
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => [key, ...stringsIn(value)])
}

/** A name of the template as AWS gets it in the stack `stackName`; undefined where AWS makes one up. */
export function resolvedName(node: unknown, stackName: string): string | undefined {
  const text = z
    .union([
      z.string(),
      z.strictObject({ 'Fn::Sub': z.string() }),
      z.strictObject({ Ref: z.literal('AWS::StackName') }),
    ])
    .safeParse(node).data
  if (text === undefined) return undefined
  const pattern = typeof text === 'string' ? text : 'Ref' in text ? '${AWS::StackName}' : text['Fn::Sub']
  return pattern.replace('${AWS::StackName}', stackName).replace('${AWS::AccountId}', '123456789012')
}
