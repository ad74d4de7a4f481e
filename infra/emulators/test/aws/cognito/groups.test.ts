import {
  AdminAddUserToGroupCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  CreateGroupCommand,
  GetGroupCommand,
  ListUsersInGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, refusal, startTestPool } from '../test-aws.ts'

describe('a group', () => {
  it('is given back as it was made', async () => {
    const { clock, cognito, poolId } = await startTestPool()
    const input = { UserPoolId: poolId, GroupName: 'readers', Description: 'read', Precedence: 0 }

    const { Group: created } = await cognito.send(new CreateGroupCommand(input))
    const { Group: found } = await cognito.send(new GetGroupCommand({ UserPoolId: poolId, GroupName: 'readers' }))

    expect(created).toMatchObject({ ...input, CreationDate: new Date(clock.now) })
    expect(found).toEqual(created)
  })

  it('does not take a role, which nobody here could assume', async () => {
    const { cognito, poolId: UserPoolId } = await startTestPool()
    const RoleArn = 'arn:aws:iam::123456789012:role/readers'

    const call = cognito.send(new CreateGroupCommand({ UserPoolId, GroupName: 'readers', RoleArn }))

    expect(await refusal(call)).toMatch(/RoleArn is not implemented by local AWS\.$/)
  })

  it('is not found where it does not exist, nor by another case', async () => {
    const { cognito, poolId: UserPoolId, ...pool } = await startTestPool()
    await addUser({ cognito, poolId: UserPoolId, ...pool }, 'ada')
    await cognito.send(new CreateGroupCommand({ UserPoolId, GroupName: 'readers' }))
    const absent = { UserPoolId, GroupName: 'Readers' }

    for (const call of [
      cognito.send(new GetGroupCommand(absent)),
      cognito.send(new ListUsersInGroupCommand(absent)),
      cognito.send(new AdminRemoveUserFromGroupCommand({ ...absent, Username: 'ada' })),
    ]) {
      expect(await refusal(call)).toBe('ResourceNotFoundException: Group not found.')
    }
  })

  it('of a user is listed in pages', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    const user = { UserPoolId: pool.poolId, Username: 'ada' }
    for (const GroupName of ['a', 'b']) {
      await pool.cognito.send(new CreateGroupCommand({ UserPoolId: pool.poolId, GroupName }))
      await pool.cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }))
    }

    const first = await pool.cognito.send(new AdminListGroupsForUserCommand({ ...user, Limit: 1 }))
    const second = await pool.cognito.send(new AdminListGroupsForUserCommand({ ...user, NextToken: first.NextToken }))

    expect([first, second].map(({ Groups }) => Groups?.map(({ GroupName }) => GroupName))).toEqual([['a'], ['b']])
  })
})
