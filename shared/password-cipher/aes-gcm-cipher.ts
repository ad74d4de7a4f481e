// Seals and opens on one machine without KMS, by AES-256-GCM; it never runs in Lambda and is in no deployed bundle.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { ConfigurationError, runsInLambda } from '../env.ts'
import { lengthPrefixed } from '../text/length-prefixed.ts'
import type { SecretValue } from '../text/secret-value.ts'
import {
  encryptionContext,
  unreadable,
  type EncryptionContext,
  type PasswordOpener,
  type PasswordSealer,
  type SealedFor,
} from './cipher.ts'
import { ivBytes, readAesGcmEnvelope, tagBytes, writeAesGcmEnvelope } from './envelope.ts'
import { readContents, writeContents } from './sealed-contents.ts'

export type AesGcmCipherDeps = {
  /** 32 bytes as base64 with padding. */
  readonly key: SecretValue
  /** Id of the user pool that the password is for. */
  readonly audience: string
  readonly now: () => number
}

const algorithm = 'aes-256-gcm'
const keyBytes = 32

/** Throws a ConfigurationError inside Lambda, and for any key but one of 32 bytes. */
export function createAesGcmCipher(deps: AesGcmCipherDeps): PasswordSealer & PasswordOpener {
  // Asks the process and not `deps`: a guard whose evidence comes from the one it guards against is none.
  // eslint-disable-next-line no-restricted-properties -- the reason above; nothing is configured by it
  if (runsInLambda(process.env)) throw new ConfigurationError(['the local cipher is refused inside Lambda'])
  const key = importKey(deps.key)
  const additionalData = (boundTo: SealedFor): Buffer => encode(encryptionContext(deps.audience, boundTo))
  return {
    seal: (password, boundTo) =>
      settle(() => {
        // Random and fresh for each seal: two messages under one IV would give away GCM's authentication key. At 96
        // bits, NIST SP 800-38D section 8.3 allows 2^32 seals with one key.
        const iv = randomBytes(ivBytes)
        const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes })
        cipher.setAAD(additionalData(boundTo))
        const contents = writeContents(password, boundTo, deps.now())
        const ciphertext = Buffer.concat([cipher.update(contents), cipher.final()])
        return writeAesGcmEnvelope({ iv, ciphertext, tag: cipher.getAuthTag() })
      }),
    open: (encryptedPassword, boundTo) =>
      settle(() => {
        const { iv, ciphertext, tag } = readAesGcmEnvelope(encryptedPassword)
        // Without `authTagLength` Node takes a tag of 4 bytes for a whole one, and a forger needs 2^32 tries, not 2^128.
        // The envelope's parser refuses such a tag already; this holds also if that ever changes.
        const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes })
        decipher.setAAD(additionalData(boundTo))
        decipher.setAuthTag(tag)
        const contents = Buffer.concat([decipher.update(ciphertext), authentic(() => decipher.final())])
        return readContents(contents, boundTo, deps.now())
      }),
  }
}

function importKey(key: SecretValue): KeyObject {
  const bytes = Buffer.from(key.expose(), 'base64')
  // Node skips what is not base64 and ignores missing padding: only the exact spelling of 32 bytes is a key.
  if (bytes.length !== keyBytes || bytes.toString('base64') !== key.expose()) {
    throw new ConfigurationError([`the local cipher's key is not the base64 of ${keyBytes} bytes`])
  }
  return createSecretKey(bytes)
}

/** The context as bytes: for `audience`, `provisioning_id`, `purpose` in this order, the name and then the value. */
function encode(context: EncryptionContext): Buffer {
  const { audience, provisioning_id: provisioningId, purpose } = context
  return lengthPrefixed(['audience', audience, 'provisioning_id', provisioningId, 'purpose', purpose])
}

function authentic(finish: () => Buffer): Buffer {
  try {
    return finish()
  } catch {
    throw unreadable('not_authentic')
  }
}

/** The port is asynchronous: what throws here must reject there. */
function settle<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work())
  })
}
