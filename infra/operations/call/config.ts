// What a call of App1 is asked to do, read once from its arguments; it takes no password and guesses no address.
import { isLoopback } from '../../../shared/env.ts'
import { helpOption, readArgs, UsageError } from '../../command-line.ts'

export type Call = {
  /** App1's route. */
  readonly url: URL
  /** Where the signature counts. */
  readonly region: string
  readonly username: string
  readonly humanUserId: string
  /** Undefined for a first attempt, which gets a new one. */
  readonly idempotencyKey: string | undefined
  readonly format: 'text' | 'json'
}

export type Command = { readonly kind: 'help' } | ({ readonly kind: 'call' } & Call)

export const usage = `Usage: npm run call -- --url URL --user NAME --human ID [options]

Asks App1 to create a service user. The new user's password is read from the standard input: one line, or typed at a
prompt that shows nothing. The request is signed with your own AWS credentials, found as the AWS command line finds them.

  --url URL              App1's endpoint, as the stack's outputs have it; https, or http on this machine
  --user NAME            the new user's name
  --human ID             the person who asks, as the audit trail will have it
  --idempotency-key KEY  repeats a call that got no answer, or 429 or 5xx; with the same password
  --region REGION        the API's Region; read from the URL if absent
  --json                 one JSON document in place of the text
  --help                 this text

Exit code: 0 created; 1 refused, or no answer; 2 wrong usage, or no AWS credentials: nothing was sent.
`

const route = '/create-service-user'

/** Throws UsageError. */
export function readCommand(args: readonly string[]): Command {
  const values = readArgs(parseOptions, args)
  if (values.help) return { kind: 'help' }
  const url = readUrl(values.url)
  return {
    kind: 'call',
    url,
    region: readRegion(values.region, url),
    username: visible('--user', values.user, 128),
    humanUserId: visible('--human', values.human, 256),
    idempotencyKey:
      values['idempotency-key'] === undefined
        ? undefined
        : visible('--idempotency-key', values['idempotency-key'], 255),
    format: values.json ? 'json' : 'text',
  }
}

const parseOptions = {
  options: {
    url: { type: 'string' },
    user: { type: 'string' },
    human: { type: 'string' },
    'idempotency-key': { type: 'string' },
    region: { type: 'string' },
    json: { type: 'boolean', default: false },
    ...helpOption,
  },
} as const

function readUrl(text: string | undefined): URL {
  if (text === undefined) throw new UsageError('--url is missing.')
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError('--url is not the address of an API.')
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    throw new UsageError('--url must be https: the request holds a password.')
  }
  if (!url.pathname.endsWith(route)) url.pathname = `${url.pathname.replace(/\/$/, '')}${route}`
  return url
}

function readRegion(option: string | undefined, url: URL): string {
  const [, inUrl] = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(url.hostname) ?? []
  const region = option ?? inUrl
  if (region === undefined) throw new UsageError('--region is missing: the URL does not name one.')
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new UsageError('--region is no Region.')
  return region
}

function visible(name: string, text: string | undefined, longest: number): string {
  if (text === undefined) throw new UsageError(`${name} is missing.`)
  if (text.length <= longest && /^[\x21-\x7e]+$/.test(text)) return text
  throw new UsageError(`${name} must be 1 to ${longest} visible ASCII characters.`)
}
