import { describe, expect, it } from 'vitest'
import { readPackagedTemplate, readTemplate, type TemplateResources } from '#infra/local/set-up/read-template.ts'
import { templatesFolder } from './templates-folder.ts'

async function read(text: string): Promise<TemplateResources> {
  return readTemplate(new URL('cognito.yml', await templatesFolder({ 'cognito.yml': text })))
}

describe('readTemplate', () => {
  it.each([
    { what: 'a tag that it does not know', text: 'Resources: {A: {Type: T, Properties: {B: !If [x]}}}', why: /!If/ },
    { what: 'a Sub with a map', text: 'Resources: {A: {Type: T, Properties: {B: !Sub [x, {}]}}}', why: /!Sub/ },
    { what: 'YAML that does not parse', text: 'Resources: {', why: /^cognito\.yml: / },
    { what: 'a section that it does not carry out', text: 'Resources: {}\nParameters: {}', why: /Parameters/ },
    { what: 'an attribute that it does not know', text: 'Resources: {A: {Type: T, Condition: x}}', why: /Condition/ },
    { what: 'a resource without a type', text: 'Resources: {A: {Properties: {}}}', why: /Type/ },
    { what: 'a template without resources', text: 'Outputs: {}', why: /Resources/ },
  ])('refuses $what with the name of the file', async ({ text, why }) => {
    const failure = expect(read(text)).rejects

    await failure.toMatchObject({ name: 'SetUpError', message: expect.stringMatching(/^cognito\.yml: /) as string })
    await failure.toThrow(why)
  })
})

describe('readPackagedTemplate', () => {
  it('refuses what this set-up does not carry out, in a resource of a wanted type', () => {
    const packaged = JSON.stringify({ Resources: { Second: { Type: 'T::B', Condition: 'Always' } } })

    expect(() => readPackagedTemplate(packaged, { types: ['T::B'] })).toThrow(
      'the packaged template: Resources.Second has Condition, which this set-up does not know',
    )
  })
})
