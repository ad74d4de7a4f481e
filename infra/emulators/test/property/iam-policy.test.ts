import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluatePolicy, MalformedPolicyError, matchesWildcards, parsePolicy } from '../../iam-policy.ts'

const api = 'arn:aws:execute-api:us-east-1:000000000000:abc'
const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '(') })
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '(', '*', '?'), maxLength: 8 })
const resource = text.map((path) => `${api}/dev/POST/${path}`)
const resourcePattern = pattern.map((path) => `${api}/dev/POST/${path}`)
const effect = fc.constantFrom('Allow', 'Deny')
const action = fc.constantFrom('*', 'execute-api:Invoke', 'execute-api:*', 'EXECUTE-API:INVOKE', 'lambda:*')
const statement = fc.record({ Effect: effect, Action: action, Resource: fc.array(resourcePattern, { minLength: 1 }) })
const statements = fc.array(statement, { minLength: 1, maxLength: 5 })

function decide(list: readonly object[], arn: string): string {
  const policy = parsePolicy({ Version: '2012-10-17', Statement: list })
  return evaluatePolicy(policy, { action: 'execute-api:Invoke', resource: arn })
}

describe('matchesWildcards', () => {
  it('agrees with the regular expression that says the same', () => {
    fc.assert(
      fc.property(pattern, text, (wildcards, subject) => {
        const escaped = wildcards.replace(/[/.(]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')

        expect(matchesWildcards(wildcards, subject)).toBe(new RegExp(`^${escaped}$`, 's').test(subject))
      }),
    )
  })

  it('a text without wildcards matches itself and nothing else', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(matchesWildcards(a, b)).toBe(a === b)
      }),
    )
  })
})

describe('evaluatePolicy', () => {
  it('the order of statements never matters', () => {
    fc.assert(
      fc.property(statements, resource, (list, arn) => {
        expect(decide(list.toReversed(), arn)).toBe(decide(list, arn))
      }),
    )
  })

  it('a further Deny never opens anything, and one of everything closes all', () => {
    fc.assert(
      fc.property(statements, resourcePattern, resource, (list, denied, arn) => {
        const narrowed = decide([...list, { Effect: 'Deny', Action: '*', Resource: denied }], arn)

        expect(narrowed === 'allowed' && decide(list, arn) !== 'allowed').toBe(false)
        expect(decide([...list, { Effect: 'Deny', Action: '*', Resource: '*' }], arn)).toBe('explicitly_denied')
      }),
    )
  })

  it('nothing is allowed that no Allow names', () => {
    fc.assert(
      fc.property(statements, resource, (list, arn) => {
        fc.pre(decide(list, arn) === 'allowed')

        expect(
          decide(
            list.filter((item) => item.Effect === 'Allow'),
            arn,
          ),
        ).toBe('allowed')
        expect(list.some((item) => item.Effect === 'Allow' && item.Action !== 'lambda:*')).toBe(true)
      }),
    )
  })

  it('a policy of exact ARNs allows these and no other', () => {
    fc.assert(
      fc.property(fc.array(resource, { minLength: 1 }), resource, (arns, arn) => {
        const decision = decide([{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: arns }], arn)

        expect(decision).toBe(arns.includes(arn) ? 'allowed' : 'implicitly_denied')
      }),
    )
  })
})

describe('parsePolicy', () => {
  it('takes or refuses any JSON, and never throws anything untyped', () => {
    const json = fc.oneof(fc.jsonValue(), fc.record({ Version: fc.constant('2012-10-17'), Statement: fc.jsonValue() }))
    fc.assert(
      fc.property(json, (document) => {
        let thrown: unknown
        try {
          parsePolicy(document)
        } catch (error) {
          thrown = error
        }

        expect(thrown === undefined || thrown instanceof MalformedPolicyError).toBe(true)
      }),
    )
  })
})
