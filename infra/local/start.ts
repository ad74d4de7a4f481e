// `npm start`: the pair on fixed ports until Ctrl-C, with curl lines to paste. See .env.example for its variables.
import { helpOption, readArgs } from '../cli/command-line.ts'
import type { Pair } from './pair.ts'
import { authOption, checkJobs, readAuth, readEndpoint, readPort } from './start-options.ts'
import { paint, runMain } from './terminal.ts'

const usage = `Usage: npm start -- [options]

Starts App1, App2 and a local AWS on this machine, prints curl lines to paste, and serves until Ctrl-C; the reference of
both APIs too, at /docs of PORT_DOCS.

  --auth MODE              how App1 proves who it is: password (if absent), client-credentials, client-token, sigv4 or sts-token
  --sts-token-per-request  with sts-token: each creation has a token of its own
  --two-accounts           App1 and App2 live in an account each
  --iam                    App1 takes signed requests alone, as when it is deployed
  --jobs                   App1 takes jobs and dry runs too; not with --two-accounts
  --human                  App1 takes tokens of humans, who sign in at a pool of people
  --allow-remote           an AWS_ENDPOINT_URL on another machine is meant: a pool, a key and a secret are made there
  --help                   this text

PORT_APP1, PORT_APP2, PORT_AWS, PORT_DOCS and AWS_ENDPOINT_URL: see .env.example.
Exit code: 0 stopped; 1 it could not start; 2 wrong usage.
`

async function linesToPaste(pair: Pair): Promise<string> {
  const [{ creationLines, curlLines, generatedPasswordLines, humanLines, jobLines, lifeLines }, { machineLines }] =
    await Promise.all([import('./curl-lines.ts'), import('./machine-lines.ts')])
  const { provisioned, awsUrl } = pair
  const { region } = provisioned
  const lines = await curlLines(pair)
  return [
    paint('bold', 'Create a user:'),
    ...creationLines(pair, lines),
    '',
    ...lines.signIn,
    '',
    ...lines.sample,
    '',
    ...lifeLines(pair, lines),
    '',
    ...generatedPasswordLines(pair),
    ...(await humanLines(pair)),
    ...(pair.modes.jobs ? [...jobLines(pair), ''] : []),
    ...machineLines(pair),
    '',
    paint('bold', 'The AWS command line works too:'),
    `AWS_ENDPOINT_URL=${awsUrl} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${region} \\`,
    `  aws cognito-idp admin-get-user --user-pool-id ${provisioned.userPoolId} --username ${lines.username}`,
  ].join('\n')
}

async function main(): Promise<void> {
  const values = readArgs({
    options: {
      ...authOption,
      'allow-remote': { type: 'boolean', default: false },
      iam: { type: 'boolean', default: false },
      jobs: { type: 'boolean', default: false },
      human: { type: 'boolean', default: false },
      ...helpOption,
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const auth = readAuth(values)
  checkJobs({ jobs: values.jobs, ...auth })
  const awsEndpoint = readEndpoint(process.env, { allowRemote: values['allow-remote'], ...auth })
  const ports = {
    app1: readPort(process.env, { name: 'PORT_APP1', standard: 4001 }),
    app2: readPort(process.env, { name: 'PORT_APP2', standard: 4002 }),
    aws: readPort(process.env, { name: 'PORT_AWS', standard: 4566 }),
  }
  const docsPort = readPort(process.env, { name: 'PORT_DOCS', standard: 4003 })
  const onStep = (text: string): void => {
    console.log(`  ${paint('dim', '·')} ${text}`)
  }
  // Not before: --help and wrong usage load no pair.
  const [{ startPair }, { localRoles }, { docsPath, startDocsPage }] = await Promise.all([
    import('./pair.ts'),
    import('./local-signers.ts'),
    import('./docs-page.ts'),
  ])
  const docs = await startDocsPage({ port: docsPort })
  onStep(`the reference of both APIs at ${docs.url}${docsPath}`)
  const pair = await startPair({
    ...auth,
    awsEndpoint,
    passwordReaders: [localRoles.worker],
    iam: values.iam,
    jobs: values.jobs,
    ...(values.human && { human: { identity: 'claimed' } }),
    ports,
    onStep,
    onOutput: (line) => {
      console.log(line)
    },
  }).catch(async (error: unknown) => {
    await docs.close()
    throw error
  })
  console.log(
    `\n${await linesToPaste(pair)}\n\nThe log of both services follows. ${paint('dim', 'Ctrl-C stops everything.')}\n`,
  )

  const stop = (): void => {
    console.log('\nStopping.')
    void Promise.all([pair.close(), docs.close()])
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

await runMain(main)
