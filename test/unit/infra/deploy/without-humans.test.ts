import { describe, expect, it } from 'vitest'
import { removeHumans } from '#infra/deploy/without-humans.ts'

describe('removeHumans', () => {
  it('takes the permissions by which jobs keep a human out of key and roles, and no other', () => {
    const of = (purpose: string) => ({ Condition: { StringEquals: { 'kms:EncryptionContext:purpose': purpose } } })
    const Statement = [of('latchkey:create-user'), of('latchkey:job-human'), of('latchkey:job')]
    const template = { Resources: { Key: { Type: 'x', Properties: { Statement } } } }
    removeHumans(template)

    expect(template.Resources.Key.Properties).toEqual({ Statement: [Statement[0], Statement[2]] })
  })
})
