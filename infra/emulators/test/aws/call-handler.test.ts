import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCallHandler } from '../../aws/call-handler.ts'
import { createCallLog, type Call } from '../../aws/call-log.ts'
import type { Service } from '../../aws/operation.ts'
import { createPrincipals } from '../../aws/principal.ts'

/** A server with one operation, `Test.Break`, that throws what it is given. */
async function serveBroken(thrown: unknown): Promise<{ url: string; calls: readonly Call[] }> {
  const reason = thrown as Error
  const service: Service = {
    targetPrefix: 'Test',
    errorNames: { throttled: 'Throttled', internal: 'TestInternalError' },
    operations: {
      Break: {
        access: 'unsigned',
        run: () => Promise.reject(reason),
      },
    },
  }
  const log = createCallLog(() => 0)
  const handle = createCallHandler({
    services: [service],
    log,
    latencyMs: 0,
    admits: () => true,
    planCall: () => ({ before: undefined, after: undefined }),
    principalOf: createPrincipals({ accountId: '123456789012', roles: new Map() }),
  })
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: log.calls }
}

describe('a defect of local AWS itself', () => {
  it.each([[new TypeError('of <canary>')], ['<canary>']])(
    'is answered as an internal error and reported without its message (%s)',
    async (thrown) => {
      const reported = vi.spyOn(console, 'error').mockReturnValue(undefined)
      const { url, calls } = await serveBroken(thrown)
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Test.Break' }

      const response = await fetch(url, { method: 'POST', headers })

      expect(response.status).toBe(500)
      expect(await response.json()).toEqual({ __type: 'TestInternalError', message: 'An internal error occurred.' })
      expect(calls).toMatchObject([{ operation: 'Break', error: 'TestInternalError' }])
      expect(reported).toHaveBeenCalledOnce()
      expect(reported.mock.lastCall?.[0]).toMatch(/^local AWS: Break failed unexpectedly/)
      expect(reported.mock.lastCall?.[0]).not.toContain('canary')
    },
  )
})
