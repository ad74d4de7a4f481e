// To which roles a generated password may be delivered, as the functions that only look at the list read it.
import type { Variable } from '../env.ts'
import { parseRoleArn } from './role-arn.ts'

export const passwordReaders: Variable<readonly string[]> = {
  description:
    'ARNs of the roles that generated passwords may be delivered to, separated by commas and without wildcards. Absent: none.',
  parse: parsePasswordReaders,
  fallback: [],
}

/** Each role once; undefined for what is no role's ARN. */
export function parsePasswordReaders(text: string): readonly string[] | undefined {
  const arns = text.split(',').map((arn) => arn.trim())
  if (!arns.every((arn) => parseRoleArn(arn) !== undefined)) return undefined
  return new Set(arns).size === arns.length ? arns : undefined
}
