// Evaluates a policy document as IAM would; what it does not understand it refuses and never skips.

/** A policy document that has been checked; only `parsePolicy` makes one. */
export type Policy = { readonly statements: readonly Statement[] }

export type PolicyDecision = 'allowed' | 'explicitly_denied' | 'implicitly_denied'

type Statement = {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly resources: readonly string[]
}

/** The message is a fixed sentence: it says which rule is broken and holds nothing of the document. */
export class MalformedPolicyError extends Error {
  override readonly name = 'MalformedPolicyError'
}

/** API Gateway's quota for the resource ARN in an authorizer's policy. */
const longestResourceArn = 512

const documentKeys = ['Version', 'Id', 'Statement']
const statementKeys = ['Sid', 'Effect', 'Action', 'Resource']

/**
 * The checked form of `document`. Throws MalformedPolicyError for anything else than Allow and Deny statements over
 * Action and Resource: a NotAction, NotResource, Condition or Principal that was ignored would turn a narrow
 * permission into a wide one.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(document: unknown): Policy {
  if (!isObject(document)) throw new MalformedPolicyError('the policy document is not an object')
  refuseUnknownKeys(document, documentKeys, 'the policy document has an unsupported element')
  const { Version: version, Statement: statement } = document
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    throw new MalformedPolicyError('the policy version is missing or unknown')
  }
  const statements = Array.isArray(statement) ? (statement as unknown[]) : [statement]
  if (statements.length === 0) throw new MalformedPolicyError('the policy has no statement')
  return { statements: statements.map(parseStatement) }
}

/** What `policy` says of `action` on `resource`: an explicit Deny wins, and what nothing allows is denied implicitly. */
export function evaluatePolicy(
  policy: Policy,
  request: { readonly action: string; readonly resource: string },
): PolicyDecision {
  const matching = policy.statements.filter(
    ({ actions, resources }) =>
      actions.some((pattern) => matchesWildcards(pattern.toLowerCase(), request.action.toLowerCase())) &&
      resources.some((pattern) => matchesArn(pattern, request.resource)),
  )
  if (matching.some(({ effect }) => effect === 'Deny')) return 'explicitly_denied'
  return matching.length > 0 ? 'allowed' : 'implicitly_denied'
}

/** Whether `text` fits `pattern`, in which `*` is any run of characters and `?` any one; never slower than their product. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let patternAt = 0
  let textAt = 0
  let starAt = -1
  let retryAt = 0
  while (textAt < text.length) {
    const symbol = pattern[patternAt]
    if (symbol === '*') {
      starAt = patternAt++
      retryAt = textAt
    } else if (symbol === '?' || (symbol !== undefined && symbol === text[textAt])) {
      patternAt++
      textAt++
    } else if (starAt >= 0) {
      patternAt = starAt + 1
      textAt = ++retryAt
    } else return false
  }
  return /^\**$/.test(pattern.slice(patternAt))
}

function parseStatement(statement: unknown): Statement {
  if (!isObject(statement)) throw new MalformedPolicyError('a statement is not an object')
  refuseUnknownKeys(statement, statementKeys, 'a statement has an unsupported element')
  const { Sid: sid, Effect: effect, Action: action, Resource: resource } = statement
  if (sid !== undefined && typeof sid !== 'string') throw new MalformedPolicyError('a statement id is not a string')
  if (effect !== 'Allow' && effect !== 'Deny') throw new MalformedPolicyError('an effect is neither Allow nor Deny')
  const actions = parseStrings(action, 'an action is not a string or a list of strings')
  const resources = parseStrings(resource, 'a resource is not a string or a list of strings')
  if (!actions.every(isAction)) throw new MalformedPolicyError('an action does not name a service and an operation')
  if (resources.some(({ length }) => length > longestResourceArn)) {
    throw new MalformedPolicyError('a resource is longer than 512 characters')
  }
  if (!resources.every(isResource)) throw new MalformedPolicyError('a resource is not an ARN')
  return { effect, actions, resources }
}

/** A policy writes one value or a list of them. Throws MalformedPolicyError with `message` for anything else. */
export function parseStrings(value: unknown, message: string): string[] {
  const values = Array.isArray(value) ? (value as unknown[]) : [value]
  if (values.length === 0 || !values.every((item) => typeof item === 'string')) throw new MalformedPolicyError(message)
  return values
}

function isAction(action: string): boolean {
  return action === '*' || /^[a-z0-9-]+:[a-z0-9*?]+$/i.test(action)
}

/** Policy variables (`${aws:…}`) would have to be resolved first, so an ARN with one is refused. */
function isResource(resource: string): boolean {
  if (resource === '*') return true
  return /^arn:[^:]*:[^:]*:[^:]*:[^:]*:./.test(resource) && !resource.includes('${')
}

/** A wildcard never reaches over a colon of the first five parts; in the last one it crosses `/`, as in IAM. */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === '*') return true
  const patternParts = splitArn(pattern)
  const arnParts = splitArn(arn)
  return (
    patternParts.length === arnParts.length &&
    patternParts.every((part, i) => matchesWildcards(part, arnParts[i] ?? ''))
  )
}

function splitArn(arn: string): string[] {
  const parts = arn.split(':')
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])]
}

function refuseUnknownKeys(value: object, known: readonly string[], message: string): void {
  if (Object.keys(value).some((key) => !known.includes(key))) throw new MalformedPolicyError(message)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
