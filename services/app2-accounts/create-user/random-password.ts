// A password for nobody: it satisfies the pool's policy and is forgotten as soon as it is sent.
import { randomBytes } from 'node:crypto'

/** 256 random bits, and one character of each class that the policy asks for. */
export function randomPassword(): string {
  return `${randomBytes(32).toString('base64url')}-aA1`
}
