import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type DecryptCommandOutput,
  type EncryptCommandOutput,
  type GenerateDataKeyCommandOutput,
  type KeyMetadata,
} from '@aws-sdk/client-kms'
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { connectToAws, type Aws } from './support/environment.ts'
import { deleteKey, uniqueName } from './support/pool.ts'
import { refusal, refused, refusedEach, statement } from './support/statement.ts'

type Key = { readonly id: string; readonly arn: string; readonly metadata: Partial<KeyMetadata> }

let aws: Aws
let key: Key
let otherKey: Key
const keys: Key[] = []

beforeAll(async () => {
  aws = await connectToAws()
  key = await createKey()
  otherKey = await createKey()
})

afterAll(async () => {
  for (const { arn } of keys) await deleteKey(aws, arn)
  await aws.close()
})

async function createKey(): Promise<Key> {
  const { KeyMetadata: made } = await aws.kms.send(
    new CreateKeyCommand({ Description: 'contract suite', KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' }),
  )
  const metadata: Partial<KeyMetadata> = made ?? {}
  const created: Key = { id: metadata.KeyId ?? '', arn: metadata.Arn ?? '', metadata }
  keys.push(created)
  return created
}

function createTagged(keys: readonly string[]): Promise<unknown> {
  return aws.kms.send(new CreateKeyCommand({ Tags: keys.map((TagKey) => ({ TagKey, TagValue: '' })) }))
}

const context = { purpose: 'password', audience: 'us-east-1_abc', provisioning_id: 'v1.x.y' }
const plaintext = Buffer.from('a secret of some length')

function encrypt(input: Partial<EncryptCommand['input']> = {}): Promise<EncryptCommandOutput> {
  return aws.kms.send(
    new EncryptCommand({ KeyId: key.arn, Plaintext: plaintext, EncryptionContext: context, ...input }),
  )
}

async function seal(input: Partial<EncryptCommand['input']> = {}): Promise<Uint8Array> {
  const { CiphertextBlob: blob = new Uint8Array() } = await encrypt(input)
  return blob
}

function decrypt(blob: Uint8Array, input: Partial<DecryptCommand['input']> = {}): Promise<DecryptCommandOutput> {
  return aws.kms.send(
    new DecryptCommand({ KeyId: key.arn, CiphertextBlob: blob, EncryptionContext: context, ...input }),
  )
}

async function open(blob: Uint8Array, input: Partial<DecryptCommand['input']> = {}): Promise<Buffer> {
  const { Plaintext: opened = new Uint8Array() } = await decrypt(blob, input)
  return Buffer.from(opened)
}

describe('Encrypt and Decrypt', () => {
  statement('Decrypt gives back what Encrypt took, under the same context', async () => {
    const blob = await seal()

    expect(await open(blob)).toEqual(plaintext)
    expect(Buffer.from(blob).includes(plaintext)).toBe(false)
  })

  statement('Encrypt and Decrypt answer with the ARN of the key, whatever it was named by', async () => {
    const sealed = await encrypt({ KeyId: key.id })
    const opened = await decrypt(sealed.CiphertextBlob ?? new Uint8Array(), { KeyId: key.id })

    expect([sealed.KeyId, opened.KeyId]).toEqual([key.arn, key.arn])
  })

  statement('Encrypt of the same bytes twice gives two ciphertexts', async () => {
    expect(await seal()).not.toEqual(await seal())
  })

  statement('Decrypt does not mind the order of the context', async () => {
    const blob = await seal()
    const reversed = Object.fromEntries(Object.entries(context).toReversed())

    expect(await open(blob, { EncryptionContext: reversed })).toEqual(plaintext)
  })

  for (const { what, changed } of [
    { what: 'another value in the context', changed: { ...context, provisioning_id: 'v1.x.z' } },
    { what: 'a value in another case in the context', changed: { ...context, audience: 'US-EAST-1_ABC' } },
    { what: 'a pair more in the context', changed: { ...context, more: 'x' } },
    { what: 'a pair less in the context', changed: { purpose: 'password', audience: 'us-east-1_abc' } },
    { what: 'no context', changed: undefined },
  ]) {
    refused(`Decrypt with ${what} is InvalidCiphertextException`, async () =>
      decrypt(await seal(), { EncryptionContext: changed }),
    )
  }

  refused('Decrypt with a context of what was sealed without one is InvalidCiphertextException', async () =>
    decrypt(await seal({ EncryptionContext: undefined })),
  )

  refused('Decrypt with another key than the one it was sealed under is IncorrectKeyException', async () =>
    decrypt(await seal(), { KeyId: otherKey.arn }),
  )

  refused('Decrypt of a ciphertext with its last bit flipped is InvalidCiphertextException', async () => {
    const blob = await seal()
    const last = blob.length - 1
    const tampered = blob.with(last, (blob[last] ?? 0) ^ 1)
    return decrypt(tampered)
  })

  refused('Decrypt of a ciphertext cut by a byte is InvalidCiphertextException', async () =>
    decrypt((await seal()).slice(0, -1)),
  )

  refused('Decrypt of bytes that KMS never made is InvalidCiphertextException', () => decrypt(randomBytes(160)))

  statement('Decrypt names the material of the key that CreateKey called the current one', async () => {
    const opened = await decrypt(await seal())

    expect(key.metadata).toMatchObject({ CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    expect(opened.KeyMaterialId).toBe(key.metadata.CurrentKeyMaterialId)
  })

  statement('Encrypt takes 4096 bytes', async () => {
    const longest = randomBytes(4096)

    expect(await open(await seal({ Plaintext: longest }))).toEqual(longest)
  })

  refused('Encrypt of 4097 bytes is ValidationException', () => encrypt({ Plaintext: randomBytes(4097) }))

  refused('Encrypt under a key that does not exist is NotFoundException', () =>
    encrypt({ KeyId: key.arn.replace(key.id, randomUUID()) }),
  )
})

// API_GenerateDataKey.html; the AWS Encryption SDK calls it.
describe('GenerateDataKey', () => {
  function generate(input: {
    KeySpec?: 'AES_128' | 'AES_256'
    NumberOfBytes?: number
  }): Promise<GenerateDataKeyCommandOutput> {
    return aws.kms.send(new GenerateDataKeyCommand({ KeyId: key.id, EncryptionContext: context, ...input }))
  }

  statement('GenerateDataKey gives as many bytes as it is asked for, plain and sealed under the context', async () => {
    for (const { asked, bytes } of [
      { asked: { KeySpec: 'AES_256' }, bytes: 32 },
      { asked: { KeySpec: 'AES_128' }, bytes: 16 },
      { asked: { NumberOfBytes: 64 }, bytes: 64 },
    ] as const) {
      const { CiphertextBlob: sealed = new Uint8Array(), KeyId: keyArn, Plaintext: plain = [] } = await generate(asked)

      expect(plain).toHaveLength(bytes)
      expect(await open(sealed)).toEqual(Buffer.from(plain))
      expect(keyArn).toBe(key.arn)
      expect(await refusal(decrypt(sealed, { EncryptionContext: undefined }))).toBe('InvalidCiphertextException')
      expect(await refusal(decrypt(sealed, { EncryptionContext: { ...context, purpose: 'job' } }))).toBe(
        'InvalidCiphertextException',
      )
    }
  })

  refusedEach(
    'GenerateDataKey of both a spec and a size, of neither or of 1025 bytes is ValidationException',
    [{ KeySpec: 'AES_256', NumberOfBytes: 32 }, {}, { NumberOfBytes: 1025 }] as const,
    generate,
  )
})

describe('aliases', () => {
  statement('a key is found by its id, its alias and the ARN of its alias', async () => {
    const name = `alias/${uniqueName('latchkey-contract')}`
    await aws.kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: key.id }))
    const aliasArn = key.arn.replace(`key/${key.id}`, name)

    const blob = await seal({ KeyId: name })

    expect(await open(blob, { KeyId: key.id })).toEqual(plaintext)
    expect(await open(blob, { KeyId: name })).toEqual(plaintext)
    expect(await open(blob, { KeyId: aliasArn })).toEqual(plaintext)
  })

  refused('an alias that does not exist is NotFoundException', () =>
    encrypt({ KeyId: `alias/${uniqueName('nothing')}` }),
  )

  // Recorded in localstack's test_kms.snapshot.json; hashicorp/terraform-provider-aws#12891.
  refusedEach(
    'CreateAlias of a name without alias/, or with a colon, is ValidationException',
    ['latchkey', 'alias/latchkey:contract'],
    (AliasName) => aws.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id })),
  )

  refused('CreateAlias of a name that exists is AlreadyExistsException', async () => {
    const alias = { AliasName: `alias/${uniqueName('latchkey-contract')}`, TargetKeyId: key.id }
    await aws.kms.send(new CreateAliasCommand(alias))
    return aws.kms.send(new CreateAliasCommand(alias))
  })
})

describe('the life of a key', () => {
  statement('CreateKey gives an enabled symmetric key', async () => {
    const { arn, metadata } = await createKey()

    expect(metadata).toMatchObject({ Arn: arn, Enabled: true, KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' })
  })

  // Recorded in localstack's test_kms.snapshot.json.
  refusedEach(
    'CreateKey with a tag key twice, a reserved one or more than 50 tags is TagException',
    [['owner', 'owner'], ['AWS:owner'], Array.from({ length: 51 }, (_, index) => `t${index}`)],
    createTagged,
  )

  refused('CreateKey with a tag key of 129 characters is ValidationException', () => createTagged(['x'.repeat(129)]))

  // Recorded in localstack's test_kms.snapshot.json, and in sigstore/cosign#1474 for the alias.
  statement('NotFoundException tells an id that nothing has from what is no id, and from an alias', async () => {
    const id = '134f2428-cec1-4b25-a1ae-9048164dba47'
    for (const { keyId, message } of [
      { keyId: id, message: `Key '${key.arn.replace(key.id, id)}' does not exist` },
      { keyId: 'fake-key-id', message: "Invalid keyId 'fake-key-id'" },
      { keyId: 'alias/absent', message: `Alias ${key.arn.replace(`key/${key.id}`, 'alias/absent')} is not found.` },
    ]) {
      await expect(encrypt({ KeyId: keyId })).rejects.toMatchObject({ name: 'NotFoundException', message })
    }
  })

  statement('a disabled key is DisabledException for Encrypt and for Decrypt', async () => {
    const { id, arn } = await createKey()
    const blob = await seal({ KeyId: arn })
    await aws.kms.send(new DisableKeyCommand({ KeyId: id }))

    expect(await refusal(encrypt({ KeyId: arn }))).toBe('DisabledException')
    expect(await refusal(decrypt(blob, { KeyId: arn }))).toBe('DisabledException')
  })
})
