// Local AWS KMS: symmetric keys, aliases, data keys, Encrypt and Decrypt; key material never leaves it.
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { blob, integer, stringMap, text } from '../input.ts'
import { keyIdOf, open, seal } from './ciphertext.ts'
import { createKeyInput, describeKey, makeKey, symmetric, type Key } from './keys.ts'
import { operationsRefusing, type Service } from '../operation.ts'

type KmsOptions = { readonly region: string; readonly accountId: string; readonly now: () => number }

const keyId = text({ min: 1, max: 2048 })
const oneKey = z.object({ KeyId: keyId })
const context = { EncryptionContext: z.optional(stringMap) }
const cryptography = { ...context, EncryptionAlgorithm: z.optional(z.literal(symmetric)) }

const operation = operationsRefusing('ValidationException')

export function createKms({ region, accountId, now }: KmsOptions): Service {
  const keys = new Map<string, Key>()
  const aliases = new Map<string, Key>()
  const arnPrefix = `arn:aws:kms:${region}:${accountId}:`

  /** The key that an id, an ARN, an alias or an alias ARN names. */
  const findKey = (reference: string): Key => {
    const name = reference.startsWith(arnPrefix) ? reference.slice(arnPrefix.length) : reference
    const key = name.startsWith('alias/') ? aliases.get(name) : keys.get(name.replace(/^key\//, ''))
    if (key === undefined) throw new AwsError('NotFoundException', `${reference} is not found.`)
    return key
  }

  const findUsableKey = (reference: string): Key => {
    const key = findKey(reference)
    if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`)
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

      CreateAlias: operation(
        z.object({ AliasName: text({ max: 256, pattern: 'alias/(?!aws/)[\\w/-]+' }), TargetKeyId: keyId }),
        ({ AliasName, TargetKeyId }) => {
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

      // The material of a key that rotates stays one for as long as this process lives.
      EnableKeyRotation: operation(
        z.extend(oneKey, { RotationPeriodInDays: z.optional(integer({ min: 90, max: 2560 })) }),
        ({ KeyId }) => {
          findUsableKey(KeyId)
          return {}
        },
      ),

      DisableKey: operation(oneKey, ({ KeyId }) => {
        findKey(KeyId).enabled = false
        return {}
      }),

      Encrypt: operation(
        z.extend(oneKey, { Plaintext: blob({ min: 1, max: 4096 }), ...cryptography }),
        ({ KeyId, Plaintext, EncryptionContext: context = {} }) => {
          const key = findUsableKey(KeyId)
          const sealed = seal(Plaintext, { keyId: key.id, material: key.material, context })
          return { CiphertextBlob: sealed.toString('base64'), KeyId: key.arn, EncryptionAlgorithm: symmetric }
        },
      ),

      Decrypt: operation(
        z.object({ CiphertextBlob: blob({ min: 1, max: 6144 }), KeyId: z.optional(keyId), ...cryptography }),
        ({ CiphertextBlob, KeyId, EncryptionContext: context = {} }) => {
          const sealedWith = keys.get(keyIdOf(CiphertextBlob) ?? '')
          const key = findUsableKey(KeyId ?? sealedWith?.id ?? unreadable())
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

      GenerateDataKey: operation(
        z.extend(oneKey, {
          KeySpec: z.optional(z.enum(['AES_128', 'AES_256'])),
          NumberOfBytes: z.optional(integer({ min: 1, max: 1024 })),
          ...context,
        }),
        ({ KeyId, KeySpec, NumberOfBytes, EncryptionContext = {} }) => {
          if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
            throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.')
          }
          const key = findUsableKey(KeyId)
          const dataKey = randomBytes(NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32))
          const sealed = seal(dataKey, { keyId: key.id, material: key.material, context: EncryptionContext })
          return {
            CiphertextBlob: sealed.toString('base64'),
            Plaintext: dataKey.toString('base64'),
            KeyId: key.arn,
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
