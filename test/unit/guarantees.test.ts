import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const textOf = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const security = textOf('SECURITY.md') + textOf('docs/guarantees.md')

/** Paths in backticks. */
const named = [
  ...security.matchAll(/`((?:test|services|shared|infra|docs)\/[^`\s]+|package-lock\.json|\.npmrc)`/g),
].map(([, file]) => file ?? '')

/** A test file in backticks and the title in quotation marks that follows it. */
const quoted = [...security.matchAll(/`(test\/[^`\s]+)` “([^”]+)”/g)].map(
  ([, file = '', title = '']) => [file, title] as const,
)

const guarantees = textOf('docs/guarantees.md').split('\n## ').slice(1)

describe('SECURITY.md and docs/guarantees.md', () => {
  it('names only files that there are', () => {
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
  })

  it('quotes no test title without the file that it stands in', () => {
    expect(quoted.length).toBeGreaterThan(10)
    expect(security.match(/“/g)?.length).toBe(quoted.length)
  })

  it.each(quoted)('%s has the test “%s”', (file, title) => {
    expect(textOf(file)).toContain(`'${title}'`)
  })

  it('names a test for each guarantee', () => {
    expect(guarantees.length).toBeGreaterThan(15)
    expect(guarantees.filter((section) => !section.includes('\n- `test/'))).toEqual([])
  })
})
