import { expect, it } from 'vitest'
import { AwsCallError } from '#infra/cli/drift/aws-call.ts'
import type { PoolUser } from '#infra/cli/drift/drift.ts'
import { repair, repairSecret, type SecretCandidate } from '#infra/cli/drift/repair.ts'
import type { PasswordVersions } from '#infra/cli/drift/user-secrets.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { collect, hour, provisioningIdOf } from './drift-pool.ts'

const user: PoolUser = {
  username: 'orders-worker',
  sub: 'sub-1',
  status: 'CONFIRMED',
  enabled: true,
  createdAt: 0,
  modifiedAt: 0,
  provisioningId: provisioningIdOf(1),
}
const versions: PasswordVersions = { current: { id: 'b', createdAt: hour }, previous: { id: 'a', createdAt: 0 } }
const changed = new AwsCallError('UpdateSecretVersionStage', 'InvalidParameterException')

type Now = { readonly user?: PoolUser; readonly versions?: PasswordVersions; readonly moveFails?: boolean }

/** What becomes of the secret as it is now, and the calls that would change something. */
async function repaired(problem: SecretCandidate['problem'], now: Now): Promise<object> {
  const changes: string[] = []
  const deps = {
    pool: { read: () => Promise.resolve(now.user) },
    secrets: {
      versions: () => Promise.resolve(now.versions),
      moveBack: () => {
        changes.push('moveBack')
        return now.moveFails ? Promise.reject(changed) : Promise.resolve()
      },
      scheduleDeletion: () => {
        changes.push('scheduleDeletion')
        return Promise.resolve(true)
      },
    },
    now: () => 24 * hour,
  }
  const candidates = [{ sub: 'sub-1', problem }]
  const [{ outcome } = expect.fail()] = await collect(
    repair(candidates, (candidate) => repairSecret(candidate, deps), { logger: recordingLogger() }),
  )
  return { outcome, changes }
}

it('a secret whose user is there after all is left alone', async () => {
  expect(await repaired('without_user', { user })).toEqual({
    outcome: { kind: 'left_alone', reason: 'user_exists' },
    changes: [],
  })
})

it('a secret that is gone by now needs no moving back', async () => {
  expect(await repaired('password_not_set', { user })).toEqual({ outcome: { kind: 'gone' }, changes: [] })
})

it('a secret that is written to between the last look and the move is reported as failed', async () => {
  expect(await repaired('password_not_set', { user, versions, moveFails: true })).toEqual({
    outcome: { kind: 'failed', operation: 'UpdateSecretVersionStage', reason: 'InvalidParameterException' },
    changes: ['moveBack'],
  })
})
