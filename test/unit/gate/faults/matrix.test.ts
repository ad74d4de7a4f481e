import { describe, expect, it } from 'vitest'
import { allFaults, formatFault, parseFault, planFaults, toAwsFaults, type Fault } from '#test/gate/faults/fault.ts'
import { openedCases, pairCases, sample, singleCases } from '#test/gate/faults/matrix.ts'
import { operationNames } from '#test/gate/faults/operations.ts'
import { scenarioNames } from '#test/gate/faults/scenario.ts'
import { formatCase, parseCase } from '#test/gate/faults/test-case.ts'

const wholePath = Object.fromEntries(operationNames.filter((name) => name !== 'AdminGetUser').map((name) => [name, 1]))
const fault = (text: string): Fault => {
  const parsed = parseFault(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

describe('a fault', () => {
  it('has a name that leads back to it, and no other has the same', () => {
    expect(allFaults.map(formatFault).map(parseFault)).toEqual(allFaults)
    expect(parseFault('AdminCreateUser:nonsense')).toBeUndefined()
  })

  it.each(operationNames.filter((name) => name !== 'App2'))('is there of every sort at %s', (operation) => {
    const sorts = allFaults.filter((each) => each.operation === operation).map(({ kind }) => kind)

    expect(sorts).toEqual(
      expect.arrayContaining([
        ...['throttled', 'failed', 'timed-out', 'reset', 'denied', 'lost-answer', 'crashed-before', 'crashed-after'],
      ]),
    )
  })

  it('strikes one call, or every one from its first on; a second one follows the first', () => {
    const plan = planFaults([fault('Encrypt:reset'), fault('Encrypt:denied-lasting'), fault('Decrypt:reset')])

    expect(['Encrypt', 'Encrypt', 'Encrypt', 'Decrypt', 'Decrypt', 'JWKS'].map((name) => plan(name)?.kind)).toEqual([
      ...['reset', 'denied', 'denied', 'reset'],
      ...[undefined, undefined],
    ])
  })

  it('strikes from the second call on', () => {
    const plan = planFaults([fault('AdminGetUser:denied-later')])

    expect([1, 2, 3].map(() => plan('AdminGetUser')?.kind)).toEqual([undefined, 'denied', 'denied'])
    const removed = planFaults([fault('AdminGetUser:removed-later')])
    expect([1, 2, 3].map(() => removed('AdminGetUser')?.kind)).toEqual([undefined, 'removed', undefined])
  })

  it('is local AWS’s where AWS has it, and the proxies’ where it has not', () => {
    expect(toAwsFaults(fault('AdminCreateUser:lost-answer'))).toEqual([
      { operation: 'AdminCreateUser', kind: 'connection_reset', when: 'after', calls: { nth: 1 } },
    ])
    expect(toAwsFaults(fault('AdminAddUserToGroup:concurrent-retry-then-denied'))).toMatchObject([
      { kind: 'access_denied' },
    ])
    expect(toAwsFaults(fault('AdminCreateUser:crashed-after'))).toEqual([])
  })
})

describe('the matrix', () => {
  it('has every fault at what is called, and where a user is there already only those at users', () => {
    const singles = singleCases(() => wholePath)

    const fresh = singles.filter(({ scenario }) => scenario === 'fresh').flatMap(({ faults }) => faults)
    expect(fresh).toEqual(allFaults.filter(({ operation }) => operation in wholePath))
    expect(new Set(singles.map(({ scenario }) => scenario))).toEqual(new Set(scenarioNames))
    // The second look at a user is struck where there is one.
    expect(fresh).not.toContainEqual(fault('AdminGetUser:denied-later'))
    expect(singleCases(() => ({ AdminGetUser: 2 })).map(formatCase)).toContain('disable/AdminGetUser:denied-later')
    expect(singles.map(formatCase)).not.toContain('enable/AdminDisableUser:reset')
    expect(singles.map(formatCase)).not.toContain('taken/Encrypt:reset')
    expect(singles.map(formatCase)).toContain('taken/AdminCreateUser:reset')
    expect(singles.map((testCase) => parseCase(formatCase(testCase)))).toEqual(singles)
  })

  it('leads every fault at a deletion or a look behind one that makes the creation get there', () => {
    const behind = openedCases.map(({ faults }) => faults[1])

    expect(behind).toEqual(
      expect.arrayContaining(
        allFaults.filter(
          ({ operation, strikes }) =>
            strikes !== 'later' && (operation === 'AdminGetUser' || operation === 'AdminDeleteUser'),
        ),
      ),
    )
  })

  it('has a pair once, two at one operation where it is called again, and none whose second would never strike', () => {
    const denied = fault('GetSecretValue:denied')
    const calls = { ...wholePath, Encrypt: 2 }
    const names = pairCases(({ faults: [first] }) => (first === denied ? { GetSecretValue: 1 } : calls)).map(formatCase)

    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('GetSecretValue:reset+Encrypt:reset')
    expect(names).not.toContain('Encrypt:reset+GetSecretValue:reset')
    expect(names.filter((name) => name.startsWith('GetSecretValue:denied+'))).toEqual([])
    expect(names).toContain('Encrypt:reset+Encrypt:denied')
    expect(names).not.toContain('Encrypt:reset-lasting+Encrypt:denied')
    expect(names).not.toContain('Decrypt:reset+Decrypt:denied')
  })

  it('is sampled by its seed alone', () => {
    const pairs = pairCases(() => wholePath)

    expect(sample(pairs, { seed: 7, count: 20 })).toEqual(sample(pairs.toReversed(), { seed: 7, count: 20 }))
    expect(sample(pairs, { seed: 7, count: 20 })).not.toEqual(sample(pairs, { seed: 8, count: 20 }))
    expect(new Set(sample(pairs, { seed: 7, count: 20 })).size).toBe(20)
  })
})
