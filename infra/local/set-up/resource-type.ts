// What it takes to make one CloudFormation resource type by SDK calls; it never lets a property go unnoticed.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { KMSClient } from '@aws-sdk/client-kms'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { describeIssues } from './set-up-error.ts'

export type Clients = {
  readonly cognito: CognitoIdentityProviderClient
  readonly kms: KMSClient
  readonly secrets: SecretsManagerClient
}

/** What `!Ref` and `!GetAtt` give for a resource that has been made. */
export type MadeResource = { readonly ref: string; readonly attributes: Readonly<Record<string, string>> }

export type MakeContext = Clients & { readonly logicalId: string; readonly stackName: string }

export type ResourceType = {
  /** Properties that this set-up leaves out on purpose. Nothing in them is looked at, so nothing in them has to exist. */
  readonly passedOver: readonly string[]
  /** Makes the resource from its properties, all intrinsics resolved. Rejects before any call for one that is unknown. */
  readonly make: (properties: unknown, context: MakeContext) => Promise<MadeResource>
}

/**
 * `schema` names every property that `make` carries out. It has to be strict: what neither it nor `passedOver` names is
 * refused.
 */
export function resourceType<Schema extends z.ZodMiniType>(
  schema: Schema,
  make: (properties: z.output<Schema>, context: MakeContext) => Promise<MadeResource>,
  { passedOver = [] }: { readonly passedOver?: readonly string[] } = {},
): ResourceType {
  return {
    passedOver,
    make: async (properties, context) => {
      const parsed = z.safeParse(schema, properties)
      if (!parsed.success) throw new TypeError(`among its properties, ${describeIssues(parsed.error.issues)}`)
      return make(parsed.data, context)
    },
  }
}

/** The part of an answer that AWS always sends, though the SDK's types cannot promise it. */
export function present(value: string | undefined, field: string): string {
  if (value === undefined) throw new TypeError(`the answer holds no ${field}`)
  return value
}
