// The domain of a user pool, which is what has a token endpoint; prefix domains only, and no pages for people.
import * as z from 'zod/mini'
import { integer, text } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { invalid, notImplemented } from './errors.ts'
import * as shapes from './shapes.ts'
import { findUserPool, type CognitoState } from './state.ts'

const domain = text({ min: 1, max: 63, pattern: '[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?' })

const createUserPoolDomain = z.object({
  Domain: domain,
  UserPoolId: shapes.userPoolId,
  ManagedLoginVersion: z.optional(integer({})),
  CustomDomainConfig: z.optional(z.object({})),
})

// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
const reservedWords = ['aws', 'amazon', 'cognito']

export function domainOperations(state: CognitoState): OperationTable {
  return {
    CreateUserPoolDomain: shapes.cognitoOperation(createUserPoolDomain, (input) => {
      const pool = findUserPool(state, input.UserPoolId)
      if (input.CustomDomainConfig !== undefined) throw notImplemented('CustomDomainConfig')
      if ((input.ManagedLoginVersion ?? 1) !== 1) throw notImplemented('ManagedLoginVersion')
      const reserved = reservedWords.find((word) => input.Domain.includes(word))
      if (reserved !== undefined) throw invalid(`Domain cannot contain reserved word: ${reserved}`)
      if (state.domains.has(input.Domain)) throw invalid('Domain already associated with another user pool.')
      if ([...state.domains.values()].includes(pool.id)) throw invalid('User pool already has a domain configured.')
      state.domains.set(input.Domain, pool.id)
      return { ManagedLoginVersion: 1 }
    }),
  }
}
