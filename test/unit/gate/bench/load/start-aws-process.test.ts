import { CognitoIdentityProviderClient, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { startAwsProcess } from '../../../../gate/bench/load/start-aws-process.ts'

describe('local AWS in a process of its own', () => {
  it('can be disturbed, counted and left alone, and is gone when it is closed', async () => {
    const aws = await startAwsProcess()
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const client = new CognitoIdentityProviderClient({
      endpoint: aws.url,
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
    })
    const list = (): Promise<string> =>
      client.send(new ListUserPoolsCommand({ MaxResults: 1 })).then(
        () => 'served',
        (error: unknown) => (error instanceof Error ? error.name : 'failed'),
      )

    const atFirst = await list()
    const fault = { operation: 'ListUserPools', kind: 'access_denied', when: 'before', calls: { nth: 1 } } as const
    // At a hundredth a category admits a single call.
    await aws.disturb({ faults: [fault], quotaScale: 0.01 })
    const disturbed = [await list(), await list(), await list()]
    const counts = await aws.count()
    await aws.leaveAlone()
    const afterwards = await list()
    await aws.close()
    client.destroy()

    expect(atFirst).toBe('served')
    expect(disturbed).toEqual(['AccessDeniedException', 'served', 'TooManyRequestsException'])
    expect(counts).toMatchObject({ calls: 3, failedCalls: 2, initiateAuthCalls: 0 })
    expect(counts.peakRssBytes).toBeGreaterThan(10 * 2 ** 20)
    expect(afterwards).toBe('served')
    await expect(fetch(aws.url)).rejects.toThrow('fetch failed')
  })

  it('can be closed twice', async () => {
    const aws = await startAwsProcess()

    await aws.close()

    await expect(aws.close()).resolves.toBeUndefined()
  })
})
