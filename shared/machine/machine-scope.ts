// The one scope that the machine asks for, and what a token says of its own; it verifies no token: that is the
// authorizer's work.
import * as z from 'zod/mini'
import type { Scope } from '../access-rules.ts'
import { parseJson } from '../text/parse-json.ts'
import type { SecretValue } from '../text/secret-value.ts'

export const machineScope: Scope = 'app2/users.create'

const scopedPayload = z.object({ scope: z.string() })

/** Whoever asked for the token over TLS trusts whom it asked: the signature is not looked at. */
export function readUnverifiedScope(unverifiedToken: SecretValue): string | undefined {
  const [, payload = ''] = unverifiedToken.expose().split('.')
  return z.safeParse(scopedPayload, parseJson(Buffer.from(payload, 'base64url').toString('utf8'))).data?.scope
}
