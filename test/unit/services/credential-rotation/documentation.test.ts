import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rotationFailures } from '#services/credential-rotation/rotation-error.ts'

describe('docs/rotation.md', () => {
  it('explains every reason that a rotation can fail for, and no other', () => {
    const page = readFileSync(new URL('../../../../docs/rotation.md', import.meta.url), 'utf8')

    const reasons = page.slice(page.indexOf('## When a rotation fails'), page.indexOf('Three more lines'))
    const heads = [...reasons.matchAll(/^- (`[^:]*):/gm)].map(([, head = '']) => head)
    const explained = heads.flatMap((head) => [...head.matchAll(/`(\w+)`/g)].map(([, reason]) => reason))

    expect(explained.toSorted()).toEqual([...rotationFailures, 'defect'].toSorted())
  })
})
