import { describe, expect, it } from 'vitest'
import { addClientSecret } from '#services/credential-rotation/add-client-secret.ts'
import { AwsCallError } from '#services/credential-rotation/rotation-error.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { startRotationBench, stepContext } from './rotation-bench.ts'

const named = (name: string): Error => Object.assign(new Error('canary'), { name })
const context = stepContext('next')
const current = {
  idempotencySecret: new SecretValue('i'),
  user: undefined,
  client: { clientId: 'id', clientSecret: new SecretValue('s'), clientSecretId: 'in-use' },
}

async function add(options: { readonly failures?: readonly string[]; readonly pending?: SecretValue }) {
  const { deps } = await startRotationBench()
  const { store, logger } = deps()
  const failures = [...(options.failures ?? [])]
  const removed: string[] = []
  const existing = [
    { id: 'in-use', createdAt: 1 },
    { id: 'newer', createdAt: 3 },
    { id: 'older', createdAt: 2 },
  ]
  const addition = addClientSecret(
    current,
    {
      clientId: 'id',
      requestToken: () => Promise.resolve('issued'),
      secrets: {
        list: () => Promise.resolve(existing.filter(({ id }) => !removed.includes(id))),
        add: () => {
          const failure = failures.shift()
          if (failure !== undefined) return Promise.reject(new AwsCallError('AddUserPoolClientSecret', named(failure)))
          return Promise.resolve({ id: 'added', value: new SecretValue('new') })
        },
        remove: (id) => Promise.resolve(void removed.push(id)),
      },
    },
    { store: { ...store, read: () => Promise.resolve(options.pending) }, logger },
    context,
  )
  return { addition, removed }
}

describe('a new client secret', () => {
  it('takes the place of the oldest one that is not in use', async () => {
    const { addition, removed } = await add({})

    expect(await addition).toMatchObject({ kind: 'added', credentials: { clientId: 'id', clientSecretId: 'added' } })
    expect(removed).toEqual(['older'])
  })

  it('that finds the client full after all has room made once more, and no third time', async () => {
    const once = await add({ failures: ['LimitExceededException'] })
    const twice = await add({ failures: ['LimitExceededException', 'LimitExceededException'] })

    expect(await once.addition).toMatchObject({ kind: 'added' })
    expect(once.removed).toEqual(['older', 'newer'])
    await expect(twice.addition).rejects.toMatchObject({ errorName: 'LimitExceededException' })
  })

  it('that fails otherwise is not asked for again', async () => {
    const { addition, removed } = await add({ failures: ['TooManyRequestsException'] })

    await expect(addition).rejects.toMatchObject({ errorName: 'TooManyRequestsException' })
    expect(removed).toEqual(['older'])
  })

  it('is not added, and nothing removed, where another invocation has stored one meanwhile', async () => {
    const { addition, removed } = await add({ pending: new SecretValue('{}') })

    expect(await addition).toEqual({ kind: 'repeated' })
    expect(removed).toEqual([])
  })
})
