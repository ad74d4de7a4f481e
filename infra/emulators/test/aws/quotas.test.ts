import { ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { createCognito } from '../../aws/cognito/cognito.ts'
import { createCognitoState } from '../../aws/cognito/state.ts'
import { enforceQuotas, quotaCategories, requestQuotas } from '../../aws/quotas.ts'
import { createSecretsManager } from '../../aws/secrets-manager/secrets-manager.ts'
import { createSts } from '../../aws/sts/sts.ts'
import { createTokenIssuers } from '../../aws/sts/token-issuers.ts'
import { tokenEndpointOperation } from '../../aws/token-endpoint-handler.ts'
import { refusal, startTestPool } from './test-aws.ts'

function start(scale: number): { clock: { now: number }; admitted: (operation: string, calls: number) => number } {
  const clock = { now: 1_000_000 }
  const admits = enforceQuotas({ scale, now: () => clock.now })
  return {
    clock,
    admitted: (operation, calls) => Array.from({ length: calls }, () => admits(operation)).filter(Boolean).length,
  }
}

describe('the request quotas', () => {
  it.each([
    ['InitiateAuth', 120],
    ['AdminCreateUser', 50],
    ['AdminSetUserPassword', 30],
    ['AdminAddUserToGroup', 25],
    ['AdminGetUser', 120],
    ['AdminListGroupsForUser', 50],
    ['ListUsers', 30],
    ['RevokeToken', 120],
    ['GetClientToken', 150],
    ['TokenEndpoint', 150],
    ['CreateSecret', 50],
    ['PutSecretValue', 50],
    ['PutResourcePolicy', 50],
    ['ListSecrets', 100],
    ['ListSecretVersionIds', 50],
    ['GetSecretValue', 10_000],
    ['GetWebIdentityToken', 600],
  ])('admit %s %i times a second', (operation, perSecond) => {
    const { admitted } = start(1)

    expect(admitted(operation, perSecond + 1)).toBe(perSecond)
  })

  it('refill by the clock, up to a second worth', () => {
    const { clock, admitted } = start(1)
    admitted('AdminAddUserToGroup', 25)

    clock.now += 39
    const tooEarly = admitted('AdminAddUserToGroup', 1)
    clock.now += 1
    const inTime = admitted('AdminAddUserToGroup', 2)
    clock.now += 60_000
    const rested = admitted('AdminAddUserToGroup', 100)

    expect([tooEarly, inTime, rested]).toEqual([0, 1, 25])
  })

  it('are shared by the operations of a category and by no other', () => {
    const { admitted } = start(1)
    admitted('AdminAddUserToGroup', 25)

    for (const change of ['RemoveUserFromGroup', 'DisableUser', 'EnableUser', 'UserGlobalSignOut', 'DeleteUser']) {
      expect(admitted(`Admin${change}`, 1), change).toBe(0)
    }
    expect(admitted('AdminCreateUser', 1)).toBe(1)
  })

  it('scale, but never below one request', () => {
    expect(start(2).admitted('AdminAddUserToGroup', 100)).toBe(50)
    expect(start(0.001).admitted('AdminAddUserToGroup', 100)).toBe(1)
  })

  it('let operations of other services pass', () => {
    expect(start(0.001).admitted('Encrypt', 500)).toBe(500)
  })

  it('name a category for every operation of Cognito, Secrets Manager and STS and for the token endpoint', () => {
    const state = createCognitoState({
      region: 'x',
      accountId: 'x',
      now: () => 0,
      readAfterWriteLagMs: 0,
      shortPages: false,
    })
    const cognito = createCognito(state, () => 1)
    const secretsManager = createSecretsManager({ region: 'x', accountId: 'x', now: () => 0 })
    const sts = createSts({ region: 'x', now: () => 0, issuers: createTokenIssuers([]), organizationId: undefined })
    const operations = [cognito, secretsManager, sts].flatMap((service) => Object.keys(service.operations))

    // AWS names no category for the operation that tells the limits of categories.
    const counted = operations.filter((operation) => operation !== 'GetProvisionedLimit')
    expect(Object.keys(quotaCategories).sort()).toEqual([...counted, tokenEndpointOperation].sort())
    expect(Object.values(quotaCategories).every((category) => requestQuotas[category] > 0)).toBe(true)
  })

  it('answer TooManyRequestsException over HTTP, until the clock moves on', async () => {
    const { clock, cognito, poolId } = await startTestPool({ aws: { quotaScale: 0.1 } })
    const list = (): Promise<unknown> => cognito.send(new ListUsersCommand({ UserPoolId: poolId }))
    await Promise.all([list(), list(), list()])

    await expect(list()).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    })
    clock.now += 334

    await expect(list()).resolves.toMatchObject({ Users: [] })
  })

  it('can be put in force and lifted while the server runs', async () => {
    const { aws, cognito, poolId: UserPoolId } = await startTestPool()
    const list = (): Promise<string> => refusal(cognito.send(new ListUsersCommand({ UserPoolId })))

    aws.setQuotaScale(0.01)
    const inForce = [await list(), await list()]
    aws.setQuotaScale(undefined)
    const lifted = [await list(), await list()]

    expect(inForce).toEqual(['none', 'TooManyRequestsException: Rate exceeded'])
    expect(lifted).toEqual(['none', 'none'])
  })
})
