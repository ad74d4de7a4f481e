import { afterEach, describe, expect, it } from 'vitest'
import { startHttpApi } from '../../../../../infra/emulators/gateway/http-api.ts'
import { invokePolicy, newSigningCredential } from '../../../../../infra/emulators/gateway/signing-credential.ts'
import { runCommand, type CommandDeps } from '#infra/cli/users/command.ts'
import { routes } from '#shared/routes.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { testStreams } from '../streams.ts'

const running: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()))
})

const password = 'Canary-Pass-Word-1'
const credential = newSigningCredential({
  arn: 'arn:aws:sts::123456789012:assumed-role/operator/alice',
  policy: invokePolicy('*'),
})
const user = {
  username: 'orders',
  status: 'active',
  human_user_id: 'alice',
  created_at: '2026-11-21T11:00:00Z',
  updated_at: '2026-11-21T11:00:01Z',
}

type Event = { readonly body?: string; readonly rawQueryString: string; readonly headers: Record<string, string> }
type Result = { readonly statusCode: number; readonly headers?: object; readonly body?: string }

const json = (statusCode: number, document: unknown, headers: object = {}): Result => ({
  statusCode,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(document),
})
const problem = (statusCode: number, changes: object = {}, headers: object = {}): Result =>
  json(statusCode, { code: 'c', detail: 'D.', ...changes }, headers)

type SetUp = { readonly answers?: readonly Result[]; readonly input?: string; readonly isTTY?: boolean }

/** A gateway that checks signatures, in front of an App1 that gives `answers` one after another. */
async function setUp({ answers = [json(200, user)], input = `${password}\n`, isTTY = false }: SetUp = {}) {
  const seen: string[] = []
  const events: Event[] = []
  const api = await startHttpApi({
    routes: routes.app1.map(({ method, path }) => ({
      method,
      path,
      function: (event: unknown) => {
        events.push(event as Event)
        const { rawPath, rawQueryString } = event as { rawPath: string; rawQueryString: string }
        seen.push(`${method} ${rawPath}${rawQueryString && `?${rawQueryString}`}`)
        return Promise.resolve(answers[Math.min(seen.length, answers.length) - 1])
      },
    })),
    callerArn: null,
    credentials: [credential],
  })
  running.push(api)
  const streams = testStreams(isTTY ? undefined : input)
  if (isTTY) {
    Object.assign(streams.stdin, { isTTY })
    Object.assign(streams.stderr, { isTTY })
    streams.stdin.write(input)
  }
  const users = (args: readonly string[], deps: Partial<CommandDeps> = {}) =>
    runCommand([...args, '--url', api.url], {
      ...streams,
      client: {
        fetch,
        now: Date.now,
        random: () => 1,
        sleep: () => Promise.resolve(),
        newIdempotencyKey: () => 'key-1',
      },
      configuredRegion: () => Promise.resolve('us-east-1'),
      credentials: () => credential,
      ...deps,
    })
  return { users, seen, events, ...streams }
}

const newPassword = JSON.stringify({ password })
const creation = JSON.stringify({ username: 'orders', password, human_user_id: 'alice' })
const reader = 'arn:aws:iam::123456789012:role/reader'
const generate = { password: { generate: { deliver_to: reader } } }
const generated = JSON.stringify({ username: 'orders', ...generate, human_user_id: 'alice' })

describe('npm run users', () => {
  it('creates in the name of the human whose token it has, and shows no token', async () => {
    const { users, events, written } = await setUp({ answers: [json(200, user)] })

    expect(await users(['create', 'orders', '--json'], { humanToken: new SecretValue('human-canary') })).toBe(0)

    expect(events[0]?.headers).toMatchObject({ 'x-human-token': 'human-canary' })
    expect(JSON.parse(events[0]?.body ?? '')).toEqual({ username: 'orders', password })
    expect(JSON.stringify(written())).not.toContain('human-canary')
  })

  it.each([
    [['create', 'orders', '--human', 'alice'], 'POST /create-service-user', creation],
    [['show', 'orders'], 'GET /service-users/orders'],
    [['list'], 'GET /service-users?limit=60'],
    [['list', '--prefix', 'or', '--limit', '5'], 'GET /service-users?limit=5&prefix=or'],
    [['disable', 'orders'], 'POST /service-users/orders/disable'],
    [['enable', 'orders'], 'POST /service-users/orders/enable'],
    [['reset-password', 'orders'], 'POST /service-users/orders/reset-password', newPassword],
    [['create', 'orders', '--human', 'alice', '--generate-for', reader], 'POST /create-service-user', generated],
    [
      ['reset-password', 'orders', '--generate-for', reader],
      'POST /service-users/orders/reset-password',
      JSON.stringify(generate),
    ],
    [['add-to-group', 'orders', 'service-user'], 'PUT /service-users/orders/groups/service-user'],
    [['remove-from-group', 'orders', 'service-user'], 'DELETE /service-users/orders/groups/service-user'],
    [['delete', 'orders', '--yes'], 'DELETE /service-users/orders'],
    [['delete', 'orders', '--yes', '--force'], 'DELETE /service-users/orders?force=true'],
  ])('%j is one signed request', async (args, request, body?: string) => {
    const { users, seen, events, written } = await setUp({ answers: [json(200, { ...user, users: [] })] })

    expect(await users(args)).toBe(0)

    expect(seen).toEqual([request])
    expect(events[0]?.body).toBe(body)
    expect(written().stderr).toBe('')
  })

  it('that is stopped while it waits says how to ask again, with the key of the creation', async () => {
    const { users, written } = await setUp()
    const client: CommandDeps['client'] = {
      fetch: () => new Promise<never>(() => undefined),
      now: Date.now,
      random: () => 1,
      sleep: () => Promise.resolve(),
      newIdempotencyKey: () => 'key-1',
    }

    const code = await users(['create', 'orders', '--human', 'alice'], { client, interrupted: Promise.resolve() })

    expect(code).toBe(3)
    expect(written().stdout).toContain('It is not known what was done.')
    expect(written().stdout).toContain('--idempotency-key key-1')
  })

  it.each([
    [[], 'key-1'],
    [['--idempotency-key', 'earlier'], 'earlier'],
  ])('creates, with %j, under the key %s', async (args, key) => {
    const { users, events } = await setUp()

    await users(['create', 'orders', '--human', 'alice', ...args])

    expect(events[0]?.headers['idempotency-key']).toBe(key)
  })

  it('lists to the end, and tells a person how far it is', async () => {
    const page = (username: string, cursor?: string) => json(200, { users: [{ ...user, username }], cursor })
    const { users, seen, written } = await setUp({ answers: [page('a', 'v1.c+/'), page('b')], isTTY: true })

    expect(await users(['list'])).toBe(0)

    expect(seen).toEqual(['GET /service-users?limit=60', 'GET /service-users?limit=60&cursor=v1.c%2B%2F'])
    expect(written().stdout).toMatch(/^USERNAME +STATUS .*\na +active .*\nb +active .*\n$/)
    expect(written().stderr).toBe('1 users so far\n')
  })

  it('lists no more than --limit users', async () => {
    const { users, seen, written } = await setUp({ answers: [json(200, { users: [user, user, user], cursor: 'c' })] })

    expect(await users(['list', '--limit', '2', '--json'])).toBe(0)

    expect(seen).toEqual(['GET /service-users?limit=2'])
    expect(JSON.parse(written().stdout)).toEqual({ ok: true, users: [user, user] })
  })

  it('shows no list that ends early', async () => {
    const answers = [json(200, { users: [user], cursor: 'c' }), problem(403, { code: 'forbidden' })]
    const { users, written } = await setUp({ answers })

    expect(await users(['list'])).toBe(1)
    expect(written().stdout).toBe('403 forbidden: D.\n')
  })

  it.each([
    ['yes', 0, ['DELETE /service-users/orders']],
    ['no', 1, []],
    ['', 1, []],
  ])('asks before it deletes, and %j ends with %i', async (typed, code, requests) => {
    const { users, seen, written } = await setUp({ input: `${typed}\n`, isTTY: true })

    expect(await users(['delete', 'orders'])).toBe(code)

    expect(seen).toEqual(requests)
    expect(written().stderr).toContain('Delete orders? It cannot be undone. Type yes: ')
  })

  it.each([['stdin'], ['stderr']] as const)('deletes nobody where %s is no terminal', async (stream) => {
    const { users, seen, written, ...streams } = await setUp({ input: 'yes\n', isTTY: true })
    streams[stream].isTTY = false

    expect(await users(['delete', 'orders'])).toBe(2)
    expect(written().stderr).toBe('delete asks before it deletes, and there is no terminal to ask on. See --yes.\n')
    expect(seen).toEqual([])
  })

  it('tells a person that it waits, and a log nothing', async () => {
    const answers = [problem(429, { code: 'late\u001b' }, { 'retry-after': '3' }), json(200, user)]
    const person = await setUp({ answers, isTTY: true })
    const log = await setUp({ answers })

    expect([await person.users(['show', 'orders']), await log.users(['show', 'orders'])]).toEqual([0, 0])

    expect(person.written().stderr).toBe('late\\u{1b}: asking again in 3 s\n')
    expect(log.written().stderr).toBe('')
  })

  it.each([
    [400, {}, 1],
    [403, {}, 1],
    [404, {}, 1],
    [409, {}, 1],
    [429, { outcome: 'none' }, 1],
    [500, { outcome: 'partial' }, 3],
    [500, {}, 3],
    [503, { outcome: 'none' }, 1],
    [503, { outcome: 'unknown' }, 3],
    [504, {}, 3],
  ])('a change that is answered %i %j ends with %i, a question with 1', async (status, changes, code) => {
    const { users } = await setUp({ answers: [problem(status, changes)] })

    expect(await users(['disable', 'orders'])).toBe(code)
    expect(await users(['show', 'orders'])).toBe(1)
    expect(await users(['list'])).toBe(1)
  })

  it('credentials that App1’s gateway does not know are refused there, and so is another Region', async () => {
    const { users, seen, written } = await setUp()

    expect(await users(['show', 'orders'], { credentials: () => ({ ...credential, secretAccessKey: 'x' }) })).toBe(1)
    expect(await users(['show', 'orders', '--region', 'eu-west-1'])).toBe(1)

    expect(written().stdout.match(/^403 gateway_refused: Forbidden\nThat was IAM, before App1: /gm)).toHaveLength(2)
    expect(seen).toEqual([])
  })

  it.each([
    [[], 'eu-west-1'],
    [['--region', 'us-west-2'], 'us-west-2'],
  ])('with %j signs for %s, where the configuration says eu-west-1', async (args, region) => {
    const { users } = await setUp()
    const asked: string[] = []

    await users(['show', 'orders', ...args], {
      configuredRegion: () => Promise.resolve('eu-west-1'),
      credentials: (used) => {
        asked.push(used)
        return credential
      },
    })

    expect(asked).toEqual([region])
  })

  it('without a Region is wrong usage, before the password is read', async () => {
    const { users, stdin, written } = await setUp()

    const code = await users(['reset-password', 'orders'], { configuredRegion: () => Promise.resolve(undefined) })

    expect(code).toBe(2)
    expect(written().stderr).toBe('--region is missing: neither the URL nor the AWS configuration names one.\n')
    expect(stdin.readableLength).toBeGreaterThan(0)
  })

  it('without AWS credentials sends nothing, and tells the SDK’s own reason', async () => {
    const { users, seen, written } = await setUp()
    const reason = 'Profile ops requires multi-factor authentication, but no MFA code callback was provided.'
    const none = () => Promise.reject(Object.assign(new Error(reason), { name: 'CredentialsProviderError' }))

    expect(await users(['show', 'orders'], { credentials: () => none })).toBe(2)

    expect(written()).toEqual({
      stdout: '',
      stderr: `No AWS credentials could be had. Nothing was sent.\nCredentialsProviderError: ${reason}\n`,
    })
    expect(seen).toEqual([])
  })

  it('used wrongly ends with 2 before anything is read or sent', async () => {
    const { users, seen, stdin, written } = await setUp()

    expect(await users(['create', 'orders', '--password', password])).toBe(2)

    expect(written()).toEqual({ stdout: '', stderr: 'There is no such option, or its value is missing. See --help.\n' })
    expect(stdin.readableLength).toBeGreaterThan(0)
    expect(seen).toEqual([])
  })

  it('does not tell an error of ours as the operator’s', async () => {
    const { users } = await setUp()
    const broken = () => {
      throw new TypeError('broken')
    }

    await expect(users(['show', 'orders'], { credentials: broken })).rejects.toThrow('broken')
  })

  it('tells its commands', async () => {
    const { users, written } = await setUp()

    expect(await users(['--help'])).toBe(0)
    expect(written().stdout).toMatch(/^Usage: npm run users/)
  })

  it.each([['text'], ['json']])('prints neither password nor credentials, as %s', async (format) => {
    const { users, written } = await setUp({ answers: [problem(503)] })

    await users(['create', 'orders', '--human', 'alice', ...(format === 'json' ? ['--json'] : [])])

    for (const secret of [password, credential.secretAccessKey, credential.sessionToken, credential.accessKeyId]) {
      expect(JSON.stringify(written())).not.toContain(secret)
    }
  })
})
