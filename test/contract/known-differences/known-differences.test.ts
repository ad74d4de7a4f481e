import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { implementations } from './implementations.ts'

async function readStatements(): Promise<string> {
  const folder = new URL('../', import.meta.url)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.test.ts'))
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))
  return texts.join('\n')
}

const tables = Object.entries(implementations).map(([name, table]) => ({ name, table, count: table.length }))

describe.each(tables)('the $count known differences of $name', ({ table: knownDifferences }) => {
  it.each(knownDifferences)(
    'excuse a statement that stands in the suite exactly once: $statement',
    async (difference) => {
      const suite = await readStatements()

      expect(suite.split(`'${difference.statement}'`).length - 1).toBe(1)
    },
  )

  it('excuse each statement once', () => {
    const statements = knownDifferences.map(({ statement }) => statement)

    expect(statements).toEqual([...new Set(statements)])
  })

  it.each(knownDifferences)('rest on a page of the AWS documentation: $statement', ({ documentation }) => {
    expect(new URL(documentation).host).toBe('docs.aws.amazon.com')
  })
})
