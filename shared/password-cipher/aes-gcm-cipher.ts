// Seals and opens on one machine without KMS, by AES-256-GCM; it never runs in Lambda and is in no deployed bundle.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { ConfigurationError, runsInLambda } from '../env.ts'
import { lengthPrefixed } from '../text/length-prefixed.ts'
import type { SecretValue } from '../text/secret-value.ts'
import {
  encryptionContext,
  unreadable,
  type CipherContext,
  type Decrypter,
  type Encrypter,
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
export function createAesGcmCipher(deps: AesGcmCipherDeps): PasswordSealer & PasswordOpener & Encrypter & Decrypter {
  // Asks the process and not `deps`: a guard whose evidence comes from the one it guards against is none.
  // eslint-disable-next-line no-restricted-properties -- the reason above; nothing is configured by it
  if (runsInLambda(process.env)) throw new ConfigurationError(['the local cipher is refused inside Lambda'])
  const key = importKey(deps.key)
  const contextOf = (boundTo: SealedFor): CipherContext => encryptionContext(deps.audience, boundTo)
  return {
    encrypt: (contents, context) => settle(() => encrypt(key, contents, context)),
    decrypt: (envelope, context) => settle(() => decrypt(key, envelope, context)),
    seal: (password, boundTo) =>
      settle(() => encrypt(key, writeContents(password, boundTo, deps.now()), contextOf(boundTo))),
    open: (encryptedPassword, boundTo) =>
      settle(() => readContents(decrypt(key, encryptedPassword, contextOf(boundTo)), boundTo, deps.now())),
  }
}

function encrypt(key: KeyObject, contents: Uint8Array, context: CipherContext): string {
  // Random and fresh for each seal: two messages under one IV would give away GCM's authentication key. At 96
  // bits, NIST SP 800-38D section 8.3 allows 2^32 seals with one key.
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes })
  cipher.setAAD(encode(context))
  const ciphertext = Buffer.concat([cipher.update(contents), cipher.final()])
  return writeAesGcmEnvelope({ iv, ciphertext, tag: cipher.getAuthTag() })
}

function decrypt(key: KeyObject, envelope: string, context: CipherContext): Buffer {
  const { iv, ciphertext, tag } = readAesGcmEnvelope(envelope)
  // Without `authTagLength` Node takes a tag of 4 bytes for a whole one, and a forger needs 2^32 tries, not 2^128.
  // The envelope's parser refuses such a tag already; this holds also if that ever changes.
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes })
  decipher.setAAD(encode(context))
  decipher.setAuthTag(tag)
  return Buffer.concat([decipher.update(ciphertext), authentic(() => decipher.final())])
}

function importKey(key: SecretValue): KeyObject {
  const bytes = Buffer.from(key.expose(), 'base64')
  // Node skips what is not base64 and ignores missing padding: only the exact spelling of 32 bytes is a key.
  if (bytes.length !== keyBytes || bytes.toString('base64') !== key.expose()) {
    throw new ConfigurationError([`the local cipher's key is not the base64 of ${keyBytes} bytes`])
  }
  return createSecretKey(bytes)
}

/** The context as bytes: its names in alphabetical order, each with its value behind it. */
function encode(context: CipherContext): Buffer {
  const entries = Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return lengthPrefixed(entries.flat())
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
