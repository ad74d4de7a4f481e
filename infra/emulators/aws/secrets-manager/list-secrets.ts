// ListSecrets with its filters, in the order of creation; it shows no value.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { integer, text } from '../input.ts'
import { paginate } from '../pagination.ts'
import { describeSecret, type Secret } from './secrets.ts'

const filterKeys = ['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all'] as const

const filter = z.object({
  Key: z.enum(filterKeys),
  Values: z.array(text({ max: 512, pattern: '!?[a-zA-Z0-9 :_@/+=.\\-!]*' })).check(z.minLength(1), z.maxLength(10)),
})

export const listSecretsInput = z.object({
  IncludePlannedDeletion: z.optional(z.boolean()),
  MaxResults: z.optional(integer({ min: 1, max: 100 })),
  NextToken: z.optional(text({ min: 1, max: 4096 })),
  Filters: z.optional(z.array(filter).check(z.maxLength(10))),
  SortBy: z.optional(z.enum(['created-date', 'last-accessed-date', 'last-changed-date', 'name'])),
  SortOrder: z.optional(z.enum(['asc', 'desc'])),
})

/**
 * A page of `secrets`, of which those that wait to be deleted are shown only on demand.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
 */
export function listSecrets(secrets: readonly Secret[], input: z.infer<typeof listSecretsInput>): object {
  const { IncludePlannedDeletion = false, Filters = [], SortBy = 'created-date', SortOrder = 'asc' } = input
  if (SortBy !== 'created-date' || SortOrder !== 'asc') throw notImplemented('an order but that of creation')
  const items = secrets.filter(
    (secret) =>
      (IncludePlannedDeletion || secret.deletionDate === undefined) && Filters.every((each) => matches(secret, each)),
  )
  const page = paginate({
    list: ['secrets'],
    items,
    limit: input.MaxResults ?? 100,
    token: input.NextToken,
    invalidTokenError: 'InvalidNextTokenException',
  })
  return {
    SecretList: page.items.map((secret) => describeSecret(secret, 'SecretVersionsToStages')),
    NextToken: page.nextToken,
  }
}

/** One value is enough, be it found or, after an exclamation mark, not found; each is the beginning of a text. */
function matches(secret: Secret, { Key, Values }: z.infer<typeof filter>): boolean {
  if (Key === 'all') throw notImplemented('the filter key all')
  const comparable = (text: string): string => (Key === 'description' ? text.toLowerCase() : text)
  const found = textsOf(secret, Key).map((text) => comparable(text))
  return Values.some((value) => {
    const wanted = comparable(value.replace(/^!/, ''))
    return found.some((text) => text.startsWith(wanted)) !== value.startsWith('!')
  })
}

function textsOf(secret: Secret, key: Exclude<(typeof filterKeys)[number], 'all'>): string[] {
  switch (key) {
    case 'name':
      return [secret.name]
    case 'description':
      return [secret.description ?? '']
    case 'tag-key':
      return secret.tags.map(({ Key = '' }) => Key)
    case 'tag-value':
      return secret.tags.map(({ Value = '' }) => Value)
    case 'primary-region':
    case 'owning-service':
      return []
  }
}

function notImplemented(what: string): AwsError {
  return new AwsError('InvalidParameterException', `ListSecrets with ${what} is not implemented by local AWS.`)
}
