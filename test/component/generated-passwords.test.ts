// Generated passwords under concurrency: whoever won, the reader of the user's secret signs in with what it holds.
import { DeleteSecretCommand, GetResourcePolicyCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalAws, type LocalAws } from '../../infra/emulators/aws/server.ts'
import { createAwsClients } from '#infra/local/aws-clients.ts'
import { applyTemplates, type Provisioned } from '#infra/local/set-up/apply-templates.ts'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import { createCognitoDirectory } from '#services/app2-accounts/create-user/cognito-directory.ts'
import { createUser, type CreateUserDeps } from '#services/app2-accounts/create-user/create-user.ts'
import { createCognitoDirectory as createManagedDirectory } from '#services/app2-accounts/manage-users/cognito-directory.ts'
import { resetPassword, type ManageUsersDeps } from '#services/app2-accounts/manage-users/manage-users.ts'
import { createPasswordSecrets } from '#shared/aws/password-secrets.ts'
import { createSignInFacts } from '#shared/aws/sign-in-facts.ts'
import { toServiceError } from '#shared/errors.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { createTokenBucket } from '#shared/time/token-bucket.ts'
import { manualClock } from '../support/clock.ts'
import { farDeadline } from '../support/deadlines.ts'
import { recordingLogger } from '../support/logger.ts'
import { readDelivered, signInWith } from '../support/password-reader.ts'
import { provisioningId } from '../support/requests.ts'

const region = 'us-east-1'
const reader = 'arn:aws:iam::123456789012:role/orders-worker'
const otherReader = 'arn:aws:iam::123456789012:role/orders-batch'
const atOnce = 8
/** Of each test; more of them find what is rarer. */
const rounds = Number(process.env['CONCURRENCY_ROUNDS'] ?? 5)
/** Of each AWS call, before it is sent and after it is answered. */
const latencyMs = 12
/** How much faster than in production an attempt waits for another. */
const sleepsFasterBy = 25

const clock = manualClock()
let aws: LocalAws
let clients: Clients
let provisioned: Provisioned
let asReader: (role: string) => Clients
let createDeps: CreateUserDeps
let manageDeps: ManageUsersDeps

beforeAll(async () => {
  aws = await startLocalAws({
    region,
    now: clock.now,
    principals: new Map([reader, otherReader].map((role) => [accessKeyOf(role), role])),
  })
  const clientsOf = (name: string): Clients =>
    createAwsClients({
      endpoint: aws.url,
      region,
      environment: { AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: name },
    })
  asReader = (role) => clientsOf(accessKeyOf(role))
  clients = clientsOf('operator')
  provisioned = await applyTemplates({
    ...clients,
    region,
    templatesFolder: new URL('../../infra/templates/', import.meta.url),
    choice: { accepted: ['password'], app2Authorizer: 'lambda', passwordReaders: [reader, otherReader] },
  })
  const slow = slowed(clientsOf('functions'))
  const { userPoolId, serviceClientId: clientId, passwordSecretsPrefix: prefix } = provisioned
  const signInFacts = createSignInFacts({ cognito: slow.cognito, userPoolId, region, clientId, now: clock.now })
  const keyArn = provisioned.passwordSecretsKeyArn ?? ''
  const secrets = createPasswordSecrets({ secretsManager: slow.secrets, prefix, keyArn, signInFacts, now: clock.now })
  const shared = {
    opener: { open: () => Promise.reject(new Error('no password is given')) },
    delivery: { readers: [reader, otherReader], secrets },
    admission: createTokenBucket({ perSecond: 1_000_000, now: clock.now }),
    now: clock.now,
  }
  const directory = createCognitoDirectory({ cognito: slow.cognito, userPoolId })
  createDeps = { ...shared, directory, sleep: (ms) => sleepFor(ms / sleepsFasterBy) }
  manageDeps = {
    ...shared,
    directory: createManagedDirectory({ cognito: slow.cognito, userPoolId }),
    accessLastsMs: 0,
  }
})

afterAll(() => aws.close())

const accessKeyOf = (role: string): string => role.split('/').at(-1) ?? ''

/** So that no two attempts meet in the same order twice. */
function slowed(fast: Clients): Clients {
  const place = { step: 'finalizeRequest', priority: 'low', name: 'latency' } as const
  const slowly = async <T>(call: () => Promise<T>): Promise<T> => {
    await sleepFor(Math.random() * latencyMs)
    return call().finally(() => sleepFor(Math.random() * latencyMs))
  }
  fast.cognito.middlewareStack.add((next) => (args) => slowly(() => next(args)), place)
  fast.secrets.middlewareStack.add((next) => (args) => slowly(() => next(args)), place)
  return fast
}

const context = () => ({ deadline: farDeadline(), logger: recordingLogger(), timer: createStepTimer(clock.now) })

type Ended = { readonly secretArn: string | undefined; readonly reader: string } | { readonly code: string }

async function ended(
  deliverTo: string,
  attempt: Promise<{ readonly secret_arn?: string | undefined }>,
): Promise<Ended> {
  try {
    return { secretArn: (await attempt).secret_arn, reader: deliverTo }
  } catch (error) {
    return { code: toServiceError(error).code }
  }
}

const create = (username: string): Promise<Ended> =>
  ended(
    reader,
    createUser(
      {
        username,
        deliver_to: reader,
        human_user_id: 'alice@example.com',
        provisioning_id: provisioningId,
        requested_by: reader,
      },
      createDeps,
      context(),
    ),
  )

/** As a user is whose password was given. */
async function createWithoutSecret(username: string): Promise<void> {
  const made = await create(username)
  const SecretId = 'secretArn' in made ? made.secretArn : undefined
  await clients.secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))
}

const reset = (username: string, deliverTo = reader): Promise<Ended> =>
  ended(
    deliverTo,
    resetPassword(
      { username, deliver_to: deliverTo, reset_id: provisioningId, requested_by: reader },
      manageDeps,
      context(),
    ),
  )

const times = <T>(start: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: atOnce }, (_, index) => start(index)))

const successes = (all: readonly Ended[]) => all.filter((one) => 'secretArn' in one)

/** What `role` comes to with the secret. Rejects where it may not read it. */
async function signInsOf(secretArn: string | undefined, role = reader): Promise<string> {
  const delivered = await readDelivered(asReader(role).secrets, secretArn ?? 'none')
  if (delivered === undefined) return 'nothing delivered'
  return signInWith(clients.cognito, delivered).then(
    (token) => (token === undefined ? 'challenge' : 'tokens'),
    (error: unknown) => String(error),
  )
}

const countSecrets = async (): Promise<number> => {
  const { SecretList = [] } = await clients.secrets.send(
    new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [provisioned.passwordSecretsPrefix] }] }),
  )
  return SecretList.length
}

async function readerOf(SecretId: string): Promise<string[]> {
  const { ResourcePolicy = '{}' } = await clients.secrets.send(new GetResourcePolicyCommand({ SecretId }))
  const { Statement } = JSON.parse(ResourcePolicy) as { Statement: { Effect: string; Principal: { AWS: string } }[] }
  return Statement.filter(({ Effect }) => Effect === 'Allow').map(({ Principal }) => Principal.AWS)
}

const roundNumbers = Array.from({ length: rounds }, (_, round) => round)

describe('identical creations at once, each with a password of its own', () => {
  it('make one user with one secret, which lets its reader in, and all that succeed name that secret', async () => {
    for (const round of roundNumbers) {
      const before = await countSecrets()

      const all = await times(() => create(`created-${round}`))

      const [first] = successes(all)
      expect(new Set(successes(all).map(({ secretArn }) => secretArn)).size).toBe(1)
      expect(await signInsOf(first?.secretArn)).toBe('tokens')
      expect(await readerOf(first?.secretArn ?? '')).toEqual([reader])
      expect(await countSecrets()).toBe(before + 1)
      expect(all.filter((one) => 'code' in one && one.code !== 'upstream_unavailable')).toEqual([])
      expect(await create(`created-${round}`)).toEqual(first)
    }
  })
})

describe('resets at once, each with a password of its own', () => {
  it('leave the user with the password of its secret', async () => {
    for (const round of roundNumbers) {
      await create(`reset-${round}`)
      clock.advance(31_000)

      const all = await times(() => reset(`reset-${round}`))

      const [first] = successes(all)
      expect(all.filter((one) => 'code' in one && one.code !== 'throttled')).toEqual([])
      expect(await signInsOf(first?.secretArn)).toBe('tokens')
    }
  })

  it.each([
    ['a', create],
    ['no', createWithoutSecret],
  ])('for two readers leave a user with %s secret to the reader that the winner named', async (state, make) => {
    for (const round of roundNumbers) {
      const username = `raced-with-${state}-${round}`
      await make(username)
      clock.advance(31_000)

      const all = await times((index) => reset(username, index % 2 === 0 ? reader : otherReader))

      const [winner, ...others] = successes(all)
      expect(others).toEqual([])
      expect(all.filter((one) => 'code' in one && one.code !== 'throttled')).toEqual([])
      const { secretArn, reader: named } = winner ?? { secretArn: undefined, reader: 'none' }
      expect(await signInsOf(secretArn, named)).toBe('tokens')
      const denied = signInsOf(secretArn, named === reader ? otherReader : reader)
      await expect(denied).rejects.toMatchObject({ name: 'AccessDeniedException' })
    }
  })
})
