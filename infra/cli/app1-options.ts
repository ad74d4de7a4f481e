// The options that every command has which asks App1: where it is, and for whom it makes passwords.
import { isRegion } from '#shared/aws/aws-hosts.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { readBaseUrl } from '#shared/client/latchkey-client.ts'
import { UsageError } from './command-line.ts'

/** Throws UsageError. */
export function readUrl(text: string | undefined): URL {
  if (text === undefined) throw new UsageError('--url is missing.')
  try {
    return readBaseUrl(text)
  } catch (error) {
    throw new UsageError(`--url ${error instanceof TypeError ? error.message : ''}`)
  }
}

/** Throws UsageError. */
export function readRegion(region: string | undefined): string {
  if (region === undefined) {
    throw new UsageError('--region is missing: neither the URL nor the AWS configuration names one.')
  }
  if (!isRegion(region)) throw new UsageError('--region is no Region.')
  return region
}

/** The role of `--generate-for`. Throws UsageError. */
export function readReader(text: string): string {
  if (text.length <= 1024 && parseRoleArn(text) !== undefined) return text
  throw new UsageError('--generate-for must be the ARN of an IAM role, without wildcards.')
}
