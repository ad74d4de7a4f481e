// What App1 is asked to do, read once from the arguments; it takes no password and guesses no address.
import { regionOfApi } from '#shared/aws/aws-hosts.ts'
import { readReader, readRegion, readUrl } from '../app1-options.ts'
import { helpOption, readCommandLine, UsageError } from '../command-line.ts'
import { humanTokenVariable } from '../human-token.ts'

export const usage = `Usage: npm run users -- COMMAND --url URL [options]

Asks App1 about service users, or to change one. Requests are signed with your own AWS credentials, found as the AWS
command line finds them, and go through HTTPS_PROXY, past the hosts of NO_PROXY. What may be repeated is, for a minute.

  create NAME --human ID     makes a user for the person ID, who asks, or whose access token is in LATCHKEY_HUMAN_TOKEN: then
                             --human may be left out; reads its password from the standard input: one
                             line, or typed twice at a prompt that shows nothing; [--idempotency-key KEY] repeats a creation;
                             [--generate-for ROLE_ARN] has App2 make the password, which that role alone may read
  show NAME                  a user as the pool has it
  list                       all users; [--prefix TEXT] those whose names begin so; [--limit N] N at most. It lags behind
  disable NAME               nobody signs in as the user any more; says when its last token is dead
  enable NAME                takes that back
  reset-password NAME        reads the new password as create does, or [--generate-for ROLE_ARN]; says when the last token of before is dead
  add-to-group NAME GROUP, remove-from-group NAME GROUP
  delete NAME                a disabled user; [--force] an enabled one too; asks first, unless [--yes]

  --url URL                  App1's endpoint, as the stack's outputs have it; https, or http on this machine
  --region REGION            the API's Region; read from the URL if absent, or else, for a domain of your own, from
                             AWS_REGION, AWS_DEFAULT_REGION or the profile
  --json                     one JSON document in place of the text
  --help                     this text

Exit code: 0 done; 1 refused or failed, and nothing was done; 2 wrong usage, or no AWS credentials: nothing was sent;
3 nobody knows what was done, or it was begun: repeat the command.
`

/** Of a command: the words after it, and the options that it takes beside those of all. */
const actions = {
  create: { words: ['NAME'], options: ['human', 'idempotency-key', 'generate-for'] },
  show: { words: ['NAME'], options: [] },
  list: { words: [], options: ['prefix', 'limit'] },
  disable: { words: ['NAME'], options: [] },
  enable: { words: ['NAME'], options: [] },
  'reset-password': { words: ['NAME'], options: ['generate-for'] },
  'add-to-group': { words: ['NAME', 'GROUP'], options: [] },
  'remove-from-group': { words: ['NAME', 'GROUP'], options: [] },
  delete: { words: ['NAME'], options: ['force', 'yes'] },
} as const satisfies Record<string, { readonly words: readonly string[]; readonly options: readonly Option[] }>

export type Action = keyof typeof actions

type Option = 'human' | 'idempotency-key' | 'generate-for' | 'prefix' | 'limit' | 'force' | 'yes'

export type Command = {
  readonly action: Action
  readonly url: URL
  /** Undefined where neither the arguments nor the URL name one. */
  readonly region: string | undefined
  /** Empty for a list. */
  readonly username: string
  /** Empty but for a membership. */
  readonly group: string
  /** Empty but for a creation, and there where a token names the human. */
  readonly humanUserId: string
  /** Undefined for a first attempt, which gets a new one. */
  readonly idempotencyKey: string | undefined
  /** The role that App2 makes the password for. Undefined: it is read. */
  readonly generateFor: string | undefined
  readonly prefix: string | undefined
  /** Users, of all pages together. */
  readonly limit: number
  readonly force: boolean
  readonly yes: boolean
  readonly json: boolean
}

/** `isNamed`: a token names the human of a creation. Undefined for `--help`. Throws UsageError. */
export function readCommand(args: readonly string[], { isNamed = false } = {}): Command | undefined {
  const { values, positionals } = readCommandLine(parseOptions, args)
  if (values.help) return undefined
  const [action, ...words] = positionals
  if (!isAction(action)) throw new UsageError(`The command is one of: ${Object.keys(actions).join(', ')}.`)
  const taken: { readonly words: readonly string[]; readonly options: readonly Option[] } = actions[action]
  if (words.length !== taken.words.length) throw new UsageError(`Usage: ${[action, ...taken.words].join(' ')}`)
  const foreign = ownOptions.find((option) => values[option] !== undefined && !taken.options.includes(option))
  if (foreign !== undefined) throw new UsageError(`${action} takes no --${foreign}.`)
  const [username = '', group = ''] = words.map((word, at) => readName(taken.words[at] ?? '', word))
  const url = readUrl(values.url)
  const { 'idempotency-key': key, 'generate-for': reader, prefix, limit, force = false, yes = false, json } = values
  return {
    action,
    url,
    region: values.region === undefined ? regionOfApi(url.hostname) : readRegion(values.region),
    username,
    group,
    humanUserId: action === 'create' ? readHuman(values.human, isNamed) : '',
    idempotencyKey: key === undefined ? undefined : visible('--idempotency-key', key, 255),
    generateFor: reader === undefined ? undefined : readReader(reader),
    prefix: prefix === undefined ? undefined : readName('--prefix', prefix),
    limit: limit === undefined ? Infinity : readLimit(limit),
    force,
    yes,
    json,
  }
}

const parseOptions = {
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    region: { type: 'string' },
    human: { type: 'string' },
    'idempotency-key': { type: 'string' },
    'generate-for': { type: 'string' },
    prefix: { type: 'string' },
    limit: { type: 'string' },
    force: { type: 'boolean' },
    yes: { type: 'boolean' },
    json: { type: 'boolean', default: false },
    ...helpOption,
  },
} as const

const ownOptions = Object.values(actions).flatMap(({ options }): readonly Option[] => options)

function isAction(text: string | undefined): text is Action {
  return text !== undefined && Object.hasOwn(actions, text)
}

/** As App1 has names: none stands for another path. */
function readName(what: string, text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text)) return text
  throw new UsageError(
    `${what} must be 1 to 128 letters, digits, dots, underscores or hyphens, and begin with a letter or digit.`,
  )
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new UsageError('--limit must be a whole number from 1 on.')
}

function readHuman(text: string | undefined, isNamed: boolean): string {
  if (text !== undefined) return visible('--human', text, 256)
  if (isNamed) return ''
  throw new UsageError(`--human is missing, and ${humanTokenVariable} is not set, whose token would name the human.`)
}

function visible(name: string, text: string, longest: number): string {
  if (text.length <= longest && /^[\x21-\x7e]+$/.test(text)) return text
  throw new UsageError(`${name} must be 1 to ${longest} visible ASCII characters.`)
}
