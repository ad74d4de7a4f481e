import { afterEach, describe, expect, it, vi } from 'vitest'
import { startHttpApi } from '../../../../../infra/emulators/gateway/http-api.ts'
import { invokePolicy, newSigningCredential } from '../../../../../infra/emulators/gateway/signing-credential.ts'
import { runCommand, type CommandDeps } from '#infra/cli/call/command.ts'
import { testStreams } from './streams.ts'

const running: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()))
})

const password = 'Canary-Pass-Word-1'
const credential = newSigningCredential({
  arn: 'arn:aws:sts::123456789012:assumed-role/operator/alice',
  policy: invokePolicy('POST/create-service-user'),
})
const user = {
  message: 'Made.',
  username: 'orders',
  group: 'service-user',
  created_by: 'alice',
  created_at: '2026-11-21T11:00:00Z',
  provisioning_id: `v1.${'a'.repeat(21)}A.${'b'.repeat(21)}A`,
}

type Event = { readonly headers: Record<string, string>; readonly body: string }

/** A gateway that checks signatures, in front of a function that answers as it is told. */
async function start(
  answer: () => Promise<unknown> = () => Promise.resolve({ statusCode: 201, body: JSON.stringify(user) }),
) {
  const events: Event[] = []
  const api = await startHttpApi({
    routes: [
      {
        method: 'POST',
        path: '/create-service-user',
        function: (event) => {
          events.push(event as Event)
          return answer()
        },
      },
    ],
    callerArn: null,
    credentials: [credential],
    integrationTimeoutMs: 100,
  })
  running.push(api)
  const streams = testStreams(`${password}\n`)
  const callWithoutRegion = (args: readonly string[] = [], deps: Partial<CommandDeps> = {}) =>
    runCommand(['--url', api.url, '--user', 'orders', '--human', 'alice', ...args], {
      ...streams,
      fetch,
      now: Date.now,
      newIdempotencyKey: () => 'key-1',
      configuredRegion: () => Promise.resolve('us-east-1'),
      signing: () => ({ credentials: credential }),
      ...deps,
    })
  const call = (args: readonly string[] = [], deps: Partial<CommandDeps> = {}) =>
    callWithoutRegion(['--region', 'us-east-1', ...args], deps)
  return { call, callWithoutRegion, events, ...streams }
}

const problem =
  (status: number, changes: object = {}, headers: object = {}) =>
  () =>
    Promise.resolve({
      statusCode: status,
      headers: { 'content-type': 'application/problem+json', ...headers },
      body: JSON.stringify({ title: 'T', code: 'c', status, ...changes }),
    })

describe('npm run call', () => {
  it('sends one signed creation, with an idempotency key, and says what was made', async () => {
    const { call, events, written } = await start()

    const code = await call()

    expect(code).toBe(0)
    expect(events).toHaveLength(1)
    expect(JSON.parse(events[0]?.body ?? '')).toEqual({ username: 'orders', password, human_user_id: 'alice' })
    expect(events[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'key-1' })
    expect(written().stdout).toMatch(/^201 Created: orders, in the group service-user/)
    expect(written().stderr).toBe('')
  })

  it('repeats under the key that it is given', async () => {
    const { call, events } = await start()

    await call(['--idempotency-key', 'earlier'])

    expect(events[0]?.headers['idempotency-key']).toBe('earlier')
  })

  it('--json is one document, also for a refusal', async () => {
    const { call, written } = await start(problem(429, { outcome: 'none' }, { 'retry-after': '3' }))

    expect(await call(['--json'])).toBe(1)

    expect(JSON.parse(written().stdout)).toEqual({
      created: false,
      status: 429,
      problem: { title: 'T', code: 'c', outcome: 'none' },
      outcome: 'none',
      repeatable: true,
      retry_after: '3',
      idempotency_key: 'key-1',
    })
  })

  it.each([400, 403, 409, 422, 429, 500, 502, 503, 504])('an answer of %i ends with 1', async (status) => {
    const { call, written } = await start(problem(status))

    expect(await call()).toBe(1)
    expect(written().stdout).toMatch(new RegExp(`^${status} T \\(c\\)\n`))
    expect(written().stdout.includes('Idempotency key: key-1')).toBe(status === 429 || status >= 500)
  })

  it('credentials that App1’s gateway does not know are refused there', async () => {
    const { call, events, written } = await start()
    const stranger = { ...credential, secretAccessKey: 'other' }

    expect(await call([], { signing: () => ({ credentials: stranger }) })).toBe(1)

    expect(written().stdout).toMatch(/^403 Forbidden\nThat was IAM, before App1: /)
    expect(events).toHaveLength(0)
  })

  it('a signature of another Region is refused', async () => {
    const { call, written } = await start()

    expect(await call(['--region', 'eu-west-1'])).toBe(1)
    expect(written().stdout).toMatch(/^403 Forbidden\nThat was IAM, before App1: /)
  })

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a 201 that is no user',
      () => Promise.resolve({ statusCode: 201, body: 'x' }),
      'App1 answered 201, and the answer could not be read.',
    ],
    [
      'a redirect',
      () => Promise.resolve({ statusCode: 307, headers: { location: 'https://example.com' } }),
      'App1 could not be reached, or the connection broke.',
    ],
    [
      'an answer without end',
      () => Promise.resolve({ statusCode: 500, body: 'x'.repeat(65_537) }),
      'App1 could not be reached, or the connection broke.',
    ],
    ['no answer', () => new Promise(() => undefined), '503 Service Unavailable'],
  ])('%s leaves it open, and says how to find out', async (_, answer, first) => {
    const { call, written } = await start(answer)

    expect(await call()).toBe(1)

    expect(written().stdout.split('\n').slice(0, 3)).toEqual([
      first,
      'It is not known whether the user was made.',
      'Idempotency key: key-1',
    ])
  })

  it('a deadline that passes is told apart from an address that nobody serves', async () => {
    const { call, written } = await start()
    const late = vi.fn<typeof fetch>().mockRejectedValue(new DOMException('late', 'TimeoutError'))

    expect(await call([], { fetch: late })).toBe(1)

    expect(written().stdout).toMatch(/^App1 did not answer in time\./)
    expect(late.mock.calls[0]?.[1]?.signal).toBeInstanceOf(AbortSignal)
  })

  it.each([
    [
      Object.assign(new Error('getaddrinfo ENOTFOUND api.example'), { code: 'ENOTFOUND' }),
      'getaddrinfo ENOTFOUND api.example',
    ],
    [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ])('a connection that breaks is told with its reason: %s', async (cause, reason) => {
    const { call, written } = await start()

    expect(await call([], { fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) })).toBe(1)

    expect(written().stdout).toContain(`App1 could not be reached, or the connection broke. (${reason})\n`)
  })

  it('without AWS credentials nothing is sent, and the SDK’s own reason is told', async () => {
    const { call, events, written } = await start()
    const reason = 'Profile ops requires multi-factor authentication, but no MFA code callback was provided.'
    const none = () => Promise.reject(Object.assign(new Error(reason), { name: 'CredentialsProviderError' }))

    expect(await call([], { signing: () => ({ credentials: none }) })).toBe(2)

    expect(written()).toEqual({
      stdout: '',
      stderr: `No AWS credentials could be had. Nothing was sent.\nCredentialsProviderError: ${reason}\n`,
    })
    expect(events).toHaveLength(0)
  })

  it.each([
    [[], 'eu-west-1', 'eu-west-1'],
    [['--region', 'us-west-2'], 'eu-west-1', 'us-west-2'],
  ])('with %j and a configuration that says %s signs for %s', async (args, configured, region) => {
    const { callWithoutRegion } = await start()
    const asked: string[] = []

    await callWithoutRegion(args, {
      configuredRegion: () => Promise.resolve(configured),
      signing: (used) => {
        asked.push(used)
        return { credentials: credential }
      },
    })

    expect(asked).toEqual([region])
  })

  it('a URL without a Region, and none configured, is wrong usage before the password is read', async () => {
    const { callWithoutRegion, stdin, written } = await start()

    expect(await callWithoutRegion([], { configuredRegion: () => Promise.resolve(undefined) })).toBe(2)
    expect(written().stderr).toBe('--region is missing: neither the URL nor the AWS configuration names one.\n')
    expect(stdin.readableLength).toBeGreaterThan(0)
  })

  it('credentials of a provider are asked for once per call', async () => {
    const { call } = await start()
    const provider = vi.fn(() => Promise.resolve(credential))

    expect(await call([], { signing: () => ({ credentials: provider }) })).toBe(0)
    expect(provider).toHaveBeenCalledTimes(1)
  })

  it('wrong usage ends with 2 before anything is read or sent', async () => {
    const { call, events, stdin, written } = await start()

    expect(await call(['--password', password])).toBe(2)

    expect(written()).toEqual({ stdout: '', stderr: 'There is no such option, or its value is missing. See --help.\n' })
    expect(stdin.readableLength).toBeGreaterThan(0)
    expect(events).toHaveLength(0)
  })

  it('an error of ours is not told as the operator’s', async () => {
    const { call } = await start()
    const broken = () => {
      throw new TypeError('broken')
    }

    await expect(call([], { signing: broken })).rejects.toThrow('broken')
  })

  it('--help tells the options', async () => {
    const { call, written } = await start()

    expect(await call(['--help'])).toBe(0)
    expect(written().stdout).toMatch(/^Usage: npm run call/)
  })

  it('what it prints holds neither password nor credentials', async () => {
    const { call, written } = await start(problem(503, { detail: 'x' }))

    await call()
    await call(['--json'])

    for (const secret of [password, credential.secretAccessKey, credential.sessionToken, credential.accessKeyId]) {
      expect(JSON.stringify(written())).not.toContain(secret)
    }
  })
})
