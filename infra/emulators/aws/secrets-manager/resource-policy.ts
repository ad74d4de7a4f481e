// A secret's resource policy, checked and evaluated as IAM does; what it does not understand it refuses and never skips.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
import {
  evaluatePolicy,
  isObject,
  MalformedPolicyError,
  matchesArn,
  parsePolicy,
  parseStrings,
  type Policy,
  type PolicyDecision,
} from '../../iam-policy.ts'
import { AwsError } from '../aws-error.ts'
import type { Principal } from '../principal.ts'

export type ResourcePolicy = {
  /** As it was put. */
  readonly text: string
  readonly statements: readonly Statement[]
}

type Statement = {
  readonly effect: 'Allow' | 'Deny'
  /** What it says of actions and resources. */
  readonly rule: Policy
  /** ARNs, or `*`. */
  readonly principals: readonly string[]
  readonly conditions: readonly Condition[]
}

/** Of `aws:PrincipalArn`. */
type Condition = { readonly operator: Operator; readonly values: readonly string[] }

type Operator = { readonly negated: boolean; readonly matches: (value: string, arn: string) => boolean }

const isSame = (value: string, arn: string): boolean => value === arn

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { negated: false, matches: isSame },
  StringNotEquals: { negated: true, matches: isSame },
  // The two names of each are one operator.
  ArnEquals: { negated: false, matches: matchesArn },
  ArnLike: { negated: false, matches: matchesArn },
  ArnNotEquals: { negated: true, matches: matchesArn },
  ArnNotLike: { negated: true, matches: matchesArn },
}

/** Throws MalformedPolicyDocumentException, or InvalidParameterException for what AWS has and local AWS lacks. */
export function parseResourcePolicy(text: string): ResourcePolicy {
  try {
    const document: unknown = JSON.parse(text)
    if (!isObject(document)) throw malformed()
    const { Statement: statement, Version = '2008-10-17', ...rest } = document
    const statements = Array.isArray(statement) ? (statement as unknown[]) : [statement]
    if (statements.length === 0) throw malformed()
    return { text, statements: statements.map((each) => parseStatement(each, { ...rest, Version })) }
  } catch (error) {
    throw error instanceof SyntaxError || error instanceof MalformedPolicyError ? malformed() : error
  }
}

/** An explicit Deny wins. What nothing allows is denied implicitly: that is for the caller's identity policies to change. */
export function evaluateResourcePolicy(
  { statements }: ResourcePolicy,
  { caller, ...request }: { readonly caller: Principal; readonly action: string; readonly resource: string },
): PolicyDecision {
  const decisions = statements
    .filter((statement) => isAbout(statement, caller, request.resource))
    .map(({ rule }) => evaluatePolicy(rule, request))
  if (decisions.includes('explicitly_denied')) return 'explicitly_denied'
  return decisions.includes('allowed') ? 'allowed' : 'implicitly_denied'
}

/** Whether it allows anything to everybody, of whatever account. */
export function isPublic({ statements }: ResourcePolicy): boolean {
  return statements.some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' && principals.includes('*') && !conditions.some(isNarrowing),
  )
}

/** To leave some out, or to name any account, still lets in the rest of the world. */
function isNarrowing({ operator, values }: Condition): boolean {
  return !operator.negated && values.every((value) => /^arn:[^:]*:[^:]*:[^:]*:\d{12}:/.test(value))
}

function isAbout({ effect, principals, conditions }: Statement, caller: Principal, resource: string): boolean {
  // To allow its own account leaves the roles of it to their identity policies, which another account's need anyway; to deny
  // an account denies all of them.
  const byAccount = effect === 'Deny' || accountOf(resource) !== caller.accountId
  return (
    principals.some(
      (principal) =>
        ['*', caller.arn, caller.principalArn].includes(principal) ||
        (byAccount && principal === rootOf(caller.accountId)),
    ) &&
    conditions.every(
      ({ operator, values }) =>
        values.some((value) => operator.matches(value, caller.principalArn)) !== operator.negated,
    )
  )
}

/** The account of an ARN. */
export function accountOf(arn: string): string | undefined {
  return arn.split(':')[4]
}

function parseStatement(statement: unknown, rest: object): Statement {
  if (!isObject(statement)) throw malformed()
  const { Principal: principal, Condition: condition, ...rule } = statement
  for (const element of ['NotPrincipal', 'NotAction', 'NotResource']) {
    if (element in rule) throw notImplemented(element)
  }
  return {
    rule: parsePolicy({ ...rest, Statement: rule }),
    effect: rule['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    principals: parsePrincipals(principal),
    conditions: parseConditions(condition),
  }
}

function parsePrincipals(principal: unknown): string[] {
  if (principal === '*') return ['*']
  if (!isObject(principal) || Object.keys(principal).length === 0) throw malformed()
  const { AWS: named, ...others } = principal
  if (Object.keys(others).length > 0) throw notImplemented('a principal other than AWS')
  return parseStrings(named, 'a principal is not a string or a list of strings').map((each) => {
    if (/^\d{12}$/.test(each)) return rootOf(each)
    if (each === '*' || /^arn:aws:(?:iam|sts)::\d{12}:[^*?]+$/.test(each)) return each
    throw new AwsError('MalformedPolicyDocumentException', 'This resource policy contains an unsupported principal.')
  })
}

function parseConditions(condition: unknown = {}): Condition[] {
  if (!isObject(condition)) throw malformed()
  return Object.entries(condition).flatMap(([name, keys]) => {
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
    if (operator === undefined) throw notImplemented('this condition operator')
    if (!isObject(keys)) throw malformed()
    return Object.entries(keys).map(([key, value]) => {
      if (key.toLowerCase() !== 'aws:principalarn') throw notImplemented('a condition key other than aws:PrincipalArn')
      const values = parseStrings(value, 'a condition is not a string or a list of strings')
      if (values.some((each) => each.includes('${'))) throw notImplemented('a policy variable')
      return { operator, values }
    })
  })
}

function rootOf(accountId: string): string {
  return `arn:aws:iam::${accountId}:root`
}

/** AWS's sentence, from the page on attaching a policy. */
function malformed(): AwsError {
  return new AwsError('MalformedPolicyDocumentException', 'This resource policy contains a syntax error.')
}

function notImplemented(feature: string): AwsError {
  return new AwsError('InvalidParameterException', `A resource policy with ${feature} is not implemented by local AWS.`)
}
