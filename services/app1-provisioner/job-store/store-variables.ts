// The variables of jobs and job-worker that say where jobs are kept.
import { matching, parseSafeUrl, type Configuration, type Variable } from '#shared/env.ts'
import { cipherVariables } from '#shared/password-cipher/cipher-choice.ts'

export const storeVariables = {
  JOBS_TABLE: { description: 'Name of the DynamoDB table of jobs.', parse: matching(/[\w.-]{3,255}/) },
  JOBS_QUEUE_URL: {
    description: 'URL of the SQS queue of jobs’ rows. https; http only for a loopback address.',
    parse: parseQueueUrl,
  },
  JOB_KEY_ARN: {
    description: 'ARN of the KMS key that wraps the data keys of jobs (a key, not an alias).',
    parse: cipherVariables.KMS_KEY_ARN.parse,
  },
} satisfies Record<string, Variable<string | undefined>>

export type StoreConfig = { readonly table: string; readonly queueUrl: string; readonly keyArn: string }

export function storeConfigOf(values: Configuration<typeof storeVariables>): StoreConfig {
  return { table: values.JOBS_TABLE, queueUrl: values.JOBS_QUEUE_URL, keyArn: values.JOB_KEY_ARN }
}

/** A name and not where a call goes: that is the Region's endpoint, or `AWS_ENDPOINT_URL`. */
function parseQueueUrl(text: string): string | undefined {
  const url = parseSafeUrl(text)
  return url !== undefined && /^\/\d{12}\/[\w-]{1,80}$/.test(url.pathname) ? text : undefined
}
