import { DecryptCommand, DisabledException, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError } from '#shared/env.ts'
import type { CipherChoice } from '#shared/password-cipher/cipher-choice.ts'
import {
  type CipherConfig,
  createOpener,
  createSealer,
  localCipherWarning,
} from '#shared/password-cipher/select-cipher.ts'
import { writeContents } from '#shared/password-cipher/sealed-contents.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { audience, boundTo, keyArn, localKeyBase64, sealedAtMs, serviceError } from './fixtures.ts'

const password = new SecretValue('Correct-Horse7')
const now = (): number => sealedAtMs
const kms = mockClient(KMSClient)

const configOf = (cipher: CipherChoice): CipherConfig => ({ cipher, region: 'eu-west-1', userPoolId: audience })
const kmsConfig = configOf({ cipher: 'kms', keyArn })
const localConfig = configOf({ cipher: 'aes-256-gcm', key: new SecretValue(localKeyBase64) })

beforeEach(() => {
  kms.reset()
})

describe('a service configured for KMS', () => {
  it('seals through KMS in its Region, without a warning', async () => {
    const logger = { warn: vi.fn() }
    kms.on(EncryptCommand).callsFake(async (_, getClient: () => KMSClient) => {
      expect(await getClient().config.region()).toBe('eu-west-1')
      return { CiphertextBlob: Uint8Array.of(0xfb, 0xff) }
    })

    const sealer = await createSealer(kmsConfig, { now, logger })

    expect(await sealer.seal(password, boundTo)).toBe('latchkey.v1.kms.-_8')
    expect(kms).toHaveReceivedCommandExactlyOnceWith(EncryptCommand, {
      KeyId: keyArn,
      EncryptionContext: { purpose: 'latchkey:create-user', audience, provisioning_id: boundTo.provisioningId },
      Plaintext: writeContents(password, boundTo, sealedAtMs),
    })
    expect(logger.warn).not.toHaveBeenCalled()
  })

  it('opens through KMS in its Region, without a warning', async () => {
    const logger = { warn: vi.fn() }
    kms.on(DecryptCommand).callsFake(async (_, getClient: () => KMSClient) => {
      expect(await getClient().config.region()).toBe('eu-west-1')
      return { Plaintext: writeContents(password, boundTo, sealedAtMs) }
    })

    const opener = await createOpener(kmsConfig, { now, logger })

    expect((await opener.open('latchkey.v1.kms.-_8', boundTo)).expose()).toBe('Correct-Horse7')
    expect(kms.commandCalls(DecryptCommand)[0]?.args[0].input).toHaveProperty('KeyId', keyArn)
    expect(logger.warn).not.toHaveBeenCalled()
  })

  it('fails when KMS fails, and does not try another cipher', async () => {
    kms.on(EncryptCommand).rejects(new DisabledException({ message: 'from KMS', $metadata: {} }))
    const sealer = await createSealer(kmsConfig, { now, logger: { warn: vi.fn() } })

    await expect(sealer.seal(password, boundTo)).rejects.toEqual(serviceError('internal_error', 'DisabledException'))
  })
})

describe('a service configured for the local cipher', () => {
  it('seals and opens without KMS, and warns on each side', async () => {
    const logger = { warn: vi.fn() }

    const sealer = await createSealer(localConfig, { now, logger })
    const opener = await createOpener(localConfig, { now, logger })
    const opened = await opener.open(await sealer.seal(password, boundTo), boundTo)

    expect(opened.expose()).toBe('Correct-Horse7')
    expect(logger.warn.mock.calls).toEqual([[localCipherWarning], [localCipherWarning]])
    expect(localCipherWarning).toMatch(/^UNSAFE: .*not with KMS/)
    expect(kms).not.toHaveReceivedAnyCommand()
  })

  it.each([createSealer, createOpener])(
    'is refused inside Lambda by $name, whatever the configuration says',
    async (create) => {
      vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'create-user')

      await expect(create(localConfig, { now, logger: { warn: vi.fn() } })).rejects.toThrow(
        new ConfigurationError(['the local cipher is refused inside Lambda']),
      )
    },
  )
})
