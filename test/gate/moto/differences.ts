// Says in fixed sentences where a deployment on moto differs from one on AWS, and holds them against a list.
import type { Inventory } from './inventory.ts'
import type { Made, PackagedTemplate } from './packaged-template.ts'
import type { Stack } from './stack.ts'

/** One sentence for a type of which nothing was made; where only some are missing, one for each of them. */
export function passedOver(template: PackagedTemplate, stack: Pick<Stack, 'resources'>): string[] {
  const byType = Map.groupBy(Object.entries(template.Resources), ([, { Type }]) => Type)
  return [...byType].flatMap(([type, resources]) => {
    const missing = resources.filter(([logicalId]) => !stack.resources.has(logicalId))
    if (missing.length === resources.length) return [`${type} is passed over`]
    return missing.map(([logicalId]) => `${logicalId} (${type}) is passed over`)
  })
}

/** One sentence when a stack shows none of the template's outputs, else one for each that is missing. */
export function missingOutputs(template: PackagedTemplate, stack: Pick<Stack, 'outputs'>): string[] {
  const names = Object.keys(template.Outputs)
  const missing = names.filter((name) => !stack.outputs.includes(name))
  if (missing.length === names.length) return ['the stack has no outputs']
  return missing.map((name) => `the stack has no output ${name}`)
}

/**
 * What is still there after the stack was removed, and should not be, and the other way round: by the template, a
 * resource stays that says Retain.
 */
export function leftBehind(
  template: PackagedTemplate,
  { stack, made, inventory }: { readonly stack: Stack; readonly made: Made; readonly inventory: Inventory },
): string[] {
  const logicalIds = new Map([
    ...[...stack.resources].map(([logicalId, { physicalId }]) => [physicalId, logicalId] as const),
    ...[...made].map(([logicalId, { ref }]) => [ref, logicalId] as const),
  ])
  const retained = [...stack.resources].filter(([logicalId]) => isRetained(template, logicalId))
  const left = [...inventory].flatMap(([type, ids]) =>
    ids.flatMap((id) => {
      const logicalId = logicalIds.get(id)
      if (logicalId !== undefined && isRetained(template, logicalId)) return []
      return [`${logicalId ?? id} (${type}) is left behind`]
    }),
  )
  const gone = retained.flatMap(([logicalId, { type, physicalId }]) =>
    inventory.get(type)?.includes(physicalId) === false
      ? [`${logicalId} (${type}) is removed, though its policy is to retain it`]
      : [],
  )
  return [...left, ...gone]
}

function isRetained(template: PackagedTemplate, logicalId: string): boolean {
  return template.Resources[logicalId]?.DeletionPolicy?.startsWith('Retain') === true
}

/** Found and not on the list, and on the list and not found any more: both have to be looked at. */
export function judge(
  found: readonly string[],
  listed: readonly string[],
): { readonly unlisted: readonly string[]; readonly outdated: readonly string[] } {
  return {
    unlisted: found.filter((sentence) => !listed.includes(sentence)),
    outdated: listed.filter((sentence) => !found.includes(sentence)),
  }
}
