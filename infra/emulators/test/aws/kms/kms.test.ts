import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { startTestAws, type TestAws } from '../test-aws.ts'

const context = { purpose: 'test', audience: 'pool' }
const plaintext = Buffer.from('a secret')

async function makeKey({ kms }: TestAws): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'of a test' }))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

async function encrypt({ kms }: TestAws, KeyId: string, Plaintext: Uint8Array = plaintext): Promise<Uint8Array> {
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: context }))
  return CiphertextBlob ?? new Uint8Array()
}

describe('KMS keys', () => {
  it('are described as AWS describes them', async () => {
    const local = await startTestAws()
    const { id, arn } = await makeKey(local)

    const { KeyMetadata } = await local.kms.send(new DescribeKeyCommand({ KeyId: id }))

    expect(arn).toBe(`arn:aws:kms:us-east-1:123456789012:key/${id}`)
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: '123456789012',
      CreationDate: new Date(local.clock.now),
      Description: 'of a test',
      Enabled: true,
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
    })
  })

  it.each([
    [{ KeySpec: 'RSA_2048' }, 'UnsupportedOperationException'],
    [{ KeyUsage: 'SIGN_VERIFY' }, 'UnsupportedOperationException'],
    [{ Origin: 'EXTERNAL' }, 'UnsupportedOperationException'],
    [{ MultiRegion: true }, 'UnsupportedOperationException'],
    [{ Policy: '{' }, 'MalformedPolicyDocumentException'],
  ] as const)('are not made with %o', async (input, name) => {
    const { kms } = await startTestAws()

    await expect(kms.send(new CreateKeyCommand(input))).rejects.toMatchObject({ name })
  })

  it('take a policy and say nothing of it', async () => {
    const { kms } = await startTestAws()

    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: '{"Version":"2012-10-17"}' }))

    expect(KeyMetadata).toMatchObject({ Enabled: true, Description: '' })
  })

  it.each([
    [undefined, 365],
    [90, 90],
    [2560, 2560],
  ])('rotate every %s days as %i', async (given, days) => {
    const local = await startTestAws()
    const { id, arn } = await makeKey(local)

    await local.kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: given }))

    await expect(local.kms.send(new GetKeyRotationStatusCommand({ KeyId: id }))).resolves.toMatchObject({
      KeyId: arn,
      KeyRotationEnabled: true,
      RotationPeriodInDays: days,
      NextRotationDate: new Date(local.clock.now + days * 86_400_000),
    })
  })

  it.each([
    [89, 'greater than or equal to 90'],
    [2561, 'less than or equal to 2560'],
  ])('do not rotate every %i days', async (RotationPeriodInDays, constraint) => {
    const local = await startTestAws()
    const { id } = await makeKey(local)

    const call = local.kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays }))

    await expect(call).rejects.toMatchObject({
      name: 'ValidationException',
      message: `1 validation error detected: Value at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value ${constraint}`,
    })
    await expect(local.kms.send(new GetKeyRotationStatusCommand({ KeyId: id }))).resolves.toMatchObject({
      KeyRotationEnabled: false,
    })
  })
})

describe('KMS aliases', () => {
  it('name a key by alias and alias ARN', async () => {
    const local = await startTestAws()
    const { id, arn } = await makeKey(local)
    await local.kms.send(new CreateAliasCommand({ AliasName: 'alias/app/one', TargetKeyId: arn }))

    const named = await Promise.all(
      [id, arn, 'alias/app/one', 'arn:aws:kms:us-east-1:123456789012:alias/app/one'].map((KeyId) =>
        local.kms.send(new DescribeKeyCommand({ KeyId })),
      ),
    )

    expect(named.map(({ KeyMetadata }) => KeyMetadata?.KeyId)).toEqual([id, id, id, id])
  })

  it.each([
    ['alias/aws/mine', 'InvalidAliasNameException'],
    ['alias/a b', 'ValidationException'],
  ])('are not made with the name %s', async (AliasName, name) => {
    const local = await startTestAws()
    const { id } = await makeKey(local)

    await expect(local.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }))).rejects.toMatchObject({ name })
  })

  it.each([
    ['alias/one', 'ValidationException'],
    ['absent', 'NotFoundException'],
  ])('do not point at %s', async (TargetKeyId, name) => {
    const local = await startTestAws()
    const { id } = await makeKey(local)
    await local.kms.send(new CreateAliasCommand({ AliasName: 'alias/one', TargetKeyId: id }))

    const call = local.kms.send(new CreateAliasCommand({ AliasName: 'alias/two', TargetKeyId }))

    await expect(call).rejects.toMatchObject({ name })
  })

  it.each([
    'absent',
    'alias/absent',
    'arn:aws:kms:eu-west-1:123456789012:alias/one',
    'arn:aws:kms:us-east-1:999999999999:alias/one',
    'arn:aws:kms:eu-west-1:123456789012:key/134f2428-cec1-4b25-a1ae-9048164dba47',
  ])('do not stand for %s', async (KeyId) => {
    const local = await startTestAws()
    const { id } = await makeKey(local)
    await local.kms.send(new CreateAliasCommand({ AliasName: 'alias/one', TargetKeyId: id }))

    await expect(local.kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'NotFoundException' })
  })
})

describe('KMS encryption', () => {
  it('gives the plaintext back under the same context in another order', async () => {
    const local = await startTestAws()
    const { id, arn } = await makeKey(local)
    const CiphertextBlob = await encrypt(local, id)

    const opened = await local.kms.send(
      new DecryptCommand({ CiphertextBlob, KeyId: arn, EncryptionContext: { audience: 'pool', purpose: 'test' } }),
    )

    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('a secret')
    expect(opened).toMatchObject({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
  })

  it('finds the key in the ciphertext when none is named', async () => {
    const local = await startTestAws()
    const { arn } = await makeKey(local)
    const CiphertextBlob = await encrypt(local, arn)

    const opened = await local.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }))

    expect(opened.KeyId).toBe(arn)
  })

  it('never makes the same ciphertext twice, and shows no plaintext in it', async () => {
    const local = await startTestAws()
    const { id } = await makeKey(local)

    const [one, other] = [await encrypt(local, id), await encrypt(local, id)]

    expect(one).not.toEqual(other)
    expect(Buffer.from(one).includes(plaintext)).toBe(false)
  })

  it.each([
    [1, undefined],
    [4096, undefined],
    [0, 'ValidationException'],
    [4097, 'ValidationException'],
  ])('of %i bytes ends with %s', async (length, name) => {
    const local = await startTestAws()
    const { id } = await makeKey(local)

    const result = await encrypt(local, id, Buffer.alloc(length, 'x')).then(
      () => undefined,
      (error: unknown) => (error as Error).name,
    )

    expect(result).toBe(name)
  })

  it.each([
    ['no context', undefined],
    ['a pair less', { purpose: 'test' }],
    ['a pair more', { ...context, more: '' }],
    ['another value', { ...context, purpose: 'Test' }],
    ['names and values moved', { 'purpose","test': 'audience' }],
  ])('cannot be undone with %s', async (_what, EncryptionContext) => {
    const local = await startTestAws()
    const { id } = await makeKey(local)
    const CiphertextBlob = await encrypt(local, id)

    const call = local.kms.send(new DecryptCommand({ CiphertextBlob, KeyId: id, EncryptionContext }))

    await expect(call).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
  })

  it('cannot be undone after any byte changed, whether the key is named or not', async () => {
    const local = await startTestAws()
    const { id } = await makeKey(local)
    const sealed = await encrypt(local, id)
    const changed = Array.from(sealed, (_, index) => sealed.map((byte, at) => (at === index ? byte ^ 1 : byte)))

    const outcomes = await Promise.all(
      changed.flatMap((CiphertextBlob) =>
        [{}, { KeyId: id }].map((named) =>
          local.kms
            .send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context, ...named }))
            .catch((error: unknown) => error),
        ),
      ),
    )

    expect(outcomes).toMatchObject(outcomes.map(() => ({ name: 'InvalidCiphertextException' })))
    expect(outcomes).toHaveLength(2 * (1 + 16 + 12 + 16 + plaintext.length))
  })

  it.each([[1], [45]])('of %i foreign bytes is no ciphertext', async (length) => {
    const local = await startTestAws()
    const { id } = await makeKey(local)

    const call = local.kms.send(new DecryptCommand({ CiphertextBlob: Buffer.alloc(length, 1), KeyId: id }))

    await expect(call).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
  })

  it('of another key is told from tampering', async () => {
    const local = await startTestAws()
    const [one, other] = [await makeKey(local), await makeKey(local)]
    const CiphertextBlob = await encrypt(local, one.id)

    const call = local.kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.id, EncryptionContext: context }))

    await expect(call).rejects.toMatchObject({ name: 'IncorrectKeyException' })
  })

  it('refuses an asymmetric algorithm', async () => {
    const local = await startTestAws()
    const { id } = await makeKey(local)

    const call = local.kms.send(
      new EncryptCommand({ KeyId: id, Plaintext: plaintext, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
    )

    await expect(call).rejects.toMatchObject({ name: 'InvalidKeyUsageException' })
  })

  it('stops while the key is disabled, and goes on when it is enabled again', async () => {
    const local = await startTestAws()
    const { id, arn } = await makeKey(local)
    const CiphertextBlob = await encrypt(local, id)
    const decrypt = (): Promise<unknown> =>
      local.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }))
    const disabled = { name: 'DisabledException', message: `${arn} is disabled.` }

    await local.kms.send(new DisableKeyCommand({ KeyId: id }))
    await expect(encrypt(local, id)).rejects.toMatchObject(disabled)
    await expect(decrypt()).rejects.toMatchObject(disabled)
    await expect(local.kms.send(new EnableKeyRotationCommand({ KeyId: id }))).rejects.toMatchObject(disabled)
    const { KeyMetadata } = await local.kms.send(new DescribeKeyCommand({ KeyId: id }))
    await local.kms.send(new EnableKeyCommand({ KeyId: id }))

    expect(KeyMetadata).toMatchObject({ Enabled: false, KeyState: 'Disabled' })
    await expect(decrypt()).resolves.toMatchObject({ KeyId: arn })
  })
})
