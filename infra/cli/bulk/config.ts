// What is to be created, or watched, read once from the arguments.
import { dirname, join, resolve } from 'node:path'
import { regionOfApi } from '#shared/aws/aws-hosts.ts'
import { readReader, readRegion, readUrl } from '../app1-options.ts'
import { helpOption, readCommandLine, UsageError } from '../command-line.ts'

export const usage = `Usage: npm run bulk -- users.csv --url URL [options]
       npm run bulk -- --job ID [--job ID] --url URL [options]

Creates the users of a CSV file as jobs of App1, up to 10,000 rows each, and watches them to their end. The first line names the
columns: username, human_user_id, password; human_user_id may be absent where LATCHKEY_HUMAN_TOKEN has an access token of the human
in whose name all are created. Every row is checked before anything is sent. The keys of the jobs are kept in
users.csv.bulk.json, so that the same command goes on where it stopped, and nobody is created twice; it is to be deleted before
the file is sent with other users. Rows that failed are written into failed.csv, without passwords. It may be the next command's
file, with a --failed of its own, and with passwords added or --generate-for. Requests are signed as those of npm run users.

  --job ID                   watches a job that was sent before, and writes its failed rows
  --dry-run                  tells what would happen to each row, and sends no job; users that an earlier command created
                             are told as taken where there are more than 1,000 rows
  --generate-for ROLE_ARN    App2 makes the passwords that the file does not have, each for that role alone to read
  --failed FILE              the file for the rows that failed; failed.csv beside the CSV file if absent

  --url URL, --region REGION as npm run users has them
  --json                     one JSON document in place of the text
  --help                     this text

Exit code: 0 all users are there; 1 rows failed, or App1 refused and nothing was done; 2 wrong usage, rows that cannot be sent,
or no AWS credentials: nothing was sent; 3 jobs are not at their end, or nobody knows: repeat the command.
`

export type Command = {
  /** One of the two. */
  readonly source:
    { readonly kind: 'file'; readonly path: string } | { readonly kind: 'jobs'; readonly ids: readonly string[] }
  readonly url: URL
  /** Undefined where neither the arguments nor the URL name one. */
  readonly region: string | undefined
  readonly dryRun: boolean
  readonly generateFor: string | undefined
  readonly failedPath: string
  readonly json: boolean
}

const parseOptions = {
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    region: { type: 'string' },
    job: { type: 'string', multiple: true },
    'dry-run': { type: 'boolean', default: false },
    'generate-for': { type: 'string' },
    failed: { type: 'string' },
    json: { type: 'boolean', default: false },
    ...helpOption,
  },
} as const

/** Undefined for `--help`. Throws UsageError. */
export function readCommand(args: readonly string[]): Command | undefined {
  const { values, positionals } = readCommandLine(parseOptions, args)
  if (values.help) return undefined
  const { job: ids = [], 'dry-run': dryRun, 'generate-for': reader, failed, json } = values
  const [path, ...others] = positionals
  if (others.length > 0 || (path === undefined) === (ids.length === 0)) {
    throw new UsageError('The command takes one CSV file, or jobs by --job.')
  }
  if (!ids.every((id) => /^[\w-]{22}$/.test(id))) throw new UsageError('--job is no id of a job.')
  if (path === undefined && (dryRun || reader !== undefined)) {
    throw new UsageError('--job takes no --dry-run and no --generate-for: the job has its rows.')
  }
  const failedPath = failed ?? join(path === undefined ? '' : dirname(path), 'failed.csv')
  if (path !== undefined && resolve(failedPath) === resolve(path)) {
    throw new UsageError('The rows that fail would be written over the CSV file. See --failed.')
  }
  const url = readUrl(values.url)
  return {
    source: path === undefined ? { kind: 'jobs', ids: [...new Set(ids)] } : { kind: 'file', path },
    url,
    region: values.region === undefined ? regionOfApi(url.hostname) : readRegion(values.region),
    dryRun,
    generateFor: reader === undefined ? undefined : readReader(reader),
    failedPath,
    json,
  }
}
