// The data keys of jobs, made and unwrapped by KMS. Two functions, since two roles: who makes keys cannot unwrap any.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { ServiceError } from '#shared/errors.ts'
import { translateKmsErrors } from '#shared/password-cipher/kms-errors.ts'
import type { Deadline } from '#shared/time/deadline.ts'

export type DataKey = {
  readonly key: KeyObject
  /** As KMS wrapped it, for this job alone. */
  readonly wrapped: Uint8Array
}

/** Throws `internal_error`, `throttled` or what else a call of AWS fails with. */
export type MakeDataKey = (job: string, deadline: Deadline) => Promise<DataKey>

/** The key that was wrapped for this job. Throws `password_unreadable` for any other, and as MakeDataKey. */
export type OpenDataKey = (job: string, wrapped: Uint8Array, deadline: Deadline) => Promise<KeyObject>

type DataKeyDeps = {
  readonly kms: KMSClient
  /** Always named: KMS would otherwise take any key that this role may use. */
  readonly keyArn: string
}

const keyBytes = 32

/** Needs `kms:GenerateDataKey` on the key under the context `{purpose: latchkey:job}`. */
export function createDataKeyMaker({ kms, keyArn: KeyId }: DataKeyDeps): MakeDataKey {
  return async (job, deadline) => {
    const generate = new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: contextOf(job) })
    const answer = await translateKmsErrors(() => kms.send(generate, { abortSignal: deadline.signal() }))
    if (answer.CiphertextBlob === undefined) throw malformedAnswer()
    return { key: importKey(answer.Plaintext), wrapped: answer.CiphertextBlob }
  }
}

/** Needs `kms:Decrypt` on the key under the same context. */
export function createDataKeyOpener({ kms, keyArn: KeyId }: DataKeyDeps): OpenDataKey {
  return async (job, wrapped, deadline) => {
    const decrypt = new DecryptCommand({ KeyId, CiphertextBlob: wrapped, EncryptionContext: contextOf(job) })
    const answer = await translateKmsErrors(() => kms.send(decrypt, { abortSignal: deadline.signal() }))
    return importKey(answer.Plaintext)
  }
}

/** `open`, once for each key of the last jobs. A failure is forgotten. */
export function rememberDataKeys(open: OpenDataKey, mostKeys = 100): OpenDataKey {
  const opened = new Map<string, Promise<KeyObject>>()
  return (job, wrapped, deadline) => {
    const name = `${job} ${Buffer.from(wrapped).toString('base64')}`
    const known = opened.get(name)
    if (known !== undefined) return known
    const opening = open(job, wrapped, deadline)
    opened.set(name, opening)
    opening.catch(() => opened.delete(name))
    const [oldest] = opened.keys()
    if (opened.size > mostKeys && oldest !== undefined) opened.delete(oldest)
    return opening
  }
}

function contextOf(job: string) {
  return { purpose: 'latchkey:job', job }
}

function importKey(bytes: Uint8Array | undefined): KeyObject {
  if (bytes?.length !== keyBytes) throw malformedAnswer()
  return createSecretKey(bytes)
}

function malformedAnswer(): ServiceError {
  return new ServiceError('upstream_error', { reason: 'kms_answer_without_data_key' })
}
