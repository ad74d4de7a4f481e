// Gives a failed KMS call its public meaning by the exception's name; it never repeats KMS's message.
import { errorName, mapAwsError } from '../aws/aws-errors.ts'
import { ServiceError } from '../errors.ts'
import { unreadable, type UnreadableReason } from './cipher.ts'

/**
 * What Decrypt says of a ciphertext that was tampered with or sealed under another context, and of one under another key.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
 */
const unreadableReasons: ReadonlyMap<string, UnreadableReason> = new Map([
  ['InvalidCiphertextException', 'not_authentic'],
  ['IncorrectKeyException', 'other_key'],
])

/** The key is gone, switched off or of another kind, or our own call was malformed: an operator has to look. */
const ourFault: ReadonlySet<string> = new Set([
  'DisabledException',
  'InvalidArnException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'NotFoundException',
  'ValidationException',
])

/** What `call` gives, or `password_unreadable`, `internal_error`, or what any AWS call can fail with (see aws-errors.ts). */
export async function translateKmsErrors<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    throw mapKmsError(error)
  }
}

function mapKmsError(error: unknown): ServiceError {
  const name = errorName(error)
  const wrong = unreadableReasons.get(name)
  if (wrong !== undefined) return unreadable(wrong)
  if (ourFault.has(name)) return new ServiceError('internal_error', { reason: name })
  return mapAwsError(error)
}
