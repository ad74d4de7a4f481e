import {
  CognitoIdentityProviderClient,
  ListUsersCommand,
  ListUsersInGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { machineUserPrefix } from '#shared/contract.ts'
import { readPoolUsers } from '../../../../gate/bench/load/pool-users.ts'

const createdAt = new Date('2026-01-01T00:00:00.123Z')
const sdkUser = (username: string, changes: object = {}) => ({
  Username: username,
  Attributes: [
    { Name: 'sub', Value: `sub-of-${username}` },
    { Name: 'custom:human_user_id', Value: 'alice' },
    { Name: 'custom:provisioning_id', Value: 'v1.a' },
  ],
  UserCreateDate: createdAt,
  Enabled: true,
  UserStatus: 'CONFIRMED' as const,
  ...changes,
})

const mock = mockClient(CognitoIdentityProviderClient)

beforeEach(() => {
  mock.reset()
})

describe('the users of the pool', () => {
  it('are read page by page, with whether they are in the group', async () => {
    mock.on(ListUsersInGroupCommand).resolvesOnce({ Users: [sdkUser('ada')], NextToken: 'more' })
    mock.on(ListUsersInGroupCommand, { NextToken: 'more' }).resolves({ Users: [sdkUser('eve')] })
    mock.on(ListUsersCommand).resolvesOnce({ Users: [sdkUser('ada'), sdkUser('bob')], PaginationToken: 'more' })
    mock.on(ListUsersCommand, { PaginationToken: 'more' }).resolves({ Users: [sdkUser('eve')] })

    const users = await readPoolUsers(new CognitoIdentityProviderClient({}), 'pool')

    expect(users.map(({ username, inGroup }) => [username, inGroup])).toEqual([
      ['ada', true],
      ['bob', false],
      ['eve', true],
    ])
    expect(users[0]).toEqual({
      username: 'ada',
      sub: 'sub-of-ada',
      createdAt: createdAt.getTime(),
      enabled: true,
      confirmed: true,
      inGroup: true,
      humanUserId: 'alice',
      provisioningId: 'v1.a',
    })
    expect(mock).toHaveReceivedCommandWith(ListUsersInGroupCommand, {
      UserPoolId: 'pool',
      GroupName: 'service-user',
      Limit: 60,
    })
  })

  it('are no machine users', async () => {
    mock.on(ListUsersInGroupCommand).resolves({})
    mock.on(ListUsersCommand).resolves({ Users: [sdkUser(`${machineUserPrefix}abc`), sdkUser('latchkey-machin')] })

    const users = await readPoolUsers(new CognitoIdentityProviderClient({}), 'pool')

    expect(users.map(({ username }) => username)).toEqual(['latchkey-machin'])
  })

  it('are taken for not whole where the pool says nothing', async () => {
    mock.on(ListUsersInGroupCommand).resolves({ Users: [{}] })
    mock
      .on(ListUsersCommand)
      .resolves({ Users: [{}, sdkUser('ada', { UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: false })] })

    const users = await readPoolUsers(new CognitoIdentityProviderClient({}), 'pool')

    expect(users[0]).toMatchObject({ username: '', createdAt: NaN, enabled: false, confirmed: false, inGroup: false })
    expect(users[1]).toMatchObject({ username: 'ada', enabled: false, confirmed: false })
  })

  it('are none in an empty pool', async () => {
    mock.on(ListUsersInGroupCommand).resolves({})
    mock.on(ListUsersCommand).resolves({})

    expect(await readPoolUsers(new CognitoIdentityProviderClient({}), 'pool')).toEqual([])
  })
})
