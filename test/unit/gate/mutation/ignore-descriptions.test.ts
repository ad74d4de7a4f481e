import { describe, expect, it } from 'vitest'
import { strykerPlugins } from '../../../gate/mutation/ignore-descriptions.ts'

const shouldIgnore = strykerPlugins[0]?.value.shouldIgnore ?? expect.fail()
const member = (name: string): { type: string; key: { type: string; name: string } } => ({
  type: 'ObjectProperty',
  key: { type: 'Identifier', name },
})

describe('the ignorer of descriptions', () => {
  it('leaves the description of a setting as it is', () => {
    expect(shouldIgnore({ node: member('description') })).toContain('documents.test.ts')
  })

  it.each([member('fallback'), member('parse'), { type: 'StringLiteral' }, { type: 'ObjectExpression' }])(
    'lets %j be mutated',
    (node) => {
      expect(shouldIgnore({ node })).toBeUndefined()
    },
  )
})
