// ListUsers with its filter, and ListUsersInGroup; neither shows a password or anything made of one.
import * as z from 'zod/mini'
import { text } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { paginate } from '../pagination.ts'
import { invalid } from './errors.ts'
import * as shapes from './shapes.ts'
import { findGroup, findUserPool, isVisible, type CognitoState, type User } from './state.ts'
import { describeUser } from './users.ts'

const listUsers = z.object({
  UserPoolId: shapes.userPoolId,
  AttributesToGet: z.optional(z.array(z.string())),
  Limit: shapes.limit,
  PaginationToken: shapes.paginationToken,
  Filter: z.optional(text({ max: 256 })),
})

const listUsersInGroup = z.object({
  UserPoolId: shapes.userPoolId,
  GroupName: shapes.groupName,
  Limit: shapes.limit,
  NextToken: shapes.paginationToken,
})

export function userListOperations(state: CognitoState): OperationTable {
  const visibleUsers = (poolId: string): User[] =>
    [...findUserPool(state, poolId).users.values()].filter((user) => isVisible(state, user))

  return {
    ListUsers: shapes.cognitoOperation(listUsers, (input) => {
      const { UserPoolId, Filter: filter = '' } = input
      const matches = parseFilter(filter)
      const users = visibleUsers(UserPoolId)
      const items = state.shortPages ? users : users.filter(matches)
      const list = ['ListUsers', UserPoolId, filter]
      const page = paginate({ list, items, limit: input.Limit, token: input.PaginationToken })
      return {
        Users: page.items.filter(matches).map((user) => withAttributes(describeUser(user), input.AttributesToGet)),
        PaginationToken: page.nextToken,
      }
    }),

    ListUsersInGroup: shapes.cognitoOperation(listUsersInGroup, (input) => {
      const group = findGroup(findUserPool(state, input.UserPoolId), input.GroupName)
      const items = visibleUsers(input.UserPoolId).filter(({ groups }) => groups.has(group.name))
      const list = ['ListUsersInGroup', input.UserPoolId, group.name]
      const page = paginate({ list, items, limit: input.Limit, token: input.NextToken })
      return { Users: page.items.map((user) => describeUser(user)), NextToken: page.nextToken }
    }),
  }
}

/**
 * What ListUsers can search by, and what it finds there. Custom attributes are not among them.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
 */
const searchable: Readonly<Record<string, (user: User) => string | undefined>> = {
  username: ({ username }) => username,
  sub: ({ sub }) => sub,
  status: ({ enabled }) => (enabled ? 'Enabled' : 'Disabled'),
  'cognito:user_status': ({ status }) => status,
  ...Object.fromEntries(
    ['email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username'].map((name) => [
      name,
      ({ attributes }: User) => attributes.get(name),
    ]),
  ),
}

/** Of these the documentation says that they are compared with their case. */
const caseSensitive = new Set(['username', 'status'])

/** `attribute = "value"` or `attribute ^= "prefix"`, with `\"` for a quotation mark inside; empty finds everybody. */
function parseFilter(filter: string): (user: User) => boolean {
  if (filter === '') return () => true
  const [, name = '', operator, quoted = ''] = /^\s*([\w:]+)\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(filter) ?? []
  const read = Object.hasOwn(searchable, name) ? searchable[name] : undefined
  if (read === undefined) throw invalid('Error while parsing filter.')
  const comparable = (text: string): string => (caseSensitive.has(name) ? text : text.toLowerCase())
  const wanted = comparable(quoted.replaceAll(/\\(.)/g, '$1'))
  return (user) => {
    const value = read(user)
    if (value === undefined) return false
    return operator === '=' ? comparable(value) === wanted : comparable(value).startsWith(wanted)
  }
}

/** With AttributesToGet only the named attributes, which the user has to have; an empty list asks for none. */
function withAttributes(user: ReturnType<typeof describeUser>, names: readonly string[] | undefined): object {
  if (names === undefined) return user
  const present = user.Attributes.map(({ Name }) => Name)
  if (!names.every((name) => present.includes(name))) throw invalid('One or more requested attributes do not exist.')
  return { ...user, Attributes: user.Attributes.filter(({ Name }) => names.includes(Name)) }
}
