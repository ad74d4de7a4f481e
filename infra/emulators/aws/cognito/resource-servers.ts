// Resource servers: the scopes that a pool's app clients can be allowed; a scope that no server declares does not exist.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { text } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { invalid } from './errors.ts'
import * as shapes from './shapes.ts'
import { findUserPool, type CognitoState, type UserPool } from './state.ts'

// https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
const mostServers = 25

const createResourceServer = z.object({
  UserPoolId: shapes.userPoolId,
  Identifier: shapes.scope,
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
          throw invalid(`${Identifier} already exists in user pool ${pool.id}.`)
        }
        if (pool.resourceServers.size >= mostServers) {
          throw new AwsError('LimitExceededException', `A user pool has at most ${mostServers} resource servers.`)
        }
        pool.resourceServers.set(Identifier, { scopes: Scopes.map(({ ScopeName }) => `${Identifier}/${ScopeName}`) })
        return { ResourceServer: { UserPoolId, Identifier, Name, Scopes } }
      },
    ),
  }
}

/** Every scope that the pool's resource servers declare, as tokens write it: `identifier/name`. */
export function customScopes(pool: UserPool): Set<string> {
  return new Set([...pool.resourceServers.values()].flatMap(({ scopes }) => scopes))
}
