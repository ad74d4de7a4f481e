// ListSecretVersionIds, in the order of creation; it shows no value.
import * as z from 'zod/mini'
import { integer, text } from '../input.ts'
import { paginate } from '../pagination.ts'
import { oneSecret, type Secret } from './secrets.ts'

export const listVersionsInput = z.extend(oneSecret, {
  IncludeDeprecated: z.optional(z.boolean()),
  MaxResults: z.optional(integer({ min: 1, max: 100 })),
  NextToken: z.optional(text({ min: 1, max: 4096 })),
})

/**
 * A page of a secret's versions, of which those without a label are shown only on demand.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
 */
export function listVersions(
  { arn, name, kmsKeyId, versions }: Secret,
  { IncludeDeprecated = false, MaxResults, NextToken }: z.infer<typeof listVersionsInput>,
): object {
  const numbered = [...versions.values()].map((version, sequence) => ({ ...version, sequence }))
  const page = paginate({
    list: ['versions', arn, String(IncludeDeprecated)],
    items: numbered.filter(({ stages }) => IncludeDeprecated || stages.size > 0),
    limit: MaxResults ?? 100,
    token: NextToken,
    invalidTokenError: 'InvalidNextTokenException',
  })
  return {
    ARN: arn,
    Name: name,
    Versions: page.items.map(({ id, stages, createdAt }) => ({
      VersionId: id,
      ...(stages.size > 0 && { VersionStages: [...stages] }),
      CreatedDate: createdAt / 1000,
      KmsKeyIds: [kmsKeyId ?? 'DefaultEncryptionKey'],
    })),
    NextToken: page.nextToken,
  }
}
