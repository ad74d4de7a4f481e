// The ciphertext blobs of local KMS: AES-256-GCM, bound to the key and to the encryption context; opening never says why not.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export type EncryptionContext = Readonly<Record<string, string>>

type Sealing = { readonly keyId: string; readonly material: Buffer; readonly context: EncryptionContext }

const version = 1
const keyIdAt = 1
const ivAt = keyIdAt + 16
const tagAt = ivAt + 12
const sealedAt = tagAt + 16

/** version (1) ‖ key id (16) ‖ IV (12) ‖ tag (16) ‖ ciphertext */
export function seal(plaintext: Buffer, { keyId, material, context }: Sealing): Buffer {
  const header = Buffer.concat([Buffer.from([version]), Buffer.from(keyId.replaceAll('-', ''), 'hex')])
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', material, iv, { authTagLength: 16 })
  cipher.setAAD(additionalData(header, context))
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([header, iv, cipher.getAuthTag(), sealed])
}

/** The id of the key that a blob says it was sealed with, or undefined for what is no blob of ours. */
export function keyIdOf(blob: Buffer): string | undefined {
  if (blob.length <= sealedAt || blob[0] !== version) return undefined
  return blob.toString('hex', keyIdAt, ivAt).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The plaintext, or undefined when one bit of blob, key or context is another. Only for blobs that `keyIdOf` knows. */
export function open(blob: Buffer, { material, context }: Omit<Sealing, 'keyId'>): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', material, blob.subarray(ivAt, tagAt), { authTagLength: 16 })
  decipher.setAAD(additionalData(blob.subarray(0, ivAt), context))
  decipher.setAuthTag(blob.subarray(tagAt, sealedAt))
  try {
    return Buffer.concat([decipher.update(blob.subarray(sealedAt)), decipher.final()])
  } catch {
    return undefined
  }
}

/** Pairs in the order of their names, as JSON, so that no two contexts share a form and order does not count. */
function additionalData(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1))
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))])
}
