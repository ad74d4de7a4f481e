// A user pool in local AWS that users of every kind can be put into, and the drift report run on it.
import { PassThrough, Writable } from 'node:stream'
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { onTestFinished } from 'vitest'
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../../../../../infra/emulators/aws/server.ts'
import { runCommand, type ExitCode } from '#infra/cli/drift/command.ts'
import { manualClock, type ManualClock } from '#test/support/clock.ts'

export const minute = 60_000
export const hour = 60 * minute

/** Well-formed, and another one for each number. */
export const provisioningIdOf = (number: number): string => `v1.${String(number).padStart(21, '0')}A.${'f'.repeat(21)}Q`

export type DriftPool = {
  readonly aws: LocalAws
  readonly clock: ManualClock
  readonly cognito: CognitoIdentityProviderClient
  readonly poolId: string
  readonly newClient: (maxAttempts: number) => CognitoIdentityProviderClient
  readonly newSecretsClient: () => SecretsManagerClient
}

export async function startDriftPool(options: Omit<LocalAwsOptions, 'now'> = {}): Promise<DriftPool> {
  const clock = manualClock()
  const aws = await startLocalAws({ ...options, now: clock.now })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const access = { endpoint: aws.url, region: aws.region, credentials }
  const newClient = (maxAttempts: number): CognitoIdentityProviderClient =>
    new CognitoIdentityProviderClient({ ...access, maxAttempts })
  const newSecretsClient = (): SecretsManagerClient => new SecretsManagerClient({ ...access, maxAttempts: 1 })
  const cognito = newClient(1)
  onTestFinished(async () => {
    cognito.destroy()
    await aws.close()
  })
  const { UserPool } = await cognito.send(
    new CreateUserPoolCommand({
      PoolName: 'accounts',
      UsernameConfiguration: { CaseSensitive: false },
      Schema: [{ Name: 'provisioning_id', AttributeDataType: 'String', Mutable: false }],
    }),
  )
  const poolId = UserPool?.Id ?? ''
  for (const GroupName of ['service-user', 'api-client']) {
    await cognito.send(new CreateGroupCommand({ UserPoolId: poolId, GroupName }))
  }
  return { aws, clock, cognito, poolId, newClient, newSecretsClient }
}

export type TestUser = {
  readonly username: string
  readonly provisioningId?: string
  readonly group?: 'service-user' | 'api-client'
  /** Absent: left in FORCE_CHANGE_PASSWORD. */
  readonly finished?: boolean
}

/** Makes the user in the order in which a creation does, and resolves with its sub. */
export async function addUser(pool: DriftPool, user: TestUser): Promise<string> {
  const whose = { UserPoolId: pool.poolId, Username: user.username }
  const { User } = await pool.cognito.send(
    new AdminCreateUserCommand({
      ...whose,
      MessageAction: 'SUPPRESS',
      ...(user.provisioningId !== undefined && {
        UserAttributes: [{ Name: 'custom:provisioning_id', Value: user.provisioningId }],
      }),
    }),
  )
  if (user.group !== undefined) {
    await pool.cognito.send(new AdminAddUserToGroupCommand({ ...whose, GroupName: user.group }))
  }
  if (user.finished === true) await setPassword(pool, user.username, { permanent: true })
  return User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? ''
}

export async function setPassword(
  pool: DriftPool,
  username: string,
  { permanent }: { readonly permanent: boolean },
): Promise<void> {
  const Password = 'Correct-horse-9'
  await pool.cognito.send(
    new AdminSetUserPasswordCommand({ UserPoolId: pool.poolId, Username: username, Password, Permanent: permanent }),
  )
}

export async function exists(pool: DriftPool, username: string): Promise<boolean> {
  const command = new AdminGetUserCommand({ UserPoolId: pool.poolId, Username: username })
  return pool.cognito.send(command).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && error.name === 'UserNotFoundException') return false
      throw error
    },
  )
}

export type DriftRun = { readonly exitCode: ExitCode; readonly stdout: string; readonly stderr: string }

export type DriftRunOptions = {
  /** On a terminal, what the operator types when asked; it may take its time. Absent: there is no terminal. */
  readonly onQuestion?: (question: string) => Promise<string> | string
  readonly columns?: number
  readonly maxAttempts?: number
  readonly environment?: Readonly<Record<string, string>>
}

/** `npm run drift -- ...args` on the pool, by the pool's clock and without waiting between calls. */
export async function runDriftOn(
  pool: DriftPool,
  args: readonly string[],
  options: DriftRunOptions = {},
): Promise<DriftRun> {
  const isTTY = options.onQuestion !== undefined
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const stdout = recordingStream()
  const stderr = recordingStream((text) => {
    if (!text.includes('Type yes:')) return
    void Promise.resolve(options.onQuestion?.(text)).then((answer) => stdin.write(answer ?? ''))
  })
  const exitCode = await runCommand(
    { args, environment: { USER_POOL_ID: pool.poolId, ...options.environment } },
    {
      stdin,
      stdout: Object.assign(stdout.stream, options.columns !== undefined && { isTTY: true, columns: options.columns }),
      stderr: Object.assign(stderr.stream, { isTTY }),
      paint: (_style, text) => text,
      now: pool.clock.now,
      monotonicNow: () => performance.now(),
      sleep: () => Promise.resolve(),
      createClient: () => pool.newClient(options.maxAttempts ?? 1),
      createSecretsClient: pool.newSecretsClient,
    },
  )
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() }
}

export type JsonUser = {
  readonly username: string
  readonly sub: string
  readonly verdict: string
  readonly reason: string | null
} & Readonly<Record<string, unknown>>

export type JsonReport = {
  readonly user_pool_id: string
  readonly users: readonly JsonUser[]
  readonly secrets: readonly Readonly<Record<string, unknown>>[]
  readonly repairs: readonly Readonly<Record<string, unknown>>[]
  readonly summary: Readonly<Record<string, unknown>>
}

/** The run with `--json`, and its document. */
export async function readDriftOf(
  pool: DriftPool,
  args: readonly string[] = [],
  options: DriftRunOptions = {},
): Promise<DriftRun & { readonly document: JsonReport }> {
  const run = await runDriftOn(pool, ['--json', ...args], options)
  return { ...run, document: JSON.parse(run.stdout) as JsonReport }
}

/** What the report says of each user, by name. */
export function verdictsOf({ users }: JsonReport): Record<string, string> {
  return Object.fromEntries(users.map(({ username, verdict, reason }) => [username, reason ?? verdict]))
}

function recordingStream(onText?: (text: string) => void): { stream: Writable; text: () => string } {
  const pieces: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const text = chunk.toString()
      pieces.push(text)
      onText?.(text)
      done()
    },
  })
  return { stream, text: () => pieces.join('') }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
