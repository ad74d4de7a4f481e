// `npm run users`, put together from its arguments and streams; it ends no process and reads no global.
import { randomUUID } from 'node:crypto'
import type { Answer, Failure } from '#shared/client/answer.ts'
import {
  addServiceUserToGroup,
  createServiceUser,
  deleteServiceUser,
  disableServiceUser,
  enableServiceUser,
  getServiceUser,
  listServiceUsers,
  removeServiceUserFromGroup,
  resetServiceUserPassword,
} from '#shared/client/generated/sdk.gen.ts'
import type {
  AddServiceUserToGroupData,
  CreateServiceUserData,
  ListedUser,
} from '#shared/client/generated/types.gen.ts'
import { createLatchkeyClient, NotSignedError, type Client, type ClientDeps } from '#shared/client/latchkey-client.ts'
import type { Signing } from '#shared/client/sign-request.ts'
import { readRegion } from '../app1-options.ts'
import { ask } from '../ask.ts'
import { UsageError } from '../command-line.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { escapeText } from '../escape.ts'
import { humanHeaders } from '../human-token.ts'
import { reasonOf, reasonText } from '../reason.ts'
import { readCommand, usage, type Action, type Command } from './config.ts'
import { readPassword, type PasswordStreams } from './read-password.ts'
import { isUnfinished, jsonReport, textReport } from './report.ts'

/** 0 done; 1 refused or failed; 2 wrong usage or no credentials: nothing was sent; 3 unknown or begun. */
export type ExitCode = 0 | 1 | 2 | 3

export type CommandDeps = PasswordStreams & {
  readonly stdout: NodeJS.WritableStream
  readonly client?: ClientDeps
  /** Of the human in whose name a user is created. */
  readonly humanToken?: SecretValue | undefined
  /** Where the URL names no Region. */
  readonly configuredRegion: () => Promise<string | undefined>
  /** Resolves when somebody stops the command by Ctrl-C; absent: nobody does. */
  readonly interrupted?: Promise<void>
  /** The operator's own. */
  readonly credentials: (region: string) => Signing['credentials']
}

export async function runCommand(args: readonly string[], deps: CommandDeps): Promise<ExitCode> {
  try {
    const command = readCommand(args, { isNamed: deps.humanToken !== undefined })
    if (command !== undefined) return await run(command, deps)
    deps.stdout.write(usage)
    return 0
  } catch (error) {
    if (error instanceof UsageError) deps.stderr.write(`${error.message}\n`)
    else if (error instanceof NotSignedError) {
      const reason = reasonText(reasonOf(error.cause))
      deps.stderr.write(`No AWS credentials could be had. Nothing was sent.\n${reason}\n`)
    } else throw error
    return 2
  }
}

async function run(command: Command, deps: CommandDeps): Promise<ExitCode> {
  const region = readRegion(command.region ?? (await deps.configuredRegion()))
  if (!(await isMeant(command, deps))) return 1
  const options = { url: command.url, region, credentials: deps.credentials(region), onWait: waitTeller(deps) }
  const client = createLatchkeyClient(options, deps.client)
  const newKey = deps.client?.newIdempotencyKey ?? randomUUID
  const keyed = { ...command, idempotencyKey: command.idempotencyKey ?? newKey() }
  const answer = await Promise.race([
    operations[command.action]({ client, command: keyed, deps }),
    stopped(keyed, deps),
  ])
  deps.stdout.write(
    command.json
      ? jsonReport(answer)
      : textReport(answer, { ...command, region, isNamed: deps.humanToken !== undefined }),
  )
  if (answer.ok) return 0
  return isUnfinished(answer, command) ? 3 : 1
}

/** A deletion cannot be taken back, so it is asked for twice. Throws UsageError where there is nobody to ask. */
async function isMeant({ action, yes, username }: Command, { stdin, stderr }: CommandDeps): Promise<boolean> {
  if (action !== 'delete' || yes) return true
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new UsageError('delete asks before it deletes, and there is no terminal to ask on. See --yes.')
  }
  const question = `Delete ${username}? It cannot be undone. Type yes: `
  if ((await ask({ question, input: stdin, output: stderr })) === 'yes') return true
  stderr.write('Nothing was deleted.\n')
  return false
}

/** A request that is under way goes on: what it will have done, nobody can say, but how to ask again. */
async function stopped({ action, idempotencyKey }: Keyed, { interrupted }: CommandDeps): Promise<Failure> {
  await (interrupted ?? new Promise<never>(() => undefined))
  return {
    ok: false,
    code: 'interrupted',
    message: 'Stopped before there was an answer.',
    outcome: 'unknown',
    attempts: 1,
    ...(action === 'create' && { idempotencyKey }),
  }
}

/** A creation's key is made here, so that it is known whatever comes. */
type Keyed = Command & { readonly idempotencyKey: string }

type Given = { readonly client: Client; readonly command: Keyed; readonly deps: CommandDeps }

const operations: Readonly<Record<Action, (given: Given) => Promise<Answer<object>>>> = {
  create: async ({ client, command, deps }) => {
    const { username, humanUserId, idempotencyKey } = command
    const named = humanUserId === '' ? {} : { human_user_id: humanUserId }
    const body = { username, password: await newPassword(command, deps), ...named }
    const headers = { 'Idempotency-Key': idempotencyKey, ...humanHeaders(deps.humanToken) }
    return createServiceUser({ client, body, headers })
  },
  show: ({ client, command }) => getServiceUser({ client, path: command }),
  list: listAll,
  disable: ({ client, command }) => disableServiceUser({ client, path: command }),
  enable: ({ client, command }) => enableServiceUser({ client, path: command }),
  'reset-password': async ({ client, command, deps }) =>
    resetServiceUserPassword({ client, path: command, body: { password: await newPassword(command, deps) } }),
  'add-to-group': ({ client, command }) => addServiceUserToGroup({ client, path: memberOf(command) }),
  'remove-from-group': ({ client, command }) => removeServiceUserFromGroup({ client, path: memberOf(command) }),
  delete: ({ client, command }) =>
    deleteServiceUser({ client, path: command, query: command.force ? { force: 'true' } : {} }),
}

async function newPassword(
  { generateFor }: Command,
  deps: CommandDeps,
): Promise<CreateServiceUserData['body']['password']> {
  if (generateFor !== undefined) return { generate: { deliver_to: generateFor } }
  return (await readPassword(deps)).expose()
}

/** App1 knows which groups there are. */
function memberOf({ username, group }: Command): AddServiceUserToGroupData['path'] {
  return { username, group: group as AddServiceUserToGroupData['path']['group'] }
}

/** Every page, or none: a list that ends early would look whole. */
async function listAll({ client, command: { prefix, limit }, deps }: Given): Promise<Answer<object>> {
  const users: ListedUser[] = []
  for (let cursor: string | undefined; ;) {
    const left = limit - users.length
    const query = { limit: String(Math.min(60, left)), ...(prefix && { prefix }), ...(cursor && { cursor }) }
    const page = await listServiceUsers({ client, query })
    if (!page.ok) return page
    users.push(...page.data.users)
    cursor = page.data.cursor
    if (cursor === undefined || users.length >= limit) return { ...page, data: { users: users.slice(0, limit) } }
    tell(deps, `${users.length} users so far\n`)
  }
}

function waitTeller(
  deps: CommandDeps,
): (wait: { readonly waitMs: number; readonly failure: Pick<Failure, 'code'> }) => void {
  return ({ waitMs, failure }) => {
    tell(deps, `${escapeText(failure.code)}: asking again in ${Math.ceil(waitMs / 1_000)} s\n`)
  }
}

/** To a person alone: a log has no use for it. */
function tell({ stderr }: CommandDeps, line: string): void {
  if (stderr.isTTY) stderr.write(line)
}
