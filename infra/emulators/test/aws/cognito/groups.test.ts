import {
  AdminAddUserToGroupCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  CreateGroupCommand,
  GetGroupCommand,
  ListGroupsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, startTestPool, type TestPool } from '../test-aws.ts'

const notFound = { name: 'ResourceNotFoundException', message: 'Group not found.' }

async function startWithGroups(...names: string[]): Promise<TestPool> {
  const pool = await startTestPool()
  for (const GroupName of names) {
    await pool.cognito.send(new CreateGroupCommand({ UserPoolId: pool.poolId, GroupName }))
  }
  return pool
}

async function groupsOf({ cognito, poolId }: TestPool, Username: string): Promise<(string | undefined)[] | undefined> {
  const { Groups } = await cognito.send(new AdminListGroupsForUserCommand({ UserPoolId: poolId, Username }))
  return Groups?.map(({ GroupName }) => GroupName)
}

describe('groups', () => {
  it('are given back as they were made', async () => {
    const { clock, cognito, poolId } = await startTestPool()
    const input = { UserPoolId: poolId, GroupName: 'readers', Description: 'read', Precedence: 0 }

    const created = await cognito.send(new CreateGroupCommand(input))
    const found = await cognito.send(new GetGroupCommand({ UserPoolId: poolId, GroupName: 'readers' }))

    expect(created.Group).toMatchObject({ ...input, CreationDate: new Date(clock.now) })
    expect(found.Group).toEqual(created.Group)
  })

  it('are not made twice', async () => {
    const { cognito, poolId } = await startWithGroups('readers')

    const call = cognito.send(new CreateGroupCommand({ UserPoolId: poolId, GroupName: 'readers' }))

    await expect(call).rejects.toMatchObject({
      name: 'GroupExistsException',
      message: 'A group with the name already exists.',
    })
  })

  it('do not take a role, which nobody here could assume', async () => {
    const { cognito, poolId } = await startTestPool()
    const RoleArn = 'arn:aws:iam::123456789012:role/readers'

    const call = cognito.send(new CreateGroupCommand({ UserPoolId: poolId, GroupName: 'readers', RoleArn }))

    await expect(call).rejects.toMatchObject({ message: 'RoleArn is not implemented by local AWS.' })
  })

  it('are listed in pages', async () => {
    const { cognito, poolId } = await startWithGroups('a', 'b', 'c')

    const first = await cognito.send(new ListGroupsCommand({ UserPoolId: poolId, Limit: 2 }))
    const second = await cognito.send(new ListGroupsCommand({ UserPoolId: poolId, NextToken: first.NextToken }))

    expect(first.Groups?.map(({ GroupName }) => GroupName)).toEqual(['a', 'b'])
    expect(second.Groups?.map(({ GroupName }) => GroupName)).toEqual(['c'])
    expect(second.NextToken).toBeUndefined()
  })

  it('are not found when they do not exist', async () => {
    const { cognito, poolId } = await startTestPool()

    const call = cognito.send(new GetGroupCommand({ UserPoolId: poolId, GroupName: 'absent' }))

    await expect(call).rejects.toMatchObject(notFound)
  })
})

describe('membership', () => {
  it('is given by name or sub, twice without harm, and taken again', async () => {
    const pool = await startWithGroups('readers', 'writers')
    const sub = await addUser(pool, 'ada')
    const membership = { UserPoolId: pool.poolId, GroupName: 'readers' }

    await pool.cognito.send(new AdminAddUserToGroupCommand({ ...membership, Username: 'Ada' }))
    await pool.cognito.send(new AdminAddUserToGroupCommand({ ...membership, Username: sub }))
    const given = await groupsOf(pool, sub)
    await pool.cognito.send(new AdminRemoveUserFromGroupCommand({ ...membership, Username: sub }))

    expect(given).toEqual(['readers'])
    expect(await groupsOf(pool, 'ada')).toEqual([])
  })

  it('is not given in a group that does not exist, and nothing changes', async () => {
    const pool = await startWithGroups('readers')
    await addUser(pool, 'ada')
    const membership = { UserPoolId: pool.poolId, Username: 'ada', GroupName: 'Readers' }

    await expect(pool.cognito.send(new AdminAddUserToGroupCommand(membership))).rejects.toMatchObject(notFound)
    await expect(pool.cognito.send(new AdminRemoveUserFromGroupCommand(membership))).rejects.toMatchObject(notFound)

    expect(await groupsOf(pool, 'ada')).toEqual([])
  })

  it('is not given to a user who does not exist', async () => {
    const { cognito, poolId } = await startWithGroups('readers')

    const call = cognito.send(
      new AdminAddUserToGroupCommand({ UserPoolId: poolId, Username: 'nobody', GroupName: 'readers' }),
    )

    await expect(call).rejects.toMatchObject({ name: 'UserNotFoundException', message: 'User does not exist.' })
  })

  it('is listed in pages', async () => {
    const pool = await startWithGroups('a', 'b')
    await addUser(pool, 'ada')
    const user = { UserPoolId: pool.poolId, Username: 'ada' }
    for (const GroupName of ['b', 'a']) await pool.cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }))

    const first = await pool.cognito.send(new AdminListGroupsForUserCommand({ ...user, Limit: 1 }))
    const second = await pool.cognito.send(new AdminListGroupsForUserCommand({ ...user, NextToken: first.NextToken }))

    expect([first, second].map(({ Groups }) => Groups?.map(({ GroupName }) => GroupName))).toEqual([['a'], ['b']])
  })
})
