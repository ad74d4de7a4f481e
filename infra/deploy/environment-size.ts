// Says whether the environment variables of each function fit into Lambda; only a list that somebody gives can be too long.
import type { Template } from './finish-template.ts'

/** "Function resource quotas" in Lambda's developer guide. Its error shows what it measures: the variables as JSON. */
const limitBytes = 4_096

/** What is wrong with the functions of `template`, and what to do; undefined when all of them can be made. */
export function environmentProblem({ Resources: resources }: Template): string | undefined {
  for (const [logicalId, { Type, Properties }] of Object.entries(resources)) {
    if (Type !== 'AWS::Lambda::Function') continue
    const variables = Object.entries(variablesOf(Properties)).map(
      ([name, value]) => [name, filledIn(value, resources)] as const,
    )
    const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(variables)))
    if (bytes <= limitBytes) continue
    const [longest = ''] = variables.toSorted(([, one], [, other]) => other.length - one.length)[0] ?? []
    return (
      `The variables of ${logicalId} would have ${bytes} bytes, and Lambda takes ${limitBytes}. The longest is ${longest}` +
      (isListOfRoles(longest) ? `: name fewer roles in ${listsOfRoles[longest]}, or one that the others assume.` : '.')
    )
  }
  return undefined
}

const listsOfRoles = { ALLOWED_CALLERS: 'allowedCallers', PASSWORD_READERS: 'passwordReaders' } as const

function isListOfRoles(name: string): name is keyof typeof listsOfRoles {
  return Object.hasOwn(listsOfRoles, name)
}

function variablesOf(properties: Record<string, unknown> = {}): Record<string, unknown> {
  const { Environment: environment } = properties
  if (!isObject(environment) || !isObject(environment['Variables'])) return {}
  return environment['Variables']
}

/** `value` with as many characters in place of what AWS fills in as it has at most: an ARN, or an id where it says so. */
function filledIn(value: unknown, resources: Template['Resources']): string {
  if (!isObject(value)) return String(value)
  const [text] = [value['Fn::Sub']].flat()
  if (typeof text === 'string') return text.replace(/\$\{[^}]*\}/g, (name) => (name.endsWith('.Arn}') ? arn : id))
  return resources[String(value['Ref'])]?.Type.startsWith('AWS::Cognito::') ? id : arn
}

const id = '?'.repeat(32)
const arn = '?'.repeat(100)

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
