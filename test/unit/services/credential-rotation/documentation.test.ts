import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rotationFailures } from '#services/credential-rotation/rotation-error.ts'

describe('docs/rotation.md', () => {
  it('explains every reason that a rotation can fail for, and no other', () => {
    const page = readFileSync(new URL('../../../../docs/rotation.md', import.meta.url), 'utf8')

    const table = page.slice(page.indexOf('| `reason`'), page.indexOf('Three more lines'))
    const firstCells = table.split('\n').map((row) => row.split('|')[1] ?? '')
    const explained = firstCells.slice(2).flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, reason]) => reason))

    expect(explained.toSorted()).toEqual([...rotationFailures, 'defect'].toSorted())
  })
})
