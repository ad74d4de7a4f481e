import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startRuntimeApi, type RuntimeApi } from '../../../gate/artifacts/runtime-api.ts'

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:some-function'

let api: RuntimeApi

beforeEach(async () => {
  api = await startRuntimeApi({ functionArn, timeoutMs: 5000, now: () => 1_700_000_000_000 })
})

afterEach(() => api.close())

const at = (path: string): string => `http://${api.address}/2018-06-01/runtime/${path}`

async function next(): Promise<{ requestId: string; headers: Headers; event: unknown }> {
  const response = await fetch(at('invocation/next'))
  const requestId = response.headers.get('lambda-runtime-aws-request-id') ?? ''
  return { requestId, headers: response.headers, event: await response.json() }
}

const send = (path: string, body: unknown): Promise<Response> =>
  fetch(at(path), { method: 'POST', body: JSON.stringify(body) })

describe('startRuntimeApi', () => {
  it('hands out an event with its deadline and its function, and gives the caller what the runtime answers', async () => {
    const result = api.invoke({ greeting: 'hello' })

    const { requestId, headers, event } = await next()
    const answer = await send(`invocation/${requestId}/response`, { done: true })

    expect(event).toEqual({ greeting: 'hello' })
    expect(headers.get('lambda-runtime-deadline-ms')).toBe('1700000005000')
    expect(headers.get('lambda-runtime-invoked-function-arn')).toBe(functionArn)
    expect(answer.status).toBe(202)
    await expect(result).resolves.toEqual({ done: true })
  })

  it('keeps a runtime that asks before there is an event waiting for it', async () => {
    const asked = next()
    await api.ready
    const result = api.invoke('late')

    const { requestId, event } = await asked
    await send(`invocation/${requestId}/response`, null)

    expect(event).toBe('late')
    await expect(result).resolves.toBeNull()
  })

  it('keeps a second call until the runtime asks again', async () => {
    const results = [api.invoke('first'), api.invoke('second')]

    for (let turn = 0; turn < 2; turn += 1) {
      const { requestId, event } = await next()
      await send(`invocation/${requestId}/response`, `${String(event)} done`)
    }

    await expect(Promise.all(results)).resolves.toEqual(['first done', 'second done'])
  })

  it('rejects a call with the error that the runtime reports for it', async () => {
    const rejected = expect(api.invoke({})).rejects.toMatchObject({ errorType: 'SomeError', message: 'no' })

    const { requestId } = await next()
    await send(`invocation/${requestId}/error`, { errorType: 'SomeError', errorMessage: 'no', trace: [] })

    await rejected
  })

  it('fails every call, those to come as well, once the runtime has reported a failed initialisation', async () => {
    const expected = { errorType: 'ConfigurationError', message: 'X is missing' }
    const rejected = expect(api.invoke({})).rejects.toMatchObject(expected)

    await send('init/error', { errorType: 'ConfigurationError', errorMessage: 'X is missing' })

    await rejected
    await expect(api.ready).rejects.toMatchObject(expected)
    await expect(api.invoke({})).rejects.toMatchObject(expected)
  })

  it('fails a call that was handed out when the runtime is gone, with the first error that there was', async () => {
    const rejected = expect(api.invoke({})).rejects.toMatchObject({ errorType: 'Runtime.ExitError' })
    await next()

    api.fail({ errorType: 'Runtime.ExitError', errorMessage: 'gone' })
    api.fail({ errorType: 'Other', errorMessage: 'later' })

    await rejected
    await expect(api.invoke({})).rejects.toMatchObject({ errorType: 'Runtime.ExitError' })
  })

  it.each(['invocation/00000000-0000-0000-0000-000000000000/response', 'init/other', 'restore/error'])(
    'answers 404 to POST %s',
    async (path) => {
      const { status } = await send(path, {})

      expect(status).toBe(404)
    },
  )
})
