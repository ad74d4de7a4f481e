import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { exemptions } from '../../../gate/mutation/exemptions.ts'
import { mutate } from '../../../gate/mutation/stryker.config.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const mutated = mutate.map((pattern) => ({ pattern, files: globSync(pattern, { cwd: root }) }))

/** So that a changed line is noticed here, and not only by a run of Stryker. */
describe('an exemption from mutation testing', () => {
  it.each(exemptions)('$file: $original stands in a file that is mutated', ({ file, original }) => {
    expect(mutated.flatMap(({ files }) => files)).toContain(file)
    expect(readFileSync(`${root}/${file}`, 'utf8').replace(/\s+/g, ' ')).toContain(original)
  })

  it('is written once, with a reason, and for as many mutants as it says', () => {
    const keys = exemptions.map(({ file, original, replacement }) => JSON.stringify([file, original, replacement]))

    expect(new Set(keys).size).toBe(keys.length)
    expect(exemptions.filter(({ reason, count = 1 }) => reason.length < 20 || count < 1)).toEqual([])
  })
})

describe('what is mutated', () => {
  it.each(mutated)('$pattern names files that are there', ({ files }) => {
    expect(files).not.toEqual([])
  })
})
