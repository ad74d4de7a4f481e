// A KMS key of local AWS, how it is made and how AWS describes it; its description never holds its material.
import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { text } from '../input.ts'

export type Key = {
  readonly id: string
  readonly arn: string
  readonly description: string
  readonly createdAt: number
  readonly material: Buffer
  /** Names the material and tells nothing of it. */
  readonly materialId: string
  enabled: boolean
}

export const symmetric = 'SYMMETRIC_DEFAULT'

export const createKeyInput = z.object({
  Description: z.optional(text({ max: 8192 })),
  KeyUsage: z.optional(z.string()),
  KeySpec: z.optional(z.string()),
  CustomerMasterKeySpec: z.optional(z.string()),
  Origin: z.optional(z.string()),
  MultiRegion: z.optional(z.boolean()),
  Policy: z.optional(text({ min: 1, max: 131_072 })),
  Tags: z.optional(z.array(z.object({ TagKey: text({ min: 1, max: 128 }), TagValue: text({ max: 256 }) }))),
})

const mostTags = 50

/**
 * Throws UnsupportedOperationException for any but a symmetric, single-Region key whose material KMS makes itself, and
 * TagException for tags that no key can have.
 */
export function makeKey(
  input: z.infer<typeof createKeyInput>,
  { arnPrefix, createdAt }: { readonly arnPrefix: string; readonly createdAt: number },
): Key {
  refuseUnsupported(input)
  checkTags(input.Tags ?? [])
  const id = randomUUID()
  return {
    id,
    arn: `${arnPrefix}key/${id}`,
    description: input.Description ?? '',
    createdAt,
    material: randomBytes(32),
    materialId: randomBytes(32).toString('hex'),
    enabled: true,
  }
}

/** KeyMetadata of the service model. */
export function describeKey(key: Key, accountId: string): object {
  return {
    AWSAccountId: accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt / 1000,
    Enabled: key.enabled,
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.enabled ? 'Enabled' : 'Disabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: symmetric,
    KeySpec: symmetric,
    EncryptionAlgorithms: [symmetric],
    MultiRegion: false,
    CurrentKeyMaterialId: key.materialId,
  }
}

function refuseUnsupported(input: z.infer<typeof createKeyInput>): void {
  const { KeySpec, CustomerMasterKeySpec, KeyUsage, Origin } = input
  const asked = [
    KeySpec ?? symmetric,
    CustomerMasterKeySpec ?? symmetric,
    KeyUsage ?? 'ENCRYPT_DECRYPT',
    Origin ?? 'AWS_KMS',
  ]
  if (asked.join() !== [symmetric, symmetric, 'ENCRYPT_DECRYPT', 'AWS_KMS'].join() || input.MultiRegion === true) {
    throw new AwsError(
      'UnsupportedOperationException',
      'Local AWS has symmetric, single-Region keys of its own making only.',
    )
  }
  if (input.Policy !== undefined && !isJson(input.Policy)) {
    throw new AwsError('MalformedPolicyDocumentException', 'The new key policy is not valid JSON.')
  }
}

function checkTags(tags: readonly { readonly TagKey: string }[]): void {
  const keys = tags.map(({ TagKey }) => TagKey)
  if (keys.length > mostTags) throw new AwsError('TagException', 'Too many tags')
  if (new Set(keys).size < keys.length) throw new AwsError('TagException', 'Duplicate tag keys')
  if (keys.some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw new AwsError('TagException', 'Tags beginning with aws: are reserved')
  }
}

function isJson(policy: string): boolean {
  try {
    JSON.parse(policy)
    return true
  } catch {
    return false
  }
}
