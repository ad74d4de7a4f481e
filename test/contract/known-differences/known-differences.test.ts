import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { documentation } from './documentation.ts'
import { implementations } from './implementations.ts'

async function readStatements(): Promise<string> {
  const folder = new URL('../', import.meta.url)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.test.ts'))
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))
  return texts.join('\n')
}

describe('the statements that an implementation is known to differ in', () => {
  it('stand in the suite exactly once', async () => {
    const suite = await readStatements()

    const wrong = Object.keys(documentation).filter((statement) => suite.split(`'${statement}'`).length !== 2)

    expect(wrong).toEqual([])
  })

  it('are those, and no other, for which a page of the AWS documentation is named', () => {
    const excused = new Set(Object.values(implementations).flatMap((table) => Object.keys(table)))

    expect([...excused].toSorted()).toEqual(Object.keys(documentation).toSorted())
    expect(new Set(Object.values(documentation).map((page) => new URL(page).host))).toEqual(
      new Set(['docs.aws.amazon.com']),
    )
  })
})
