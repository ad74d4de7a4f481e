// Resource servers: the scopes that a pool's app clients can be allowed; a scope that no server declares does not exist.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { text } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import * as shapes from './shapes.ts'
import { findUserPool, type CognitoState, type ResourceServer, type UserPool } from './state.ts'

// https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
const mostServers = 25

const oneServer = z.object({ UserPoolId: shapes.userPoolId, Identifier: shapes.scope })

const createResourceServer = z.extend(oneServer, {
  Name: text({ min: 1, max: 256, pattern: '[\\w\\s+=,.@-]+' }),
  Scopes: z.optional(
    z
      .array(
        z.object({
          // Everything that an identifier may hold, but for the slash between the two.
          ScopeName: text({ min: 1, max: 256, pattern: '[\\x21\\x23-\\x2E\\x30-\\x5B\\x5D-\\x7E]+' }),
          ScopeDescription: text({ min: 1, max: 256 }),
        }),
      )
      .check(z.maxLength(100)),
  ),
})

export function resourceServerOperations(state: CognitoState): OperationTable {
  return {
    CreateResourceServer: shapes.cognitoOperation(
      createResourceServer,
      ({ UserPoolId, Identifier, Name, Scopes = [] }) => {
        const pool = findUserPool(state, UserPoolId)
        if (pool.resourceServers.has(Identifier)) {
          throw new AwsError('InvalidParameterException', `${Identifier} already exists in user pool ${pool.id}.`)
        }
        if (pool.resourceServers.size >= mostServers) {
          throw new AwsError('LimitExceededException', `A user pool has at most ${mostServers} resource servers.`)
        }
        const server = { identifier: Identifier, name: Name, scopes: Scopes }
        pool.resourceServers.set(Identifier, server)
        return { ResourceServer: describe(pool, server) }
      },
    ),

    DescribeResourceServer: shapes.cognitoOperation(oneServer, ({ UserPoolId, Identifier }) => {
      const pool = findUserPool(state, UserPoolId)
      const server = pool.resourceServers.get(Identifier)
      if (server === undefined) {
        throw new AwsError('ResourceNotFoundException', `Resource server ${Identifier} does not exist.`)
      }
      return { ResourceServer: describe(pool, server) }
    }),
  }
}

/** Every scope that the pool's resource servers declare, as tokens write it: `identifier/name`. */
export function customScopes(pool: UserPool): Set<string> {
  const servers = [...pool.resourceServers.values()]
  return new Set(
    servers.flatMap(({ identifier, scopes }) => scopes.map(({ ScopeName }) => `${identifier}/${ScopeName}`)),
  )
}

function describe(pool: UserPool, { identifier, name, scopes }: ResourceServer): object {
  return { UserPoolId: pool.id, Identifier: identifier, Name: name, Scopes: scopes }
}
