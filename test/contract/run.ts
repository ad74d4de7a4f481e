// `npm run test:contract`: runs the contract suite against an endpoint; it reaches no other machine unless it is told to.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { helpOption, readArgs, UsageError } from '#infra/cli/command-line.ts'
import { isLoopback } from '#shared/env.ts'
import {
  implementations,
  isImplementation,
  keptByNone,
  type Implementation,
} from './known-differences/implementations.ts'

const names = Object.keys(implementations)
const usage = `Usage: npm run test:contract -- [--endpoint URL] [--implementation ${names.join('|')}] [--allow-remote]

  --endpoint        http(s) URL of an implementation of Cognito, KMS, Secrets Manager, DynamoDB and SQS, as AWS_ENDPOINT_URL
                    takes it. Without it the suite starts its own local AWS.
  --implementation  hold it to its table in test/contract/known-differences/. Anything else has to keep every statement.
  --allow-remote    The endpoint may be another machine. Pools, keys, secrets, tables and queues are made there, under
                    fresh names, with the credentials that the SDK finds; all are deleted afterwards, keys after KMS's
                    seven days.
  --help            this text`

type Options = { readonly endpoint?: URL; readonly implementation?: Implementation }

/** Undefined when help is asked for. Throws UsageError. */
function readOptions(): Options | undefined {
  const { endpoint, implementation, 'allow-remote': allowRemote, help } = readArgs({ options })
  if (help) return undefined
  if (implementation !== undefined && !isImplementation(implementation)) {
    throw new UsageError(`--implementation can only be ${names.join(' or ')}`)
  }
  if (endpoint === undefined) {
    if (implementation !== undefined) throw new UsageError('--implementation needs an --endpoint')
    return {}
  }
  const url = URL.parse(endpoint)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new UsageError('--endpoint is not an http(s) URL')
  if (!isLoopback(url) && !allowRemote) {
    throw new UsageError('--endpoint is not this machine: say --allow-remote if things may be made there')
  }
  return { endpoint: url, ...(implementation !== undefined && { implementation }) }
}

const options = {
  endpoint: { type: 'string' },
  implementation: { type: 'string' },
  'allow-remote': { type: 'boolean', default: false },
  ...helpOption,
} as const

/** The exit code of vitest. */
function runSuite({ endpoint, implementation }: Options): number {
  const remote = endpoint !== undefined && !isLoopback(endpoint)
  // The project's own configuration closes the network to tests, which a remote endpoint has to get around.
  const config = remote ? ['--config', fileURLToPath(import.meta.resolve('./vitest.remote.config.ts'))] : []
  const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')))
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'contract', ...config], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: 'inherit',
    env: {
      ...process.env,
      CONTRACT_ENDPOINT: endpoint?.href.replace(/\/$/, ''),
      CONTRACT_IMPLEMENTATION: implementation,
    },
  })
  return status ?? 1
}

function describeRun({ endpoint, implementation }: Options): string {
  const where = endpoint === undefined ? 'a local AWS of its own' : endpoint.origin
  return implementation === undefined
    ? `Contract suite against ${where}, no difference excused.`
    : `Contract suite against ${implementation} at ${where}: ${Object.keys(implementations[implementation]).length} known differences, each of which has to differ still. ` +
        `${keptByNone.length} statements are kept by none of ${names.join(', ')}.`
}

try {
  const chosen = readOptions()
  console.log(chosen === undefined ? usage : describeRun(chosen))
  if (chosen !== undefined) process.exitCode = runSuite(chosen)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${usage}`)
  process.exitCode = 2
}
