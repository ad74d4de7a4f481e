// Reads the `scope` of a token (RFC 6749, section 3.3), to the letter; it never repairs one that is written otherwise.

const scopeToken = '[\\x21\\x23-\\x5b\\x5d-\\x7e]+'
const scopeList = new RegExp(`^${scopeToken}(?: ${scopeToken})*$`)

/**
 * The scopes, in the order of the claim; none where there is no claim. Undefined for what is no text of scopes with
 * exactly one space between any two: to read on in such a text would be to guess where a name begins.
 */
export function parseScopes(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return []
  return typeof claim === 'string' && scopeList.test(claim) ? claim.split(' ') : undefined
}
