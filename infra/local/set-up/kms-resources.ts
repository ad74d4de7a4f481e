// Makes KMS's CloudFormation resource types by SDK calls; the key's material never leaves KMS.
import {
  CreateAliasCommand,
  CreateKeyCommand,
  EnableKeyRotationCommand,
  KeySpec,
  KeyUsageType,
} from '@aws-sdk/client-kms'
import * as z from 'zod/mini'
import { present, resourceType } from './resource-type.ts'

export const key = resourceType(
  z.strictObject({
    Description: z.optional(z.string()),
    KeySpec: z.optional(z.enum(KeySpec)),
    KeyUsage: z.optional(z.enum(KeyUsageType)),
    EnableKeyRotation: z.optional(z.boolean()),
    // How long a deleted key can be had back: nothing to do when one is made.
    PendingWindowInDays: z.optional(z.int()),
  }),
  async ({ Description, KeySpec, KeyUsage, EnableKeyRotation }, { kms }) => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description, KeySpec, KeyUsage }))
    const keyId = present(KeyMetadata?.KeyId, 'KeyMetadata.KeyId')
    if (EnableKeyRotation === true) await kms.send(new EnableKeyRotationCommand({ KeyId: keyId }))
    return { ref: keyId, attributes: { Arn: present(KeyMetadata?.Arn, 'KeyMetadata.Arn') } }
  },
  // It says by role who may use the key, and here no roles are made: whoever runs this has the endpoint's default, which
  // leaves it to their own permissions.
  { passedOver: ['KeyPolicy'] },
)

export const alias = resourceType(
  z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() }),
  async (properties, { kms }) => {
    await kms.send(new CreateAliasCommand(properties))
    return { ref: properties.AliasName, attributes: {} }
  },
)
