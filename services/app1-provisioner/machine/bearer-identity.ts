// Proves who App1 is by an access token of its own; where the token comes from is the token source's business.
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { MachineIdentity, Proof } from './machine-identity.ts'
import type { MachineTokenSource } from './machine-token.ts'

/** API Gateway answers 401 to a token that has expired or was revoked, so another one may help. RFC 6750, section 2.1. */
export function createBearerIdentity(tokens: MachineTokenSource): MachineIdentity {
  const bearer = (token: SecretValue): Proof => ({
    refusedWith: 401,
    addTo: ({ headers }) => Promise.resolve({ ...headers, authorization: `Bearer ${token.expose()}` }),
    renew: async (deadline) => bearer(await tokens.replace(token, deadline)),
  })
  return { prove: async (deadline) => bearer(await tokens.get(deadline)) }
}
