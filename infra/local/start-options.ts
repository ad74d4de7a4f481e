// What `npm start` and `npm run demo` are told; they never make anything on a machine that nobody named.
import { isLoopback, type Environment } from '#shared/env.ts'
import { machineAuthModes, type MachineAuth } from '#shared/machine/machine-auth.ts'
import { UsageError } from '../cli/command-line.ts'
import type { PairOptions } from './pair.ts'

/** How App1 proves who it is: `--auth MODE`, with `sts-token` whether each creation has a token of its own, and from which account. */
export const authOption = {
  auth: { type: 'string', default: 'password' },
  'sts-token-per-request': { type: 'boolean', default: false },
  'two-accounts': { type: 'boolean', default: false },
} as const

/** Throws UsageError for any other word than the modes, and for what goes with another one. */
export function readAuth(values: {
  readonly auth: string
  readonly 'sts-token-per-request': boolean
  readonly 'two-accounts': boolean
}): Required<Pick<PairOptions, 'machineAuth' | 'stsTokenPerRequest' | 'twoAccounts'>> {
  const machineAuth = readMachineAuth(values.auth)
  const stsTokenPerRequest = values['sts-token-per-request']
  if (stsTokenPerRequest && machineAuth !== 'sts-token') {
    throw new UsageError('--sts-token-per-request goes with --auth sts-token alone.')
  }
  return { machineAuth, stsTokenPerRequest, twoAccounts: values['two-accounts'] }
}

/** Throws UsageError for jobs in two accounts, whose tables and queues local AWS keeps in one. */
export function checkJobs({ jobs, twoAccounts }: { readonly jobs: boolean; readonly twoAccounts: boolean }): void {
  if (jobs && twoAccounts) {
    throw new UsageError('--jobs does not go with --two-accounts: local AWS has tables and queues in one account.')
  }
}

/** Throws UsageError for any other word than the modes. */
function readMachineAuth(text: string): MachineAuth {
  const mode = machineAuthModes.find((known) => known === text)
  if (mode === undefined) throw new UsageError(`--auth must be one of ${machineAuthModes.join(', ')}.`)
  return mode
}

/** The port that the variable names, 0 for a free one, or the standard one. Throws UsageError. */
export function readPort(
  environment: Environment,
  { name, standard }: { readonly name: string; readonly standard: number },
): number {
  const text = environment[name] ?? ''
  if (text === '') return standard
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`${name} must be a port number, 0 to 65535.`)
  return port
}

/**
 * `AWS_ENDPOINT_URL` without a slash at its end, if it is set. Throws UsageError, also for `client-credentials` at an
 * endpoint elsewhere: the pool's token endpoint is at AWS by its name, so an emulator's client secret would be sent there.
 */
export function readEndpoint(
  environment: Environment,
  {
    allowRemote,
    machineAuth,
    twoAccounts = false,
  }: { readonly allowRemote: boolean; readonly machineAuth: MachineAuth; readonly twoAccounts?: boolean },
): string | undefined {
  const text = environment['AWS_ENDPOINT_URL'] ?? ''
  if (text === '') return undefined
  if (machineAuth === 'sts-token') {
    throw new UsageError(
      '--auth sts-token works without AWS_ENDPOINT_URL: the local AWS has the roles that STS gives tokens.',
    )
  }
  if (twoAccounts) throw new UsageError('--two-accounts works without AWS_ENDPOINT_URL: the local AWS has the two.')
  const url = URL.parse(text)
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === null || !isHttp || url.href !== `${url.origin}/`) {
    throw new UsageError('AWS_ENDPOINT_URL must be http(s)://host:port and nothing else.')
  }
  if (!isLoopback(url) && !allowRemote) {
    throw new UsageError(
      'AWS_ENDPOINT_URL is not on this machine. A pool, a key, a secret and a machine user would be made there; ' +
        'if that is what you want, say `npm start -- --allow-remote`.',
    )
  }
  if (!isLoopback(url) && machineAuth === 'client-credentials') {
    throw new UsageError('--auth client-credentials works with an AWS_ENDPOINT_URL on this machine only.')
  }
  return url.origin
}
