// The domain of a user pool, which is what has a token endpoint; prefix domains only, and no pages for people.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { integer, text } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import * as shapes from './shapes.ts'
import { findUserPool, type CognitoState } from './state.ts'

const domain = text({ min: 1, max: 63, pattern: '[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?' })
const domainOfPool = z.object({ Domain: domain, UserPoolId: shapes.userPoolId })

const createUserPoolDomain = z.extend(domainOfPool, {
  ManagedLoginVersion: z.optional(integer({})),
  CustomDomainConfig: z.optional(z.object({})),
})

// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
const reservedWords = ['aws', 'amazon', 'cognito']

export function domainOperations(state: CognitoState): OperationTable {
  return {
    CreateUserPoolDomain: shapes.cognitoOperation(createUserPoolDomain, (input) => {
      const pool = findUserPool(state, input.UserPoolId)
      if (input.CustomDomainConfig !== undefined) throw invalid('CustomDomainConfig is not implemented by local AWS.')
      if ((input.ManagedLoginVersion ?? 1) !== 1) throw invalid('ManagedLoginVersion is not implemented by local AWS.')
      const reserved = reservedWords.find((word) => input.Domain.includes(word))
      if (reserved !== undefined) throw invalid(`Domain cannot contain reserved word: ${reserved}`)
      if (state.domains.has(input.Domain)) throw invalid('Domain already associated with another user pool.')
      if ([...state.domains.values()].includes(pool.id)) throw invalid('User pool already has a domain configured.')
      state.domains.set(input.Domain, pool.id)
      return { ManagedLoginVersion: 1 }
    }),

    // A domain that nobody has is described, too: by nothing.
    DescribeUserPoolDomain: shapes.cognitoOperation(z.object({ Domain: domain }), ({ Domain }) => {
      const UserPoolId = state.domains.get(Domain)
      if (UserPoolId === undefined) return { DomainDescription: {} }
      const { accountId: AWSAccountId } = state
      return { DomainDescription: { UserPoolId, AWSAccountId, Domain, Status: 'ACTIVE', ManagedLoginVersion: 1 } }
    }),

    DeleteUserPoolDomain: shapes.cognitoOperation(domainOfPool, ({ Domain, UserPoolId }) => {
      const pool = findUserPool(state, UserPoolId)
      if (state.domains.get(Domain) !== pool.id) throw invalid('No such domain or user pool exists.')
      state.domains.delete(Domain)
      return {}
    }),
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}
