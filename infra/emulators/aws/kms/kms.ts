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
const algorithm = z.optional(z.enum(['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE']))
const context = { EncryptionContext: z.optional(stringMap) }
const cryptography = { ...context, EncryptionAlgorithm: algorithm }

const operation = operationsRefusing('ValidationException')

export function createKms({ region, accountId, now }: KmsOptions): Service {
  const keys = new Map<string, Key>()
  const aliases = new Map<string, Key>()
  const arnPrefix = `arn:aws:kms:${region}:${accountId}:`

  /** The key that an id, an ARN, an alias or an alias ARN names. */
  const findKey = (reference: string): Key => {
    const [, inRegion = region, owner = accountId, name = reference] =
      /^arn:aws:kms:([^:]*):([^:]*):(.*)$/.exec(reference) ?? []
    if (inRegion !== region) throw notFound(`Invalid arn ${inRegion}`)
    const isAlias = name.startsWith('alias/')
    const id = name.replace(/^key\//, '')
    const key = isAlias ? aliases.get(name) : keys.get(id)
    if (key !== undefined && owner === accountId) return key
    const arnOf = (resource: string): string => `arn:aws:kms:${region}:${owner}:${resource}`
    if (isAlias) throw notFound(`Alias ${arnOf(name)} is not found.`)
    throw notFound(isKeyId(id) ? `Key '${arnOf(`key/${id}`)}' does not exist` : `Invalid keyId '${reference}'`)
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

      CreateAlias: operation(
        z.object({ AliasName: text({ min: 1, max: 256, pattern: '[a-zA-Z0-9:/_-]+' }), TargetKeyId: keyId }),
        ({ AliasName, TargetKeyId }) => {
          if (!AliasName.startsWith('alias/')) {
            const page = 'https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html'
            throw invalid(`Alias must start with the prefix "alias/". Please see ${page}`)
          }
          if (!/^[\w/-]+$/.test(AliasName)) throw invalid(`${AliasName} contains invalid characters for an alias`)
          if (AliasName.startsWith('alias/aws/')) {
            throw new AwsError(
              'InvalidAliasNameException',
              'Aliases that begin with alias/aws/ belong to AWS services.',
            )
          }
          if (aliases.has(AliasName)) {
            throw new AwsError(
              'AlreadyExistsException',
              `An alias with the name ${arnPrefix}${AliasName} already exists`,
            )
          }
          if (TargetKeyId.includes('alias/')) throw invalid('Aliases must refer to keys.')
          aliases.set(AliasName, findKey(TargetKeyId))
          return {}
        },
      ),

      // The material of a key that rotates stays one for as long as this process lives.
      EnableKeyRotation: operation(
        z.extend(oneKey, { RotationPeriodInDays: z.optional(integer({ min: 90, max: 2560 })) }),
        ({ KeyId }) => {
          findUsableKey(KeyId, symmetric)
          return {}
        },
      ),

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
            KeyMaterialId: key.materialId,
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
            throw invalid('Please specify either number of bytes or key spec.')
          }
          const key = findUsableKey(KeyId, symmetric)
          const dataKey = randomBytes(NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32))
          const sealed = seal(dataKey, { keyId: key.id, material: key.material, context: EncryptionContext })
          return {
            CiphertextBlob: sealed.toString('base64'),
            Plaintext: dataKey.toString('base64'),
            KeyId: key.arn,
            KeyMaterialId: key.materialId,
          }
        },
      ),
    },
  }
}

/** A UUID or the id of a multi-Region key: KMS tells one that does not exist from what is none. */
function isKeyId(id: string): boolean {
  return /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/.test(id)
}

function notFound(message: string): AwsError {
  return new AwsError('NotFoundException', message)
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** Foreign bytes, changed bytes and another context are told apart by nobody. */
function unreadable(): never {
  throw new AwsError('InvalidCiphertextException', '')
}
