// A new password as App2 is told of it: sealed for this one request, or by whom a generated one is to be read.
import type { NewPassword } from '#shared/contract.ts'
import type { PasswordSealer, SealedFor } from '#shared/password-cipher/cipher.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { App2Call } from './app2-transport.ts'
import { beforeApp2 } from './machine/machine.ts'
import type { WantedPassword } from './provisioning-id.ts'

export function wantedPassword(password: NewPassword): WantedPassword {
  return typeof password === 'string' ? new SecretValue(password) : { deliverTo: password.generate.deliver_to }
}

/** To be called for each attempt, so that no sealed password is sent twice. */
export async function passwordForApp2(
  password: WantedPassword,
  boundTo: SealedFor,
  { sealer }: { readonly sealer: PasswordSealer },
  { deadline, timer }: App2Call,
): Promise<{ readonly encrypted_password: string } | { readonly deliver_to: string }> {
  if (!(password instanceof SecretValue)) return { deliver_to: password.deliverTo }
  const sealed = await beforeApp2({ timer }, 'seal_ms', () =>
    sealer.seal(password, boundTo, { signal: deadline.signal() }),
  )
  return { encrypted_password: sealed }
}
