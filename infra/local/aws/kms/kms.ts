// Local AWS KMS: symmetric keys, aliases, Encrypt and Decrypt; key material never leaves it, and key policies are kept unread.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { blob, integer, stringMap, text } from '../input.ts'
import { keyIdOf, open, seal } from './ciphertext.ts'
import { createKeyInput, describeKey, describeRotation, makeKey, symmetric, type Key } from './keys.ts'
import { operationsRefusing, type Service } from '../operation.ts'

type KmsOptions = { readonly region: string; readonly accountId: string; readonly now: () => number }

const keyId = text({ min: 1, max: 2048 })
const oneKey = z.object({ KeyId: keyId })
const algorithm = z.optional(z.enum(['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE']))
const cryptography = { EncryptionContext: z.optional(stringMap), EncryptionAlgorithm: algorithm }

const operation = operationsRefusing('ValidationException')

export function createKms({ region, accountId, now }: KmsOptions): Service {
  const keys = new Map<string, Key>()
  const aliases = new Map<string, Key>()
  const arnPrefix = `arn:aws:kms:${region}:${accountId}:`

  /** The key that an id, an ARN, an alias or an alias ARN names. */
  const findKey = (reference: string): Key => {
    const name = reference.startsWith(arnPrefix) ? reference.slice(arnPrefix.length) : reference
    const key = name.startsWith('alias/') ? aliases.get(name) : keys.get(name.replace(/^key\//, ''))
    if (key === undefined) throw new AwsError('NotFoundException', `Invalid keyId '${reference}'`)
    return key
  }

  const findUsableKey = (reference: string, encryptionAlgorithm: string | undefined): Key => {
    const key = findKey(reference)
    if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`)
    if ((encryptionAlgorithm ?? symmetric) !== symmetric) {
      throw new AwsError('InvalidKeyUsageException', `${key.arn} does not support this encryption algorithm.`)
    }
    return key
  }

  return {
    targetPrefix: 'TrentService',
    errorNames: { throttled: 'ThrottlingException', internal: 'KMSInternalException' },
    operations: {
      CreateKey: operation(createKeyInput, (input) => {
        const key = makeKey(input, { arnPrefix, createdAt: now() })
        keys.set(key.id, key)
        return { KeyMetadata: describeKey(key, accountId) }
      }),

      DescribeKey: operation(oneKey, ({ KeyId }) => ({ KeyMetadata: describeKey(findKey(KeyId), accountId) })),

      CreateAlias: operation(
        z.object({ AliasName: text({ min: 1, max: 256, pattern: '[a-zA-Z0-9:/_-]+' }), TargetKeyId: keyId }),
        ({ AliasName, TargetKeyId }) => {
          if (!/^alias\/(?!aws\/)[\w/-]+$/.test(AliasName)) {
            throw new AwsError(
              'InvalidAliasNameException',
              'Alias must start with the prefix "alias/", and not "alias/aws/".',
            )
          }
          if (aliases.has(AliasName)) {
            throw new AwsError(
              'AlreadyExistsException',
              `An alias with the name ${arnPrefix}${AliasName} already exists`,
            )
          }
          if (TargetKeyId.includes('alias/')) throw new AwsError('ValidationException', 'Aliases must refer to keys.')
          aliases.set(AliasName, findKey(TargetKeyId))
          return {}
        },
      ),

      EnableKeyRotation: operation(
        z.extend(oneKey, { RotationPeriodInDays: z.optional(integer({ min: 90, max: 2560 })) }),
        ({ KeyId, RotationPeriodInDays: periodInDays = 365 }) => {
          findUsableKey(KeyId, symmetric).rotation = { periodInDays, enabledAt: now() }
          return {}
        },
      ),

      GetKeyRotationStatus: operation(oneKey, ({ KeyId }) => describeRotation(findKey(KeyId))),

      EnableKey: operation(oneKey, ({ KeyId }) => {
        findKey(KeyId).enabled = true
        return {}
      }),

      DisableKey: operation(oneKey, ({ KeyId }) => {
        findKey(KeyId).enabled = false
        return {}
      }),

      Encrypt: operation(
        z.extend(oneKey, { Plaintext: blob({ min: 1, max: 4096 }), ...cryptography }),
        ({ KeyId, Plaintext, EncryptionContext: context = {}, EncryptionAlgorithm }) => {
          const key = findUsableKey(KeyId, EncryptionAlgorithm)
          const sealed = seal(Plaintext, { keyId: key.id, material: key.material, context })
          return { CiphertextBlob: sealed.toString('base64'), KeyId: key.arn, EncryptionAlgorithm: symmetric }
        },
      ),

      Decrypt: operation(
        z.object({ CiphertextBlob: blob({ min: 1, max: 6144 }), KeyId: z.optional(keyId), ...cryptography }),
        ({ CiphertextBlob, KeyId, EncryptionContext: context = {}, EncryptionAlgorithm }) => {
          const sealedWith = keys.get(keyIdOf(CiphertextBlob) ?? '')
          const key = findUsableKey(KeyId ?? sealedWith?.id ?? unreadable(), EncryptionAlgorithm)
          if (sealedWith !== undefined && sealedWith !== key) {
            throw new AwsError(
              'IncorrectKeyException',
              'The key ID in the request does not identify a CMK that can perform this operation.',
            )
          }
          const plaintext = sealedWith && open(CiphertextBlob, { material: key.material, context })
          return {
            Plaintext: (plaintext ?? unreadable()).toString('base64'),
            KeyId: key.arn,
            EncryptionAlgorithm: symmetric,
          }
        },
      ),
    },
  }
}

/** Foreign bytes, changed bytes and another context are told apart by nobody. */
function unreadable(): never {
  throw new AwsError('InvalidCiphertextException', '')
}
