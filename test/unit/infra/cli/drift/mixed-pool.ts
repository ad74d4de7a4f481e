// One user of every kind that the drift report tells apart, and what it should say of each.
import { AdminDisableUserCommand, AdminRemoveUserFromGroupCommand } from '@aws-sdk/client-cognito-identity-provider'
import {
  addUser,
  hour,
  provisioningIdOf,
  setPassword,
  startDriftPool,
  type DriftPool,
  type TestUser,
} from './drift-pool.ts'

export const incomplete = (username: string, number = 1): TestUser => ({
  username,
  provisioningId: provisioningIdOf(number),
})
export const whole = (username: string, number = 1): TestUser => ({
  ...incomplete(username, number),
  group: 'service-user',
  finished: true,
})

export const on = (pool: DriftPool, Username: string): { UserPoolId: string; Username: string } => ({
  UserPoolId: pool.poolId,
  Username,
})

/** One user of each kind, two hours old. */
export async function startMixedPool(): Promise<DriftPool> {
  const pool = await startDriftPool()
  await addUser(pool, incomplete('stuck', 1))
  await addUser(pool, { ...incomplete('stuck-in-group', 2), group: 'service-user' })
  await addUser(pool, incomplete('stuck-disabled', 3))
  await pool.cognito.send(new AdminDisableUserCommand(on(pool, 'stuck-disabled')))
  await addUser(pool, whole('whole', 4))
  await addUser(pool, whole('whole-disabled', 5))
  await pool.cognito.send(new AdminDisableUserCommand(on(pool, 'whole-disabled')))
  await addUser(pool, whole('taken-out', 6))
  await pool.cognito.send(new AdminRemoveUserFromGroupCommand({ ...on(pool, 'taken-out'), GroupName: 'service-user' }))
  await addUser(pool, whole('reset-by-operator', 7))
  await addUser(pool, { username: 'invited-by-hand' })
  await addUser(pool, { username: 'made-by-hand', finished: true })
  await addUser(pool, { username: 'odd-id', provisioningId: 'v1.odd' })
  await addUser(pool, { username: 'latchkey-machine-whole', group: 'api-client', finished: true })
  await addUser(pool, { username: 'latchkey-machine-stuck', provisioningId: provisioningIdOf(8) })
  pool.clock.advance(2 * hour)
  await setPassword(pool, 'reset-by-operator', { permanent: false })
  await addUser(pool, incomplete('in-the-making', 9))
  return pool
}

export const mixedVerdicts = {
  stuck: 'repairable',
  'stuck-in-group': 'repairable',
  'stuck-disabled': 'disabled',
  'taken-out': 'out_of_group',
  'reset-by-operator': 'changed_since_creation',
  'invited-by-hand': 'no_provisioning_id',
  'odd-id': 'malformed_provisioning_id',
  'in-the-making': 'too_recent',
}
