// Groups of a user pool and who is in them; a user never joins a group that does not exist.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { integer, text } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { paginate } from '../pagination.ts'
import { notImplemented } from './errors.ts'
import * as shapes from './shapes.ts'
import { findGroup, findUser, findUserPool, timestamp, type CognitoState, type Group, type UserPool } from './state.ts'

const inPool = z.object({ UserPoolId: shapes.userPoolId })
const oneGroup = z.extend(inPool, { GroupName: shapes.groupName })
const oneMembership = z.extend(oneGroup, { Username: shapes.username })

const createGroup = z.extend(oneGroup, {
  Description: z.optional(text({ max: 2048 })),
  Precedence: z.optional(integer({ min: 0, max: 2 ** 31 - 1 })),
  RoleArn: z.optional(text({ min: 20, max: 2048 })),
})

export function groupOperations(state: CognitoState): OperationTable {
  return {
    CreateGroup: shapes.cognitoOperation(createGroup, (input) => {
      const pool = findUserPool(state, input.UserPoolId)
      if (input.RoleArn !== undefined) {
        throw notImplemented('RoleArn')
      }
      if (pool.groups.has(input.GroupName)) {
        throw new AwsError('GroupExistsException', 'A group with the name already exists.')
      }
      const group: Group = {
        sequence: state.nextSequence(),
        name: input.GroupName,
        description: input.Description,
        precedence: input.Precedence,
        createdAt: state.now(),
      }
      pool.groups.set(group.name, group)
      return { Group: describe(pool, group) }
    }),

    GetGroup: shapes.cognitoOperation(oneGroup, ({ UserPoolId, GroupName }) => {
      const pool = findUserPool(state, UserPoolId)
      return { Group: describe(pool, findGroup(pool, GroupName)) }
    }),

    AdminAddUserToGroup: shapes.cognitoOperation(oneMembership, ({ UserPoolId, Username, GroupName }) => {
      const pool = findUserPool(state, UserPoolId)
      const user = findUser(state, pool, Username)
      user.groups.add(findGroup(pool, GroupName).name)
      return {}
    }),

    AdminRemoveUserFromGroup: shapes.cognitoOperation(oneMembership, ({ UserPoolId, Username, GroupName }) => {
      const pool = findUserPool(state, UserPoolId)
      const user = findUser(state, pool, Username)
      user.groups.delete(findGroup(pool, GroupName).name)
      return {}
    }),

    AdminListGroupsForUser: shapes.cognitoOperation(
      z.extend(inPool, { Username: shapes.username, Limit: shapes.limit, NextToken: shapes.paginationToken }),
      ({ UserPoolId, Username, Limit, NextToken }) => {
        const pool = findUserPool(state, UserPoolId)
        const user = findUser(state, pool, Username)
        const items = [...pool.groups.values()].filter(({ name }) => user.groups.has(name))
        const page = paginate({ list: ['groups', pool.id, user.sub], items, limit: Limit, token: NextToken })
        return { Groups: page.items.map((group) => describe(pool, group)), NextToken: page.nextToken }
      },
    ),
  }
}

function describe(pool: UserPool, group: Group): object {
  return {
    GroupName: group.name,
    UserPoolId: pool.id,
    Description: group.description,
    Precedence: group.precedence,
    CreationDate: timestamp(group.createdAt),
    LastModifiedDate: timestamp(group.createdAt),
  }
}
