import { devNull } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { inProcess, inWorker, LambdaFunctionError } from '../../gateway/lambda-function.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const failure = (errorType: string, message: unknown): unknown =>
  expect.objectContaining({ name: 'LambdaFunctionError', errorType, message })

describe('inProcess', () => {
  const options = { name: 'sample', timeoutMs: 1000 }

  it('a handler gets a copy of the event and its caller a copy of the result, and null for nothing', async () => {
    const handler = vi.fn((event: unknown) => (event === null ? undefined : { when: new Date(0) }))
    const call = inProcess(handler, options)

    const answers = [await call({ kept: 1, dropped: undefined, date: new Date(0) }), await call(undefined)]

    expect(handler.mock.calls.map(([event]) => event)).toStrictEqual([
      { kept: 1, date: '1970-01-01T00:00:00.000Z' },
      null,
    ])
    expect(answers).toStrictEqual([{ when: '1970-01-01T00:00:00.000Z' }, null])
  })

  it('the context names the function and the call, and counts down by the clock', async () => {
    const clock = { time: 5000 }
    const handler = (_: unknown, context: { awsRequestId: string; getRemainingTimeInMillis(): number }) => {
      const before = context.getRemainingTimeInMillis()
      clock.time += 400
      const after = context.getRemainingTimeInMillis()
      clock.time += 4000
      return { ...context, remaining: [before, after, context.getRemainingTimeInMillis()] }
    }

    const answer = await inProcess(handler, { ...options, now: () => clock.time })({})

    expect(answer).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionName: 'sample',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sample',
      memoryLimitInMB: '512',
      awsRequestId: expect.stringMatching(uuid) as unknown,
      logGroupName: '/aws/lambda/sample',
      logStreamName: 'local/[$LATEST]',
      remaining: [1000, 600, 0],
    })
  })

  it.each([
    [new RangeError('too far'), 'RangeError', 'too far'],
    [new Error('Unauthorized'), 'Error', 'Unauthorized'],
    ['just text', 'string', 'just text'],
  ])('a throw of %s crosses as type and message', async (thrown, errorType, message) => {
    const throwing = inProcess(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a careless handler does
      throw thrown
    }, options)
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- likewise
    const rejecting = inProcess(() => Promise.reject(thrown), options)

    for (const call of [throwing, rejecting]) await expect(call({})).rejects.toEqual(failure(errorType, message))
  })

  it('a result that JSON cannot hold is a failure of the function', async () => {
    const call = inProcess(() => ({ big: 1n }), options)

    await expect(call({})).rejects.toEqual(failure('TypeError', expect.stringContaining('BigInt')))
  })

  it('a call that takes too long fails as Lambda words it', async () => {
    const call = inProcess(() => sleep(10_000, null, { ref: false }), { ...options, timeoutMs: 20 })
    const words = expect.stringMatching(/^RequestId: [\w-]+ Error: Task timed out after 0\.02 seconds$/) as unknown

    await expect(call({})).rejects.toEqual(failure('Sandbox.Timedout', words))
  })
})

describe('inWorker', () => {
  const exited = failure('Runtime.ExitError', 'the runtime exited before the call was answered')

  function start(fixture: string, overrides: { timeoutMs?: number; environment?: Record<string, string> } = {}) {
    const lines: string[] = []
    const lambda = inWorker({
      name: 'probe',
      handlerModule: new URL(`./fixtures/${fixture}.ts`, import.meta.url),
      environment: {},
      timeoutMs: 10_000,
      onOutput: (line) => lines.push(line),
      ...overrides,
    })
    onTestFinished(() => lambda.close())
    return { invoke: lambda.invoke, close: () => lambda.close(), lines }
  }

  it('the handler sees the variables that it is given and none of this process', async () => {
    const { invoke } = start('probe-handler', { environment: { TABLE: 'users' } })

    const environment = await invoke({ do: 'environment' })

    // `ignore_configured_endpoint_urls` in somebody's own file would lead the SDK past AWS_ENDPOINT_URL, to AWS itself.
    const withoutFiles = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull }
    expect(environment).toEqual({ TABLE: 'users', ...withoutFiles })
    expect(process.env['PATH']).toBeDefined()
  })

  it('events and results cross as JSON, and the context names the function and counts down', async () => {
    const { invoke } = start('probe-handler')

    const answer = await invoke({ do: 'echo', when: new Date(0), gone: undefined })
    const context = (await invoke({ do: 'context' })) as { remainingMs: number }

    expect(answer).toStrictEqual({ do: 'echo', when: '1970-01-01T00:00:00.000Z' })
    expect(context).toMatchObject({ name: 'probe', id: expect.stringMatching(uuid) as unknown })
    expect(context.remainingMs).toBeGreaterThan(0)
    expect(context.remainingMs).toBeLessThanOrEqual(10_000)
  })

  it('calls run side by side in one thread', async () => {
    const { invoke } = start('probe-handler')

    const slow = invoke({ do: 'sleep', ms: 100 })
    const quick = await invoke({ do: 'count' })

    expect(quick).toBe(2)
    expect(await slow).toBe(2)
  })

  it('a thrown Unauthorized arrives as exactly this message', async () => {
    const { invoke, lines } = start('probe-handler')

    await expect(invoke({ do: 'unauthorized' })).rejects.toEqual(failure('Error', 'Unauthorized'))
    await vi.waitFor(() => {
      expect(lines).toEqual([
        expect.stringMatching(/^ERROR [\w-]+ {"errorType":"Error","errorMessage":"Unauthorized"}$/),
      ])
    })
  })

  it('what the handler prints is handed over line by line', async () => {
    const { invoke, lines } = start('probe-handler')

    await invoke({ do: 'print' })

    await vi.waitFor(() => {
      expect(lines.toSorted()).toEqual(['to stderr', 'to stdout'])
    })
  })

  it('a module that cannot be loaded fails each call with the reason', async () => {
    const { invoke } = start('broken-handler')

    const call = invoke({})

    await expect(call).rejects.toEqual(failure('TypeError', 'Configuration refused: TABLE is missing'))
  })

  it('loading the module takes nothing of the time of a call', async () => {
    const { invoke } = start('slow-handler', { timeoutMs: 200 })

    expect(await invoke({})).toBe('loaded')
  })

  it('a function that is closed while it loads fails the calls that wait for it', async () => {
    const { invoke, close } = start('slow-handler')
    const waiting = expect(invoke({})).rejects.toEqual(exited)

    await close()

    await waiting
  })

  it('a handler that ends its thread fails the calls under way, and the next call gets a new thread', async () => {
    const { invoke } = start('probe-handler')
    await invoke({ do: 'count' })
    const other = expect(invoke({ do: 'sleep', ms: 5000 })).rejects.toEqual(exited)

    await expect(invoke({ do: 'exit' })).rejects.toEqual(exited)
    await other

    expect(await invoke({ do: 'count' })).toBe(1)
  })

  it('an error that nobody catches ends the thread and is printed', async () => {
    const { invoke, lines } = start('probe-handler')

    await expect(invoke({ do: 'reject later' })).rejects.toEqual(exited)

    expect(lines).toContain('Uncaught RangeError: nobody caught this')
    expect(await invoke({ do: 'count' })).toBe(1)
  })

  it('a handler that never yields fails by its time limit, and the next call gets a new thread', async () => {
    const { invoke } = start('probe-handler', { timeoutMs: 1500 })
    await invoke({ do: 'count' })

    await expect(invoke({ do: 'spin' })).rejects.toEqual(
      failure('Sandbox.Timedout', expect.stringContaining('Task timed out after 1.50 seconds')),
    )

    expect(await invoke({ do: 'count' })).toBe(1)
  })

  it('a time-out leaves the other calls of the thread their own time', async () => {
    const { invoke } = start('probe-handler', { timeoutMs: 1600 })
    await invoke({ do: 'count' })
    const late = expect(invoke({ do: 'sleep', ms: 5000 })).rejects.toEqual(
      failure('Sandbox.Timedout', expect.stringContaining('timed out')),
    )
    await sleep(800)
    const inTime = invoke({ do: 'sleep', ms: 1100 })

    await late

    expect(await inTime).toBe(3)
  })

  it('after close calls are refused, and those under way fail', async () => {
    const { invoke, close } = start('probe-handler')
    await invoke({ do: 'count' })
    const underWay = expect(invoke({ do: 'sleep', ms: 5000 })).rejects.toEqual(exited)

    await close()

    await underWay
    await expect(invoke({ do: 'count' })).rejects.toEqual(failure('Closed', 'probe is closed'))
    await expect(invoke({ do: 'count' })).rejects.toBeInstanceOf(LambdaFunctionError)
  })
})
