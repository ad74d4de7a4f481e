// One call of the authorizer, as API Gateway makes it; nothing of the token is kept or shown.
import * as z from 'zod/mini'
import type { SecretValue } from '#shared/text/secret-value.ts'

const stageArn = 'arn:aws:execute-api:us-east-1:123456789012:api123/dev/'

export function createAuthorizerEvent(token: SecretValue): object {
  return {
    type: 'TOKEN',
    methodArn: `${stageArn}POST/admin/create-user`,
    authorizationToken: `Bearer ${token.expose()}`,
  }
}

const answer = z.object({
  policyDocument: z.object({
    Statement: z.array(z.object({ Effect: z.enum(['Allow', 'Deny']), Resource: z.array(z.string()) })),
  }),
})

/** What the policy allows, as method and path: `POST/sample`. */
export function findAllowed(result: unknown): string[] {
  return answer
    .parse(result)
    .policyDocument.Statement.filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Resource }) => Resource)
    .map((resource) => resource.replace(stageArn, ''))
}
