// What `npm run deploy:local` takes on its command line; it never takes an endpoint that is another machine's.
import { helpOption, readArgs, UsageError } from '#infra/cli/command-line.ts'
import { isLoopback, type Environment } from '#shared/env.ts'

export type Options =
  /** A path, or a name to look for on the PATH. */
  | { readonly kind: 'start_moto'; readonly command: string }
  /** Without a slash at its end. */
  | { readonly kind: 'use_endpoint'; readonly url: string }
  | { readonly kind: 'help' }

export const usage = `Usage: npm run deploy:local -- [--moto PATH | --endpoint URL]

  --moto      the moto_server to start, on a free port of this machine. Otherwise MOTO_SERVER, or the one on the PATH.
  --endpoint  a moto that is running on this machine, with nothing in it; it is emptied at the end.
  --help

AWS_ENDPOINT_URL, credentials and profiles of whoever runs it are not used: nothing can reach an AWS account.`

export const howToGetMoto =
  'moto comes from PyPI: python3 -m venv .venv/moto && .venv/moto/bin/pip install -r .ci/moto-requirements.txt, ' +
  'then npm run deploy:local -- --moto .venv/moto/bin/moto_server'

/** Throws UsageError. */
export function readOptions(args: readonly string[], environment: Environment): Options {
  const { moto, endpoint, help } = readArgs({ options }, args)
  if (help) return { kind: 'help' }
  if (endpoint === undefined) {
    const named = [moto, environment['MOTO_SERVER']].find((text) => text !== undefined && text !== '')
    return { kind: 'start_moto', command: named ?? 'moto_server' }
  }
  if (moto !== undefined) throw new UsageError('--moto and --endpoint exclude each other.')
  const url = URL.parse(endpoint)
  if (url?.protocol !== 'http:' || url.href !== `${url.origin}/`) {
    throw new UsageError('--endpoint must be http://host:port and nothing else.')
  }
  if (!isLoopback(url)) throw new UsageError('--endpoint is not on this machine. Nothing is deployed anywhere else.')
  return { kind: 'use_endpoint', url: url.origin }
}

const options = { moto: { type: 'string' }, endpoint: { type: 'string' }, ...helpOption } as const
