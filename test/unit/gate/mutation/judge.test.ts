import { describe, expect, it } from 'vitest'
import { judge, type Exemption, type Mutant } from '../../../gate/mutation/judge.ts'

const source = 'const limit =\n  a <\n  b\n'

const mutant = (status: string): Mutant => ({
  mutatorName: 'EqualityOperator',
  replacement: 'a <=\n  b',
  status,
  location: { start: { line: 2, column: 3 }, end: { line: 3, column: 4 } },
})
const judged = (statuses: readonly string[], exemptions: readonly Exemption[] = []): ReturnType<typeof judge> =>
  judge({ 'a.ts': { source, mutants: statuses.map(mutant) } }, exemptions)

const exemption = { file: 'a.ts', original: 'a < b', replacement: 'a <= b', reason: 'both are the same here' }

describe('judge', () => {
  it('counts what was killed or timed out as detected, and apart from it what did not load', () => {
    const { files, total } = judged(['Killed', 'Killed', 'Timeout', 'CompileError', 'RuntimeError', 'Ignored'])

    expect(total).toEqual({ mutants: 3, detected: 3, exempt: 0, notLoaded: 2, survivors: 0, needless: 0 })
    expect(files).toEqual([
      { file: 'a.ts', mutants: 3, killed: 2, timedOut: 1, exempt: 0, notLoaded: 2, survivors: [] },
    ])
  })

  it.each(['Survived', 'NoCoverage'])('names a mutant that is %s by its place and its text in one line', (status) => {
    const { files, total } = judged([status])

    expect(total).toMatchObject({ mutants: 1, detected: 0, survivors: 1 })
    expect(files[0]?.survivors).toEqual([{ file: 'a.ts', line: 2, original: 'a < b', replacement: 'a <= b' }])
  })

  it('lets an exemption stand for as many survivors as it says, and for no more', () => {
    expect(judged(['Survived'], [exemption]).total).toMatchObject({ exempt: 1, survivors: 0, needless: 0 })
    expect(judged(['Survived', 'Survived'], [exemption]).total).toMatchObject({ exempt: 1, survivors: 1 })
    expect(judged(['Survived', 'Survived'], [{ ...exemption, count: 2 }]).total).toMatchObject({
      exempt: 2,
      survivors: 0,
    })
  })

  it.each([{ file: 'b.ts' }, { original: 'a > b' }, { replacement: 'a >= b' }])(
    'takes no exemption for another mutant: %j',
    (changes) => {
      expect(judged(['Survived'], [{ ...exemption, ...changes }]).total).toMatchObject({ survivors: 1, needless: 1 })
    },
  )

  it('reports an exemption that nothing needs any more', () => {
    expect(judged(['Killed'], [exemption])).toMatchObject({ needless: [exemption], total: { needless: 1 } })
    expect(judged(['Survived'], [{ ...exemption, count: 2 }])).toMatchObject({ total: { needless: 1 } })
  })
})
