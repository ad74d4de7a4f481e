import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, type CommandDeps } from '#infra/cli/bulk/command.ts'
import { errorTable } from '#shared/errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { testStreams } from '../streams.ts'
import { credential, json, startFakeJobs, type FakeOptions } from './fake-jobs.ts'

let folder = ''
const running: { close(): Promise<void> }[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulk-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((app1) => app1.close()))
  await rm(folder, { recursive: true })
})

const password = 'Canary-Pass-Word-1'
const head = 'username,human_user_id,password\n'
/** Whose person has what has to be quoted. */
const csv = (names: readonly string[], given = password): string =>
  head + names.map((name) => `${name},"o'neill,""x""",${given}\n`).join('')
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `orders-${index}`)
type SetUp = FakeOptions & { readonly text?: string; readonly isTTY?: boolean }

async function setUp({ text = csv(names(3)), isTTY = false, ...options }: SetUp = {}) {
  const app1 = await startFakeJobs(options)
  running.push(app1)
  const path = join(folder, 'users.csv')
  await writeFile(path, text)
  let [keys, now] = [0, 0]
  const slept: number[] = []
  const bulk = async (args: readonly string[] = [path], deps: Partial<CommandDeps> = {}) => {
    const streams = testStreams()
    if (isTTY) Object.assign(streams.stderr, { isTTY })
    const code = await runCommand([...args, '--url', app1.url], {
      ...streams,
      client: {
        fetch,
        now: Date.now,
        random: () => 1,
        sleep: () => Promise.resolve(),
        newIdempotencyKey: () => `key-${++keys}`,
      },
      sleep: (ms) => Promise.resolve(slept.push(ms)),
      monotonicNow: () => (now += 1_000),
      configuredRegion: () => Promise.resolve('us-east-1'),
      credentials: () => credential,
      ...deps,
    })
    // What is written to a stream is read a turn later.
    await new Promise((resolve) => setImmediate(resolve))
    return { code, ...streams.written() }
  }
  const failedFile = () => readFile(join(folder, 'failed.csv'), 'utf8')
  return { ...app1, bulk, path, slept, failedFile }
}

const job = (index: number): string => String(index).padStart(22, 'j')

describe('npm run bulk', () => {
  it('sends the rows in the name of the human whose token it has, whom the file need not name', async () => {
    const { bulk, jobs, path } = await setUp({ text: `username,password\norders,${password}\n` })

    const { code, stdout, stderr } = await bulk([path], { humanToken: new SecretValue('human-canary') })

    expect(code).toBe(0)
    expect(jobs).toMatchObject([{ human: 'human-canary', rows: [{ username: 'orders', password }] }])
    expect(jobs[0]?.rows[0]).not.toHaveProperty('human_user_id')
    expect(stdout + stderr).not.toContain('human-canary')
  })

  it('that has a token, and loses an answer, says that going on takes one of the same human', async () => {
    const { bulk, path } = await setUp({ instead: () => json(503, { code: 'upstream_unavailable', detail: 'D.' }) })

    const { stdout } = await bulk([path], { humanToken: new SecretValue('human-canary') })

    expect(stdout).toContain(
      'This goes on, and creates nobody twice, with a good token of the same human in LATCHKEY_HUMAN_TOKEN:\n',
    )
  })

  it('sends the rows as one job, watches it to its end, and says that all are there', async () => {
    const { bulk, jobs, seen, slept } = await setUp({ asksToFinish: 3 })

    expect(await bulk()).toEqual({
      code: 0,
      stdout: `job ${job(0)}: 3 done, 0 failed, 0 cancelled\nAll 3 users are there.\n`,
      stderr: '',
    })
    expect(jobs.map(({ key, rows }) => [key, rows])).toEqual([
      ['key-1', names(3).map((username) => ({ username, human_user_id: 'o\'neill,"x"', password }))],
    ])
    expect(seen).toEqual(['createJob', 'getJob', 'getJob', 'getJob'])
    expect(slept).toEqual([3_000, 3_000])
  })

  it('writes the rows that failed, with the file’s columns but the password, and why', async () => {
    const failing = { 'orders-0': 'user_exists', 'orders-2': 'weak_password', 'orders-4': 'of_tomorrow' }
    const { bulk, failedFile, jobs } = await setUp({ text: csv(names(5)), failing })

    const { code, stdout } = await bulk()

    expect(code).toBe(1)
    expect(stdout).toContain('2 of 5 users are there. The others are in ')
    expect(await failedFile()).toBe(
      [
        'username,human_user_id,code,reason',
        `orders-0,"o'neill,""x""",user_exists,${errorTable.user_exists.detail}`,
        `orders-2,"o'neill,""x""",weak_password,${errorTable.weak_password.detail}`,
        `orders-4,"o'neill,""x""",of_tomorrow,`,
        '',
      ].join('\r\n'),
    )

    // It is a file to send again, with passwords that App2 makes.
    const reader = 'arn:aws:iam::123456789012:role/reader'
    await bulk([join(folder, 'failed.csv'), '--generate-for', reader, '--failed', join(folder, 'again.csv')])
    expect(jobs[1]?.rows.map((row) => row.password)).toEqual(Array(3).fill({ generate: { deliver_to: reader } }))
  })

  it('divides 10,001 rows into two jobs under keys of their own', async () => {
    const { bulk, jobs } = await setUp({ text: csv(names(10_001)) })

    expect(await bulk()).toMatchObject({ code: 0, stdout: expect.stringContaining('All 10,001 users') as string })

    expect(jobs.map(({ key, rows }) => [key, rows.length, rows[0]?.username])).toEqual([
      ['key-1', 10_000, 'orders-0'],
      ['key-2', 1, 'orders-10000'],
    ])
  })

  it('stopped between two jobs goes on with the same command, and creates nobody twice', async () => {
    const text = csv(names(10_001))
    const lost = (operation: string, nth: number) =>
      operation === 'createJob' && nth > 1 && nth < 6 ? json(503, { code: 'upstream_unavailable' }) : undefined
    const { bulk, jobs, path } = await setUp({ text, instead: lost })

    const first = await bulk()
    const second = await bulk()

    expect(first.code).toBe(3)
    expect(first.stdout).toContain('Jobs that were sent go on by themselves.')
    expect(first.stdout).toContain(`  npm run bulk -- ${path} --url http://127.0.0.1:`)
    expect(first.stdout).toContain(`--job ${job(0)} --url`)
    expect(second.code).toBe(0)
    expect(jobs.map(({ key, rows }) => [key, rows.length])).toEqual([
      ['key-1', 10_000],
      ['key-2', 1],
    ])
  })

  it('stopped by Ctrl-C says how to go on, and --job watches the job to its end', async () => {
    const { bulk, path, failedFile } = await setUp({ failing: { 'orders-1': 'user_exists' }, asksToFinish: 2 })
    const { promise: interrupted, resolve: stop } = Promise.withResolvers<undefined>()
    const sleep = () => {
      stop(undefined)
      return new Promise<never>(() => undefined)
    }

    const stopped = await bulk([path], { interrupted, sleep })
    const watched = await bulk(['--job', job(0), '--failed', join(folder, 'failed.csv')])

    expect(stopped.code).toBe(3)
    expect(stopped.stdout).toMatch(
      /^Stopped\.\nJobs that were sent go on by themselves\.\nThis goes on, and creates nobody twice:\n/,
    )
    expect(stopped.stdout).toContain(`  npm run bulk -- --job ${job(0)} --url `)
    expect(watched.code).toBe(1)
    expect(await failedFile()).toBe(`username,code,reason\r\norders-1,user_exists,${errorTable.user_exists.detail}\r\n`)
  })

  it('stopped before anything was sent says so', async () => {
    const { bulk, path, seen } = await setUp()

    expect(await bulk([path], { interrupted: Promise.resolve() })).toEqual({
      code: 1,
      stdout: 'Stopped. Nothing was sent.\n',
      stderr: '',
    })
    expect(seen).toEqual([])
  })

  it('sent again with other passwords is the same job, which App1 knows better', async () => {
    const { bulk, path, jobs } = await setUp()

    await bulk()
    await writeFile(path, csv(names(3), 'Canary-Pass-Word-2'))
    await bulk()

    expect(jobs.map(({ key }) => key)).toEqual(['key-1'])
  })

  it.each([
    ['of other users', async (path: string) => writeFile(path, csv(names(4)))],
    ['of no use any more', async (path: string) => writeFile(`${path}.bulk.json`, '{')],
  ])('loses no keys that are %s: it is refused until they are deleted', async (_, change) => {
    const { bulk, path, jobs } = await setUp()
    await bulk()
    await change(path)
    const kept = await readFile(`${path}.bulk.json`, 'utf8')

    expect(await bulk()).toMatchObject({ code: 2, stderr: expect.stringContaining('Delete it to send') as string })
    expect(await bulk([path, '--dry-run'])).toMatchObject({ code: 0 })
    expect([jobs.length, await readFile(`${path}.bulk.json`, 'utf8')]).toEqual([1, kept])

    await rm(`${path}.bulk.json`)
    expect(await bulk()).toMatchObject({ code: 0 })
    expect(jobs).toHaveLength(2)
  })

  it('sends nothing where the rows that fail could not be written', async () => {
    const { bulk, path, seen } = await setUp()

    expect(await bulk([path, '--failed', join(folder, 'nowhere', 'failed.csv')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('See --failed. Nothing was sent.') as string,
    })
    expect(seen).toEqual([])
  })

  it('with passwords that App2 makes says where they are', async () => {
    const { bulk, path } = await setUp({ text: 'username,human_user_id\norders-0,alice\n' })

    const { code, stdout } = await bulk([path, '--generate-for', 'arn:aws:iam::123456789012:role/reader'])

    expect([code, stdout]).toEqual([0, expect.stringContaining('GET /jobs/ID/rows?state=done, as secret_arn')])
  })

  it('of a job that App1 does not have does not go on', async () => {
    const { bulk } = await setUp()

    const { code, stdout } = await bulk(['--job', job(7), '--failed', join(folder, 'failed.csv')])

    expect([code, stdout]).toEqual([1, expect.stringMatching(/^404 job_not_found: D\.\n$/)])
  })

  it('keeps beside the file the keys alone, and nothing that a password can be guessed by', async () => {
    const { bulk, path } = await setUp()
    await bulk()
    const before = await readFile(`${path}.bulk.json`, 'utf8')

    await writeFile(path, csv(names(3), 'Canary-Pass-Word-2'))
    await bulk()

    expect(JSON.parse(before)).toMatchObject({ version: 1, jobs: [{ key: 'key-1' }] })
    expect(await readFile(`${path}.bulk.json`, 'utf8')).toBe(before)
    expect((await readdir(folder)).toSorted()).toEqual(['users.csv', 'users.csv.bulk.json'])
  })

  it.each<[string, object, number, string]>([
    ['idempotency_key_reused', { status: 422 }, 1, 'another password than when its jobs were sent'],
    ['forbidden', { status: 403 }, 1, 'Nothing was done.'],
    ['internal_error', { status: 500, outcome: 'unknown' }, 3, 'This goes on, and creates nobody twice:'],
    ['throttled', { status: 429, outcome: 'none' }, 1, 'Nothing was done.'],
  ])('refused with %s %j ends with %i', async (code, { status, ...rest }: { status?: number }, exit, words) => {
    const { bulk } = await setUp({ instead: () => json(status ?? 0, { code, detail: 'D.', ...rest }) })

    const { code: ended, stdout } = await bulk()

    expect(ended).toBe(exit)
    expect(stdout).toContain(`${status ?? ''} ${code}: D.\n`)
    expect(stdout).toContain(words)
  })

  it('rows that App1 refuses are told by their lines', async () => {
    const errors = [
      { pointer: '/rows/0/username', detail: 'is bad' },
      { pointer: '/rows/2/password', detail: 'is bad\u001b' },
    ]
    const { bulk } = await setUp({ instead: () => json(422, { code: 'invalid_rows', detail: 'D.', errors }) })

    expect(await bulk()).toMatchObject({
      code: 1,
      stdout: 'line 2: username is bad\nline 4: password is bad\\u001b\nNothing was done.\n',
    })
  })

  it('an App1 without jobs is told as one', async () => {
    const { bulk } = await setUp({ instead: () => json(404, { message: 'Not Found' }) })

    expect((await bulk()).stdout).toContain('App1 has no jobs there: it is deployed with jobs=on')
  })

  it('a file that cannot be sent is told by its lines, a hundred of them, and nothing is sent', async () => {
    const { bulk, seen } = await setUp({
      text:
        head +
        names(102)
          .map((name) => `${name},alice\n`)
          .join(''),
    })

    const { code, stdout } = await bulk()

    expect(code).toBe(2)
    expect(stdout.split('\n')).toHaveLength(103)
    expect(stdout).toMatch(/^line 2: has 2 field.*\nand 2 more\nNothing was sent\.\n$/s)
    expect(seen).toEqual([])
  })

  it('shows a person how far it is, how fast, and how long it takes', async () => {
    const { bulk } = await setUp({ asksToFinish: 2, isTTY: true })

    const { stderr } = await bulk()

    expect(stderr).toBe(
      '\r\u001b[KSending [--------------------] 0 of 3' +
        '\r\u001b[KCreating [--------------------] 0 of 3, 15 a second, 1 s left\r\u001b[K',
    )
  })
})

describe('npm run bulk -- --dry-run', () => {
  it('asks for a thousand rows at a time, creates nobody, keeps nothing, and tells who would be refused', async () => {
    const failing = { 'orders-1000': 'user_exists' }
    const { bulk, path, dry, jobs } = await setUp({ text: csv(names(1_001)), failing })

    expect(await bulk([path, '--dry-run'])).toEqual({
      code: 1,
      stdout:
        'line 1002: orders-1000 user_exists\n' +
        'Of 1,001 users, 1,000 would be created, 0 are there by an earlier run, and 1 would be refused. Nothing was done.\n',
      stderr: '',
    })
    expect(dry.map(({ rows }) => rows)).toEqual([1_000, 1])
    expect(jobs).toEqual([])
    expect(await readdir(folder)).toEqual(['users.csv'])
  })

  it('of what is one job is under the key of the job', async () => {
    const { bulk, path, dry } = await setUp()

    await bulk()
    expect(await bulk([path, '--dry-run'])).toMatchObject({ code: 0 })

    expect(dry).toEqual([{ key: 'key-1', rows: 3 }])
  })

  it('that App1 takes for the job itself is no forecast', async () => {
    const { bulk, path } = await setUp({ instead: () => json(202, { job_id: job(0), status_url: '/' }) })

    expect(await bulk([path, '--dry-run'])).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('202 unreadable_answer: The answer is that of another request.') as string,
    })
  })
})

describe('as JSON', () => {
  it.each<[string, SetUp, readonly string[], object]>([
    [
      'all are there',
      {},
      [],
      { ok: true, jobs: [{ job_id: job(0), state: 'finished', rows: { done: 3 } }], failed: [] },
    ],
    [
      'some are not',
      { failing: { 'orders-1': 'user_exists' } },
      [],
      { ok: false, failed: [{ line: 3, username: 'orders-1', code: 'user_exists' }] },
    ],
    ['a dry run', {}, ['--dry-run'], { ok: true, rows: [{ line: 2, would: 'create' }, {}, {}] }],
    ['a file', { text: 'x' }, [], { ok: false, code: 'invalid_file', problems: [{ line: 1 }] }],
    [
      'a refusal',
      { instead: () => json(403, { code: 'forbidden', detail: 'D.' }) },
      [],
      { ok: false, code: 'forbidden', status: 403, outcome: 'none', jobs: [] },
    ],
  ])('%s is one document', async (_, options, args, document) => {
    const { bulk, path } = await setUp(options)

    expect(JSON.parse((await bulk([path, '--json', ...args])).stdout)).toMatchObject(document)
  })
})

describe('without a request', () => {
  it.each<[string, readonly string[], Partial<CommandDeps>, string]>([
    ['no file', [], {}, 'The command takes one CSV file, or jobs by --job.\n'],
    ['no Region', ['u.csv'], { configuredRegion: () => Promise.resolve(undefined) }, '--region is missing: '],
  ])('%s is wrong usage', async (_, args, deps, words) => {
    const { bulk, seen } = await setUp()

    expect(await bulk(args, deps)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) as string })
    expect(seen).toEqual([])
  })

  it('no credentials end the command before anything is sent', async () => {
    const { bulk, path, seen } = await setUp()
    const credentials = () => () =>
      Promise.reject(Object.assign(new Error('None.'), { name: 'CredentialsProviderError' }))

    expect(await bulk([path], { credentials })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'No AWS credentials could be had. Nothing was sent.\nCredentialsProviderError: None.\n',
    })
    expect(seen).toEqual([])
  })

  it('its usage is told, and an error of ours is not told as the operator’s', async () => {
    const { bulk } = await setUp()
    const broken = () => {
      throw new TypeError('broken')
    }

    expect(await bulk(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: npm run bulk/) as string,
    })
    await expect(bulk(['u.csv'], { credentials: broken })).rejects.toThrow('broken')
  })
})

it.each([[[]], [['--json']], [['--dry-run']]])('no output with %j holds a password or a credential', async (args) => {
  const outputs: object[] = []
  for (const options of [
    { isTTY: true },
    { failing: { 'orders-0': 'weak_password' } },
    { instead: () => json(500, { code: 'internal_error', detail: 'D.' }) },
    { text: csv(names(2), `${password} `) },
    { text: `${head}a,alice,"${password}` },
  ] satisfies SetUp[]) {
    const { bulk, path } = await setUp(options)
    outputs.push(await bulk([path, ...args]))
  }
  const kept = await Promise.all(
    (await readdir(folder)).filter((name) => name !== 'users.csv').map((name) => readFile(join(folder, name), 'utf8')),
  )

  for (const secret of [password, credential.secretAccessKey, credential.sessionToken, credential.accessKeyId]) {
    expect(JSON.stringify([outputs, kept])).not.toContain(secret)
  }
})
