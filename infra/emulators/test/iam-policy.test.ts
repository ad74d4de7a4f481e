import { describe, expect, it } from 'vitest'
import { evaluatePolicy, matchesWildcards, parsePolicy } from '../iam-policy.ts'

const api = 'arn:aws:execute-api:us-east-1:000000000000:abc'
const sample = `${api}/dev/POST/sample`

function policy(...statements: object[]): object {
  return { Version: '2012-10-17', Statement: statements }
}

function allow(resource: unknown, action: unknown = 'execute-api:Invoke'): object {
  return { Effect: 'Allow', Action: action, Resource: resource }
}

function deny(resource: unknown, action: unknown = 'execute-api:Invoke'): object {
  return { Effect: 'Deny', Action: action, Resource: resource }
}

function evaluate(document: unknown, resource = sample): string {
  return evaluatePolicy(parsePolicy(document), { action: 'execute-api:Invoke', resource })
}

describe('evaluatePolicy', () => {
  it.each([`${api}/dev/GET/sample`, sample.replace('000000000000', '111111111111')])(
    '%s is another resource',
    (other) => {
      expect(evaluate(policy(allow(sample)), other)).toBe('implicitly_denied')
    },
  )

  it('a Deny of another resource leaves an Allow alone', () => {
    expect(evaluate(policy(allow(sample), deny(`${api}/dev/POST/other`)))).toBe('allowed')
  })

  it.each<[string, object]>([
    [
      'a statement without a list',
      { Version: '2008-10-17', Id: 'one', Statement: { ...allow(sample), Sid: 'Routes' } },
    ],
    [
      'one of the actions',
      policy(allow([`${api}/x`, sample], ['execute-api:ManageConnections', 'execute-api:Invoke'])),
    ],
    ['an action in another case', policy(allow(sample, 'EXECUTE-API:invoke'))],
    ['the action *', policy(allow(sample, '*'))],
    ['the action execute-api:*', policy(allow(sample, 'execute-api:*'))],
    ['the action execute-api:Inv?ke', policy(allow(sample, 'execute-api:Inv?ke'))],
  ])('%s allows it', (_, document) => {
    expect(evaluate(document)).toBe('allowed')
  })

  it.each([`${api}/*`, `${api}/*/sample`, `${api}/dev/*`, `${api}/dev/POST/s?mple`, 'arn:*:*:*:*:*'])(
    'the resource %s covers the route, its wildcard crossing slashes',
    (resource) => {
      expect(evaluate(policy(allow(resource)))).toBe('allowed')
    },
  )

  it('a wildcard of one part of an ARN does not reach into the next', () => {
    expect(evaluate(policy(allow('arn:aws:*:000000000000:abc/dev/POST:sample')))).toBe('implicitly_denied')
  })

  it('a resource that is no ARN matches the pattern of everything only', () => {
    expect(evaluate(policy(allow('*')), 'x')).toBe('allowed')
    expect(evaluate(policy(allow(sample)), 'x')).toBe('implicitly_denied')
  })
})

describe('parsePolicy', () => {
  it.each([
    ['a list', [], 'the policy document is not an object'],
    ['null', null, 'the policy document is not an object'],
    ['an unknown element', { ...policy(allow('*')), Extra: 1 }, 'the policy document has an unsupported element'],
    ['no version', { Statement: [allow('*')] }, 'the policy version is missing or unknown'],
    ['another version', { Version: '2012-10-18', Statement: [] }, 'the policy version is missing or unknown'],
    ['no statement', policy(), 'the policy has no statement'],
    ['an absent statement', { Version: '2012-10-17' }, 'a statement is not an object'],
    ['a statement that is text', { Version: '2012-10-17', Statement: 'x' }, 'a statement is not an object'],
    ['a Condition', policy({ ...allow('*'), Condition: {} }), 'a statement has an unsupported element'],
    ['a Principal', policy({ ...allow('*'), Principal: '*' }), 'a statement has an unsupported element'],
    [
      'a NotAction',
      policy({ Effect: 'Allow', NotAction: 'x', Resource: '*' }),
      'a statement has an unsupported element',
    ],
    [
      'a NotResource',
      policy({ Effect: 'Allow', Action: '*', NotResource: '*' }),
      'a statement has an unsupported element',
    ],
    ['a Sid that is a number', policy({ ...allow('*'), Sid: 1 }), 'a statement id is not a string'],
    ['an effect in lower case', policy({ ...allow('*'), Effect: 'allow' }), 'an effect is neither Allow nor Deny'],
    ['an action that is a number', policy(allow('*', 1)), 'an action is not a string or a list of strings'],
    ['no actions', policy(allow('*', [])), 'an action is not a string or a list of strings'],
    ['an action without service', policy(allow('*', 'Invoke')), 'an action does not name a service and an operation'],
    ['a resource that is absent', policy(allow(undefined)), 'a resource is not a string or a list of strings'],
    ['a list with a null', policy(allow([sample, null])), 'a resource is not a string or a list of strings'],
    ['a resource that is a path', policy(allow('/dev/POST/sample')), 'a resource is not an ARN'],
    ['an ARN of five parts', policy(allow('arn:aws:execute-api:us-east-1:*')), 'a resource is not an ARN'],
    ['an ARN without its last part', policy(allow('arn:aws:execute-api:us-east-1:1:')), 'a resource is not an ARN'],
    ['a policy variable', policy(allow(`${api}/dev/POST/\${aws:userid}`)), 'a resource is not an ARN'],
  ])('%s is malformed', (_, document, message) => {
    expect(() => parsePolicy(document)).toThrow(expect.objectContaining({ name: 'MalformedPolicyError', message }))
  })

  it('an ARN of 512 characters passes and one of 513 is malformed', () => {
    const longest = `${api}/`.padEnd(512, 'x')

    expect(evaluate(policy(allow(longest)), longest)).toBe('allowed')
    expect(() => parsePolicy(policy(allow(`${longest}x`)))).toThrow('a resource is longer than 512 characters')
  })
})

describe('matchesWildcards', () => {
  it('a pattern that would make a regular expression backtrack for years answers at once', () => {
    // Or never: then it is the test's time limit that says so.
    expect(matchesWildcards('*a'.repeat(200) + 'b', 'a'.repeat(20_000))).toBe(false)
  })
})
