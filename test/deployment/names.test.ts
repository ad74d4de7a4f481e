import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { readPackagedTemplate, type Template } from './template.ts'
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
  StageName: 128,
  UserPoolName: 128,
}

const subtext = z.union([
  z.string(),
  z.pipe(
    z.object({ 'Fn::Sub': z.string() }),
    z.transform((sub) => sub['Fn::Sub']),
  ),
])

/** Every name in `template`, in the stage `stage`, of the longest account and Region. */
function namesIn(template: Template, stage: string): { name: string; limit: number }[] {
  const filled = { 'AWS::StackName': `latchkey-${stage}`, 'AWS::AccountId': '123456789012' }
  return Object.values(template.Resources).flatMap(({ Properties }) =>
    Object.entries(Properties).flatMap(([property, value]) => {
      const [limit, text] = [limits[property], subtext.safeParse(value).data]
      if (limit === undefined || text === undefined) return []
      const resolved = Object.entries(filled).reduce((name, [key, word]) => name.replace(`\${${key}}`, word), text)
      return [{ name: resolved.replace(/\bdev\b/, stage), limit }]
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
