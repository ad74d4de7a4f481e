// What a call of App1 is asked to do, read once from its arguments; it takes no password and guesses no address.
import { isRegion, regionOfApi } from '#shared/aws/aws-hosts.ts'
import { isLoopback } from '#shared/env.ts'
import { helpOption, readArgs, UsageError } from '../command-line.ts'

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

/** Without a Region where neither the arguments nor the URL name one. */
export type Command =
  { readonly kind: 'help' } | ({ readonly kind: 'call'; readonly region: string | undefined } & Omit<Call, 'region'>)

export const usage = `Usage: npm run call -- --url URL --user NAME --human ID [options]

Asks App1 to create a service user. The new user's password is read from the standard input: one line, or typed at a
prompt that shows nothing. The request is signed with your own AWS credentials, found as the AWS command line finds them,
and goes through HTTPS_PROXY, past the hosts of NO_PROXY.

  --url URL              App1's endpoint, as the stack's outputs have it, or its route; https, or http on this machine
  --user NAME            the new user's name
  --human ID             the person who asks, as the audit trail will have it
  --idempotency-key KEY  repeats a call that got no answer, or 429 or 5xx; with the same password
  --region REGION        the API's Region; read from the URL if absent, or else, for a domain of your own, from
                         AWS_REGION, AWS_DEFAULT_REGION or the profile
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
    region: values.region === undefined ? regionOfApi(url.hostname) : readRegion(values.region),
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
  if (url === null) throw new UsageError('--url is no address: it begins with https://.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError('--url is an address with a path at most: no user, no query, no fragment.')
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    throw new UsageError('--url must be https: the request holds a password.')
  }
  // A slash too many is no other route, and API Gateway would answer it with 404.
  const path = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')
  url.pathname = path.endsWith(route) ? path : `${path}${route}`
  return url
}

/** Throws UsageError. */
export function readRegion(region: string | undefined): string {
  if (region === undefined) {
    throw new UsageError('--region is missing: neither the URL nor the AWS configuration names one.')
  }
  if (!isRegion(region)) throw new UsageError('--region is no Region.')
  return region
}

function visible(name: string, text: string | undefined, longest: number): string {
  if (text === undefined) throw new UsageError(`${name} is missing.`)
  if (text.length <= longest && /^[\x21-\x7e]+$/.test(text)) return text
  throw new UsageError(`${name} must be 1 to ${longest} visible ASCII characters.`)
}
