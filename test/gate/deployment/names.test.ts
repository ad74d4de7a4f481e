import { describe, expect, it } from 'vitest'
import { readPackagedTemplate, resolvedName, type Template } from './template.ts'
import { variantNames, variants } from './variants.ts'

/** The longest name that each service takes, by the property that has it. */
const limits: Readonly<Record<string, number>> = {
  FunctionName: 64,
  AlarmName: 255,
  AliasName: 256,
  DashboardName: 255,
  Domain: 63,
  GroupName: 128,
  LogGroupName: 512,
  PolicyName: 128,
  QueueName: 80,
  StageName: 128,
  UserPoolName: 128,
}

/** Every name in `template`, which was packaged for the stage dev, as it would be in another. */
function namesIn(template: Template, stage: string): { name: string; limit: number }[] {
  return Object.values(template.Resources).flatMap(({ Properties }) =>
    Object.entries(Properties).flatMap(([property, value]) => {
      const [limit, name] = [limits[property], resolvedName(value, `latchkey-${stage}`)]
      return limit === undefined || name === undefined ? [] : [{ name: name.replace(/\bdev\b/, stage), limit }]
    }),
  )
}

/** Those of the stage dev. */
const onDev = variantNames.filter((name) => name === 'dev' || !variants[name].some((option) => option === '--stage'))

describe.each(onDev)('the names of %s', (variant) => {
  const fitting = (names: readonly { name: string; limit: number }[]): boolean[] =>
    names.map(({ name, limit }) => name.length <= limit)

  it('fit the services in the longest stage that the plugin takes, and functions’ in no longer one', () => {
    const template = readPackagedTemplate(variant)
    const longestFunction = Math.max(
      ...namesIn(template, '').flatMap(({ name, limit }) => (limit === limits['FunctionName'] ? [name.length] : [])),
    )
    const stage = 'a'.repeat(64 - longestFunction)

    expect(namesIn(template, stage).length).toBeGreaterThan(20)
    expect(namesIn(template, stage).filter(({ name }) => name.includes('${'))).toEqual([])
    expect(fitting(namesIn(template, stage))).not.toContain(false)
    expect(fitting(namesIn(template, `${stage}a`))).toContain(false)
  })
})
