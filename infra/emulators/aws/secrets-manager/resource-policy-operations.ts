// How a secret gets, shows and loses its resource policy, and how the policy decides over every call for the secret.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { text } from '../input.ts'
import { operationsRefusing, type OperationTable } from '../operation.ts'
import { identityDecision, type Principal } from '../principal.ts'
import { accountOf, evaluateResourcePolicy, isPublic, parseResourcePolicy } from './resource-policy.ts'
import { oneSecret, type Secret } from './secrets.ts'

const operation = operationsRefusing('ValidationException')

export function resourcePolicyOperations({
  findLiveSecret,
  now,
}: {
  readonly findLiveSecret: (reference: string, caller: Principal) => Secret
  readonly now: () => number
}): OperationTable {
  return {
    PutResourcePolicy: operation(
      z.extend(oneSecret, {
        ResourcePolicy: text({ min: 1, max: 20_480 }),
        BlockPublicPolicy: z.optional(z.boolean()),
      }),
      ({ SecretId, ResourcePolicy, BlockPublicPolicy = false }, caller) => {
        const secret = findLiveSecret(SecretId, caller)
        const policy = parseResourcePolicy(ResourcePolicy)
        if (BlockPublicPolicy && isPublic(policy)) {
          throw new AwsError(
            'PublicPolicyException',
            "You can't attach a resource-based policy that allows broad access to the secret.",
          )
        }
        const request = { caller, action: 'secretsmanager:PutResourcePolicy', resource: secret.arn }
        if (evaluateResourcePolicy(policy, request) === 'explicitly_denied') {
          // The sentence is AWS's; its page does not say by which name, so this is the one of KMS.
          throw new AwsError(
            'MalformedPolicyDocumentException',
            'Your requested changes will not allow you to manage this secret in the future.',
          )
        }
        secret.resourcePolicy = policy
        secret.changedAt = now()
        return { ARN: secret.arn, Name: secret.name }
      },
    ),

    GetResourcePolicy: operation(oneSecret, ({ SecretId }, caller) => {
      const { arn, name, resourcePolicy } = findLiveSecret(SecretId, caller)
      return { ARN: arn, Name: name, ...(resourcePolicy !== undefined && { ResourcePolicy: resourcePolicy.text }) }
    }),

    DeleteResourcePolicy: operation(oneSecret, ({ SecretId }, caller) => {
      const secret = findLiveSecret(SecretId, caller)
      secret.resourcePolicy = undefined
      secret.changedAt = now()
      return { ARN: secret.arn, Name: secret.name }
    }),
  }
}

/** What a role may do only if the secret's policy allows it. */
const readOperations = new Set(['DescribeSecret', 'GetSecretValue'])

/**
 * The same operations, which ask the policy of the secret first. A role that it does not let in never learns whether there
 * is a secret of that name.
 */
export function heldToPolicies(
  lookUpSecret: (reference: string, caller: Principal) => Secret | undefined,
  operations: OperationTable,
): OperationTable {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      {
        ...operation,
        run: async (input, caller, gone) => {
          const named = z.safeParse(oneSecret, input)
          if (named.success) authorize({ name, caller, ...named.data }, lookUpSecret)
          return operation.run(input, caller, gone)
        },
      },
    ]),
  )
}

/** Throws AccessDeniedException, worded as in troubleshoot_access-denied.html of the IAM User Guide. */
function authorize(
  { name, caller, SecretId }: { readonly name: string; readonly caller: Principal; readonly SecretId: string },
  lookUpSecret: (reference: string, caller: Principal) => Secret | undefined,
): void {
  const secret = lookUpSecret(SecretId, caller)
  const [action, resource] = [`secretsmanager:${name}`, secret?.arn ?? SecretId]
  const decision =
    secret?.resourcePolicy === undefined
      ? 'implicitly_denied'
      : evaluateResourcePolicy(secret.resourcePolicy, { caller, action, resource })
  const isOurs = secret === undefined || accountOf(secret.arn) === caller.accountId
  const policies = [decision, identityDecision(caller, { action, resource })]
  const isExplicit = policies.includes('explicitly_denied')
  // In one account either policy allows it; from another account both have to, whatever the operation.
  const isAllowed = isOurs ? policies.includes('allowed') : policies.every((each) => each === 'allowed')
  if (isAllowed && !isExplicit) return
  if (isOurs && !isExplicit && (caller.kind === 'root' || !readOperations.has(name))) return
  const reason = isExplicit
    ? `with an explicit deny in ${decision === 'explicitly_denied' ? 'a resource' : 'an identity'}-based policy`
    : `because no identity-based policy allows the ${action} action`
  throw new AwsError(
    'AccessDeniedException',
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  )
}
