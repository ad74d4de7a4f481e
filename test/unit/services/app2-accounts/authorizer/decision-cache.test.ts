import { describe, expect, it } from 'vitest'
import {
  createDecisionCache,
  type DecisionCache,
  type PolicyDecision,
} from '#services/app2-accounts/authorizer/decision-cache.ts'
import { createPolicy } from '#services/app2-accounts/authorizer/policy.ts'
import { manualClock, type ManualClock } from '#test/support/clock.ts'

const api = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234'
const methodArn = `${api}/dev/POST/sample`
const tail = 'signature'.repeat(8)
const header = `Bearer head.claims.${tail}`

type Scene = { cache: DecisionCache; clock: ManualClock; decision: PolicyDecision }

function scene(): Scene {
  const clock = manualClock()
  const expiresAt = clock.now() + 1_000
  const claims = { kind: 'user', sub: 'sub-1', client: 'service', groups: ['service-user'], expiresAt } as const
  const decision = {
    outcome: 'policy',
    result: createPolicy({ methodArn, claims }),
    expiresAt,
    audit: { sub: 'sub-1' },
  } as const
  return { cache: createDecisionCache({ now: clock.now }), clock, decision }
}

function filledScene(): Scene {
  const filled = scene()
  filled.cache.keep({ header, methodArn, keySet: 1, decision: filled.decision })
  return filled
}

describe('an empty decision cache', () => {
  it('knows nothing, whichever key set is in force', () => {
    const { cache } = scene()

    expect(cache.find({ header, methodArn, keySet: 0 })).toBeUndefined()
    expect(cache.find({ header, methodArn, keySet: undefined })).toBeUndefined()
  })
})

describe('a kept decision', () => {
  it('is found again by a header that is another string of the same characters', () => {
    const { cache, decision } = filledScene()
    const copy = JSON.parse(JSON.stringify({ header, methodArn })) as { header: string; methodArn: string }

    expect(cache.find({ ...copy, keySet: 1 })).toBe(decision)
    expect(cache.find({ ...copy, keySet: 1 })).toBe(decision)
  })

  it('is frozen for the log when it is asked for again, and not before', () => {
    const { cache, decision } = filledScene()
    expect(Object.isFrozen(decision.audit)).toBe(false)

    cache.find({ header, methodArn, keySet: 1 })

    expect(Object.isFrozen(decision.audit)).toBe(true)
  })

  it.each([
    ['other claims under the same signature', `Bearer head.forged.${tail}`],
    ['another scheme', `bearer head.claims.${tail}`],
    ['a part cut off', `Bearer head.claims.${tail.slice(1)}`],
    ['more in front', ` Bearer head.claims.${tail}`],
    ['the tail alone', tail.slice(-32)],
    ['another last character', `${header.slice(0, -1)}E`],
    ['nothing', ''],
  ])('is not found by a header with %s', (_, other) => {
    const { cache } = filledScene()

    expect(cache.find({ header: other, methodArn, keySet: 1 })).toBeUndefined()
  })

  it('answers for every route of its API and stage', () => {
    const { cache, decision } = filledScene()

    expect(cache.find({ header, methodArn: `${api}/dev/POST/admin/create-user`, keySet: 1 })).toBe(decision)
    expect(cache.find({ header, methodArn: `${api}/dev/GET/`, keySet: 1 })).toBe(decision)
  })

  it.each([
    ['another stage', `${api}/prod/POST/sample`],
    ['a stage that begins with its name', `${api}/dev2/POST/sample`],
    ['another API', `${api.slice(0, -1)}5/dev/POST/sample`],
    ['another account', `${api.replace('123456789012', '123456789013')}/dev/POST/sample`],
    ['another Region', `${api.replace('eu-west-1', 'eu-west-2')}/dev/POST/sample`],
    ['another partition', `${api.replace('arn:aws:', 'arn:aws-cn:')}/dev/POST/sample`],
  ])('does not answer for %s', (_, other) => {
    const { cache } = filledScene()

    expect(cache.find({ header, methodArn: other, keySet: 1 })).toBeUndefined()
  })

  it.each([undefined, null, '', `${api}/dev`, `${api}/*/POST/sample`, [methodArn]])(
    'does not stand for the malformed methodArn %j: that is an error, as without a cache',
    (malformed) => {
      const { cache } = filledScene()

      expect(() => cache.find({ header, methodArn: malformed, keySet: 1 })).toThrow(
        expect.objectContaining({ name: 'AuthorizerError', reason: 'invalid_method_arn' }),
      )
    },
  )

  it('serves until the millisecond before the token expires', () => {
    const { cache, clock, decision } = filledScene()

    clock.advance(999)
    expect(cache.find({ header, methodArn, keySet: 1 })).toBe(decision)
    clock.advance(1)

    expect(cache.find({ header, methodArn, keySet: 1 })).toBeUndefined()
  })

  it('serves under the key set that verified it, and under no other or none', () => {
    const { cache, decision } = filledScene()

    expect(cache.find({ header, methodArn, keySet: 2 })).toBeUndefined()
    expect(cache.find({ header, methodArn, keySet: undefined })).toBeUndefined()
    expect(cache.find({ header, methodArn, keySet: 1 })).toBe(decision)
  })

  it('is forgotten as soon as one of a newer key set is kept', () => {
    const { cache, decision } = filledScene()

    cache.keep({ header: `${header}x`, methodArn, keySet: 2, decision })

    expect(cache.find({ header: `${header}x`, methodArn, keySet: 2 })).toBe(decision)
    expect(cache.find({ header, methodArn, keySet: 2 })).toBeUndefined()
    expect(cache.find({ header, methodArn, keySet: 1 })).toBeUndefined()
  })

  it('of an older key set, verified while the newer one was fetched, never serves under the newer', () => {
    const { cache, decision } = scene()
    cache.keep({ header: `${header}x`, methodArn, keySet: 2, decision })

    cache.keep({ header, methodArn, keySet: 1, decision })

    expect(cache.find({ header, methodArn, keySet: 2 })).toBeUndefined()
    expect(cache.find({ header: `${header}x`, methodArn, keySet: 2 })).toBeUndefined()
  })

  it('gives way to a later one for another stage', () => {
    const { cache, decision } = filledScene()
    const later = { ...decision }

    cache.keep({ header, methodArn: `${api}/prod/POST/sample`, keySet: 1, decision: later })

    expect(cache.find({ header, methodArn: `${api}/prod/POST/sample`, keySet: 1 })).toBe(later)
    expect(cache.find({ header, methodArn, keySet: 1 })).toBeUndefined()
  })
})

describe('a full decision cache', () => {
  const nth = (n: number): string => `${header}${String(n).padStart(4, '0')}`

  const fill = (count: number): Scene => {
    const full = scene()
    for (let n = 0; n < count; n += 1) {
      full.cache.keep({ header: nth(n), methodArn, keySet: 1, decision: full.decision })
    }
    return full
  }
  const known = ({ cache }: Scene, n: number): boolean =>
    cache.find({ header: nth(n), methodArn, keySet: 1 }) !== undefined

  it('holds a thousand decisions', () => {
    const full = fill(1_000)

    expect(Array.from({ length: 1_000 }, (_, n) => known(full, n))).not.toContain(false)
  })

  it('forgets the oldest for each one more', () => {
    const full = fill(1_002)

    expect([known(full, 0), known(full, 1), known(full, 2), known(full, 1_001)]).toEqual([false, false, true, true])
  })

  it('forgets none for one that it has', () => {
    const full = fill(1_000)

    full.cache.keep({ header: nth(500), methodArn, keySet: 1, decision: full.decision })

    expect(Array.from({ length: 1_000 }, (_, n) => known(full, n))).not.toContain(false)
  })

  it('takes one that is kept again for the newest', () => {
    const full = fill(1_000)

    full.cache.keep({ header: nth(0), methodArn, keySet: 1, decision: full.decision })
    full.cache.keep({ header: nth(1_000), methodArn, keySet: 1, decision: full.decision })

    expect([known(full, 0), known(full, 1), known(full, 1_000)]).toEqual([true, false, true])
  })
})
