import {
  DecryptCommand,
  GenerateDataKeyCommand,
  InvalidCiphertextException,
  KMSClient,
  KMSInternalException,
} from '@aws-sdk/client-kms'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  createDataKeyMaker,
  createDataKeyOpener,
  rememberDataKeys,
} from '#services/app1-provisioner/job-store/data-keys.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { fakeDataKeys, jobId } from '#test/support/jobs.ts'
import { mockClient } from '#test/support/mock-client.ts'

const kms = mockClient(KMSClient)
const keyArn = 'arn:aws:kms:eu-west-1:111111111111:key/0f8fad5b-d9cb-469f-a165-70867728950e'
const deps = { kms: new KMSClient({ region: 'eu-west-1' }), keyArn }
const [make, open] = [createDataKeyMaker(deps), createDataKeyOpener(deps)]
const bytes = Buffer.alloc(32, 7)
const context = { purpose: 'latchkey:job', job: jobId }

beforeEach(() => {
  kms.reset()
})

describe('a data key', () => {
  it('is made for its job, under the named key', async () => {
    kms.on(GenerateDataKeyCommand).resolves({ Plaintext: Buffer.from(bytes), CiphertextBlob: Buffer.of(1) })

    const { key, wrapped } = await make(jobId, farDeadline())

    expect(key.export()).toEqual(bytes)
    expect(wrapped).toEqual(Buffer.of(1))
    expect(JSON.stringify(key)).not.toContain(bytes.toString('base64'))
    expect(kms).toHaveReceivedCommandExactlyOnceWith(GenerateDataKeyCommand, {
      KeyId: keyArn,
      KeySpec: 'AES_256',
      EncryptionContext: context,
    })
  })

  it('is unwrapped for its job, by the named key', async () => {
    kms.on(DecryptCommand).resolves({ Plaintext: Buffer.from(bytes) })

    expect((await open(jobId, Buffer.of(1), farDeadline())).export()).toEqual(bytes)
    expect(kms).toHaveReceivedCommandExactlyOnceWith(DecryptCommand, {
      KeyId: keyArn,
      CiphertextBlob: Buffer.of(1),
      EncryptionContext: context,
    })
  })

  it.each([undefined, Buffer.alloc(0), Buffer.alloc(16), Buffer.alloc(33)])('of %o is none', async (Plaintext) => {
    const answer = Plaintext ? { Plaintext } : {}
    kms.on(GenerateDataKeyCommand).resolves({ ...answer, CiphertextBlob: Buffer.of(1) })
    kms.on(DecryptCommand).resolves(answer)

    await expect(make(jobId, farDeadline())).rejects.toMatchObject({ code: 'upstream_error' })
    await expect(open(jobId, Buffer.of(1), farDeadline())).rejects.toMatchObject({ code: 'upstream_error' })
  })

  it('without its wrapped form is none', async () => {
    kms.on(GenerateDataKeyCommand).resolves({ Plaintext: Buffer.from(bytes) })

    await expect(make(jobId, farDeadline())).rejects.toMatchObject({ reason: 'kms_answer_without_data_key' })
  })

  it('of another job does not open', async () => {
    kms.on(DecryptCommand).rejects(new InvalidCiphertextException({ message: 'canary', $metadata: {} }))

    await expect(open(jobId, Buffer.of(1), farDeadline())).rejects.toMatchObject({ code: 'password_unreadable' })
  })

  it('that KMS cannot give now is not refused for good', async () => {
    kms.onAnyCommand().rejects(new KMSInternalException({ message: 'canary', $metadata: {}, ...{ $fault: 'server' } }))

    await expect(open(jobId, Buffer.of(1), farDeadline())).rejects.toMatchObject({ status: 503 })
  })
})

describe('remembered data keys', () => {
  it('are opened once each, for their own job', async () => {
    const keys = fakeDataKeys()
    const remembered = rememberDataKeys(keys.open)
    const { key, wrapped } = await keys.make(jobId, farDeadline())

    const opened = await Promise.all([1, 2].map(() => remembered(jobId, wrapped, farDeadline())))
    await expect(remembered('another', wrapped, farDeadline())).rejects.toMatchObject({ code: 'password_unreadable' })

    expect(opened).toEqual([key, key])
    expect(keys.opened).toEqual([jobId, 'another'])
  })

  it('do not remember a failure', async () => {
    const keys = fakeDataKeys()
    const remembered = rememberDataKeys(keys.open)

    await expect(remembered(jobId, Buffer.of(1), farDeadline())).rejects.toThrow()
    await expect(remembered(jobId, Buffer.of(1), farDeadline())).rejects.toThrow()

    expect(keys.opened).toHaveLength(2)
  })

  it('are so many at most', async () => {
    const keys = fakeDataKeys()
    const remembered = rememberDataKeys(keys.open, 1)
    const [one, two] = [await keys.make('one', farDeadline()), await keys.make('two', farDeadline())]

    await remembered('one', one.wrapped, farDeadline())
    await remembered('two', two.wrapped, farDeadline())
    await remembered('one', one.wrapped, farDeadline())

    expect(keys.opened).toEqual(['one', 'two', 'one'])
  })
})
