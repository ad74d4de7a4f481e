import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { refusal, startTestAws, type TestAws } from '../test-aws.ts'

const EncryptionContext = { purpose: 'test', audience: 'pool' }
const plaintext = Buffer.from('a secret')

type TestKey = TestAws & { readonly id: string; readonly arn: string }

/** A key with the alias `alias/one`. */
async function startWithKey(): Promise<TestKey> {
  const local = await startTestAws()
  const { KeyMetadata } = await local.kms.send(new CreateKeyCommand({ Policy: '{"Version":"2012-10-17"}' }))
  const { KeyId: id = '', Arn: arn = '' } = KeyMetadata ?? {}
  await local.kms.send(new CreateAliasCommand({ AliasName: 'alias/one', TargetKeyId: arn }))
  return { ...local, id, arn }
}

async function encrypt({ kms, id }: TestKey, Plaintext: Uint8Array = plaintext, KeyId = id): Promise<Uint8Array> {
  const { CiphertextBlob = new Uint8Array() } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext, EncryptionContext }),
  )
  return CiphertextBlob
}

describe('a KMS key', () => {
  it('is described as AWS describes it when it is made', async () => {
    const { clock, kms } = await startTestAws()

    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'of a test' }))

    expect(KeyMetadata).toMatchObject({
      AWSAccountId: '123456789012',
      Arn: `arn:aws:kms:us-east-1:123456789012:key/${KeyMetadata?.KeyId}`,
      KeyId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
      CreationDate: new Date(clock.now),
      Description: 'of a test',
      Enabled: true,
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
    })
  })

  it.each([
    [{ KeySpec: 'RSA_2048' }, /^UnsupportedOperationException/],
    [{ KeyUsage: 'SIGN_VERIFY' }, /^UnsupportedOperationException/],
    [{ Origin: 'EXTERNAL' }, /^UnsupportedOperationException/],
    [{ MultiRegion: true }, /^UnsupportedOperationException/],
    [{ Policy: '{' }, /^MalformedPolicyDocumentException/],
  ] as const)('is not made with %o', async (input, error) => {
    const { kms } = await startTestAws()

    expect(await refusal(kms.send(new CreateKeyCommand(input)))).toMatch(error)
  })

  it.each([
    [89, /greater than or equal to 90$/],
    [90, /^none$/],
    [2560, /^none$/],
    [2561, /less than or equal to 2560$/],
  ])('asked to rotate every %i days answers %s', async (RotationPeriodInDays, answer) => {
    const { kms, id: KeyId } = await startWithKey()

    expect(await refusal(kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays })))).toMatch(answer)
  })

  it('that is disabled does not begin to rotate', async () => {
    const { kms, id: KeyId, arn } = await startWithKey()
    await kms.send(new DisableKeyCommand({ KeyId }))

    const call = kms.send(new EnableKeyRotationCommand({ KeyId }))

    expect(await refusal(call)).toBe(`DisabledException: ${arn} is disabled.`)
  })
})

describe('a KMS alias', () => {
  it.each([
    ['alias/aws/mine', undefined, /^InvalidAliasNameException/],
    ['alias/a b', undefined, /^ValidationException/],
    ['latchkey', undefined, /^ValidationException/],
    ['alias/two', 'alias/one', /^ValidationException/],
    ['alias/two', 'absent', /^NotFoundException/],
  ])('%s of %s is refused', async (AliasName, target, error) => {
    const { kms, id } = await startWithKey()

    expect(await refusal(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: target ?? id })))).toMatch(error)
  })

  it.each([
    'arn:aws:kms:eu-west-1:123456789012:alias/one',
    'arn:aws:kms:us-east-1:999999999999:alias/one',
    'arn:aws:kms:us-east-1:123456789012:one',
    'arn:aws:kms:eu-west-1:123456789012:key/134f2428-cec1-4b25-a1ae-9048164dba47',
  ])('does not stand for %s', async (KeyId) => {
    expect(await refusal(encrypt(await startWithKey(), plaintext, KeyId))).toMatch(/^NotFoundException/)
  })
})

describe('KMS encryption', () => {
  it('finds the key in the ciphertext when none is named', async () => {
    const local = await startWithKey()
    const CiphertextBlob = await encrypt(local)

    const opened = await local.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))

    expect(opened).toMatchObject({ KeyId: local.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
  })

  it('takes one byte and not none', async () => {
    const local = await startWithKey()

    const [one, none] = [await refusal(encrypt(local, Buffer.alloc(1))), await refusal(encrypt(local, Buffer.alloc(0)))]

    expect(one).toBe('none')
    expect(none).toMatch(/^ValidationException/)
  })

  it('tells names and values of a context apart', async () => {
    const local = await startWithKey()
    const CiphertextBlob = await encrypt(local)
    const moved = { 'purpose","test': 'audience' }

    const call = local.kms.send(new DecryptCommand({ CiphertextBlob, KeyId: local.id, EncryptionContext: moved }))

    expect(await refusal(call)).toMatch(/^InvalidCiphertextException/)
  })

  it('cannot be undone after any byte changed, whether the key is named or not', async () => {
    const local = await startWithKey()
    const sealed = await encrypt(local)
    const changed = Array.from(sealed, (_, index) => sealed.map((byte, at) => (at === index ? byte ^ 1 : byte)))

    const outcomes = await Promise.all(
      changed.flatMap((CiphertextBlob) =>
        [{}, { KeyId: local.id }].map((named) =>
          refusal(local.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, ...named }))),
        ),
      ),
    )

    expect(new Set(outcomes)).toEqual(new Set([expect.stringMatching(/^InvalidCiphertextException/)]))
    expect(outcomes).toHaveLength(2 * (1 + 16 + 12 + 16 + plaintext.length))
  })

  it('refuses an asymmetric algorithm', async () => {
    const { kms, id: KeyId } = await startWithKey()

    const input = { KeyId, Plaintext: plaintext, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const

    expect(await refusal(kms.send(new EncryptCommand(input)))).toMatch(/^InvalidKeyUsageException/)
  })
})
