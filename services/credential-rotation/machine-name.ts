// The names of machine users: made here, at random, and told apart from every name that somebody else gave.
import { machineUserPrefix } from '#shared/contract.ts'
import { lowerAlphanumerics, randomText } from '#shared/text/random-text.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

/** Who knows a name can lock its user out with wrong passwords: 26 characters are 134 bits. */
const randomLength = 26

const pattern = new RegExp(`^${machineUserPrefix}[a-z0-9]{${randomLength}}$`)

export function newMachineName(): SecretValue {
  return new SecretValue(machineUserPrefix + randomText({ length: randomLength, alphabet: lowerAlphanumerics }))
}

/** Whether the name is one of ours. No service user can have such a name: its prefix is reserved. */
export function isMachineName(name: SecretValue): boolean {
  return pattern.test(name.expose())
}

export function isSameName(one: SecretValue, other: SecretValue | undefined): boolean {
  // The pool ignores case.
  return one.expose().toLowerCase() === other?.expose().toLowerCase()
}
