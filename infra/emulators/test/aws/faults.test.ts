import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, vi } from 'vitest'
import { planFaults, type Fault, type FaultyCalls } from '../../aws/faults.ts'
import { refusal, startTestAws, startTestPool, type TestPool } from './test-aws.ts'

const knownOperations = new Set(['Encrypt', 'Decrypt'])

function fault(calls: FaultyCalls, overrides: Partial<Fault> = {}): Fault {
  return { operation: 'Encrypt', kind: 'throttled', when: 'before', calls, ...overrides }
}

/** Which of ten calls go wrong. */
function failingCalls(faults: readonly Fault[]): number[] {
  const plan = planFaults({ faults, knownOperations })
  return Array.from({ length: 10 }, (_, index) => index + 1).filter(() => plan('Encrypt').before !== undefined)
}

describe('the plan of faults', () => {
  it.each<[string, FaultyCalls, number[]]>([
    ['at the nth call alone', { nth: 3 }, [3]],
    ['at the next n calls', { next: 3 }, [1, 2, 3]],
    ['never with probability 0', { probability: 0, seed: 1 }, []],
    ['always with probability 1', { probability: 1, seed: 1 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ])('fires %s', (_what, calls, failing) => {
    expect(failingCalls([fault(calls)])).toEqual(failing)
  })

  it('draws the same calls from the same seed, and others from another', () => {
    const first = failingCalls([fault({ probability: 0.5, seed: 1 })])

    expect(failingCalls([fault({ probability: 0.5, seed: 1 })])).toEqual(first)
    expect(failingCalls([fault({ probability: 0.5, seed: 2 })])).not.toEqual(first)
  })

  it('draws about as often as the probability says', () => {
    const plan = planFaults({ faults: [fault({ probability: 0.25, seed: 7 })], knownOperations })

    const fired = Array.from({ length: 2000 }, () => plan('Encrypt')).filter(({ before }) => before !== undefined)

    expect(fired.length).toBeGreaterThan(440)
    expect(fired.length).toBeLessThan(560)
  })

  it('counts the calls of its own operation only', () => {
    const plan = planFaults({ faults: [fault({ nth: 2 })], knownOperations })

    plan('Encrypt')
    const other = plan('Decrypt')
    const second = plan('Encrypt')

    expect(other).toEqual({ before: undefined, after: undefined })
    expect(second).toEqual({ before: 'throttled', after: undefined })
  })

  it('takes the first of two that fire, and keeps before and after apart', () => {
    const plan = planFaults({
      faults: [
        fault({ next: 1 }, { kind: 'timeout', when: 'after' }),
        fault({ next: 1 }, { kind: 'access_denied' }),
        fault({ next: 1 }, { kind: 'throttled' }),
      ],
      knownOperations,
    })

    expect(plan('Encrypt')).toEqual({ before: 'access_denied', after: 'timeout' })
  })

  it('refuses an operation that does not exist', () => {
    const faults = [fault({ nth: 1 }, { operation: 'Encrpyt' })]

    expect(() => planFaults({ faults, knownOperations })).toThrow('local AWS has no operation Encrpyt to fail at')
  })

  it('lets a part of a batch fail, and refuses to where there is none or it is too late', () => {
    const partial = fault({ nth: 1 }, { kind: 'partial' })
    const batchOperations = new Set(['Encrypt'])
    const plan = planFaults({ faults: [partial], knownOperations, batchOperations })

    expect(plan('Encrypt')).toEqual({ before: undefined, after: undefined, partial: true })
    expect(() => planFaults({ faults: [partial], knownOperations })).toThrow(
      new RangeError('no part of Encrypt can fail before it takes effect'),
    )
    expect(() => planFaults({ faults: [{ ...partial, when: 'after' }], knownOperations, batchOperations })).toThrow(
      new RangeError('no part of Encrypt can fail after it takes effect'),
    )
  })

  it.each([{ nth: 0 }, { nth: 1.5 }, { next: 0 }, { probability: -0.01, seed: 1 }, { probability: 1.01, seed: 1 }])(
    'refuses impossible calls %o',
    (calls) => {
      const message = `the fault at Encrypt says impossible calls: ${JSON.stringify(calls)}`

      expect(() => planFaults({ faults: [fault(calls)], knownOperations })).toThrow(new RangeError(message))
    },
  )
})

async function exists({ cognito, poolId: UserPoolId }: TestPool, Username: string): Promise<boolean> {
  return (await refusal(cognito.send(new AdminGetUserCommand({ UserPoolId, Username })))) === 'none'
}

function create({ cognito, poolId }: TestPool, username: string, abortSignal?: AbortSignal): Promise<unknown> {
  const command = new AdminCreateUserCommand({ UserPoolId: poolId, Username: username, MessageAction: 'SUPPRESS' })
  return cognito.send(command, { ...(abortSignal && { abortSignal }) })
}

describe('a fault at an operation', () => {
  it.each([
    ['throttled', { name: 'TooManyRequestsException', $metadata: { httpStatusCode: 400 } }],
    ['internal_error', { name: 'InternalErrorException', $metadata: { httpStatusCode: 500 } }],
    ['access_denied', { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } }],
    ['connection_reset', { code: 'ECONNRESET' }],
  ] as const)('%s before the effect leaves nothing, after it everything', async (kind, error) => {
    const pool = await startTestPool()
    pool.aws.setFaults([
      { operation: 'AdminCreateUser', kind, when: 'before', calls: { nth: 1 } },
      { operation: 'AdminCreateUser', kind, when: 'after', calls: { nth: 2 } },
    ])

    await expect(create(pool, 'before')).rejects.toMatchObject(error)
    await expect(create(pool, 'after')).rejects.toMatchObject(error)

    expect(await exists(pool, 'before')).toBe(false)
    expect(await exists(pool, 'after')).toBe(true)
  })

  it('timeout never answers, with the effect or without it', async () => {
    const pool = await startTestPool()
    pool.aws.setFaults([
      { operation: 'AdminCreateUser', kind: 'timeout', when: 'before', calls: { nth: 1 } },
      { operation: 'AdminCreateUser', kind: 'timeout', when: 'after', calls: { nth: 2 } },
    ])
    const giveUp = new AbortController()
    const given = Promise.allSettled(['before', 'after'].map((name) => create(pool, name, giveUp.signal)))
    await vi.waitFor(() => {
      expect(pool.aws.calls.filter(({ operation }) => operation === 'AdminCreateUser')).toHaveLength(2)
    })

    const effects = (await Promise.all([exists(pool, 'before'), exists(pool, 'after')])).sort()
    giveUp.abort()

    expect(effects).toEqual([false, true])
    expect(await given).toMatchObject([{ reason: { name: 'AbortError' } }, { reason: { name: 'AbortError' } }])
    await vi.waitFor(() => {
      const ended = pool.aws.calls.filter(({ operation }) => operation === 'AdminCreateUser')
      expect(ended.map(({ error }) => error)).toEqual(['timeout', 'timeout'])
    })
  })

  it.each([
    ['throttled', 'ThrottlingException', 'ThrottlingException'],
    ['internal_error', 'KMSInternalException', 'InternalServiceError'],
  ] as const)('%s uses the words of the service that it strikes', async (kind, ofKms, ofSecretsManager) => {
    const { aws, kms, secrets } = await startTestAws()
    aws.setFaults(
      ['CreateKey', 'CreateSecret'].map((operation) => ({ operation, kind, when: 'before', calls: { next: 1 } })),
    )

    await expect(kms.send(new CreateKeyCommand({}))).rejects.toMatchObject({ name: ofKms })
    await expect(secrets.send(new CreateSecretCommand({ Name: 'x' }))).rejects.toMatchObject({ name: ofSecretsManager })
  })

  it('is over when the faults are replaced', async () => {
    const { aws, cognito } = await startTestAws({
      faults: [{ operation: 'ListUserPools', kind: 'throttled', when: 'before', calls: { next: 100 } }],
    })
    const list = (): Promise<unknown> => cognito.send(new ListUserPoolsCommand({ MaxResults: 1 }))

    await expect(list()).rejects.toMatchObject({ name: 'TooManyRequestsException' })
    aws.setFaults([])

    await expect(list()).resolves.toMatchObject({ UserPools: [] })
  })

  it('of an unknown operation is refused, and the earlier ones stay', async () => {
    const known = { operation: 'ListUserPools', kind: 'throttled', when: 'before', calls: { nth: 1 } } as const
    const { aws, cognito } = await startTestAws({ faults: [known] })
    const list = new ListUserPoolsCommand({ MaxResults: 1 })

    expect(() => {
      aws.setFaults([{ ...known, operation: 'ListPools' }])
    }).toThrow(new RangeError('local AWS has no operation ListPools to fail at'))
    expect(await refusal(cognito.send(list))).toMatch(/^TooManyRequestsException/)
  })
})
