// Builders for App1's tests: a machine secret, and stand-ins for the ports that hand out secrets and tokens.
import type { MachineSecret, MachineSecretSource } from '../../services/app1-provisioner/machine-secret.ts'
import type { MachineTokenSource } from '../../services/app1-provisioner/machine-token.ts'
import { SecretValue } from '../../shared/secret-value.ts'

export const machineSecret = (changes: Partial<MachineSecret> = {}): MachineSecret => ({
  version: 'version-1',
  username: new SecretValue('latchkey-machine-canary'),
  password: new SecretValue('machine-password-canary'),
  clientId: 'machineclient',
  clientSecret: new SecretValue('client-secret-canary'),
  idempotencySecret: new SecretValue('idempotency-secret-canary-32-chars'),
  ...changes,
})

/** What Secrets Manager holds for `machineSecret()`. */
export const storedMachineSecret = (): string =>
  JSON.stringify({
    username: 'latchkey-machine-canary',
    password: 'machine-password-canary',
    client_id: 'machineclient',
    client_secret: 'client-secret-canary',
    idempotency_secret: 'idempotency-secret-canary-32-chars',
  })

/** `current` is what the cache holds, `stored` what Secrets Manager holds; a re-read makes them one. */
export function fakeSecretSource(first = machineSecret()): MachineSecretSource & {
  stored: MachineSecret
  rereads: number
} {
  let current = first
  return {
    stored: first,
    rereads: 0,
    current: () => Promise.resolve(current),
    reread() {
      this.rereads += 1
      current = this.stored
      return Promise.resolve(current)
    },
  }
}

export function fakeTokenSource(tokens: readonly string[] = ['token-1', 'token-2']): MachineTokenSource & {
  readonly replaced: string[]
} {
  const replaced: string[] = []
  const token = (index: number): Promise<SecretValue> => Promise.resolve(new SecretValue(tokens[index] ?? 'none left'))
  return {
    replaced,
    get: () => token(0),
    replace: (refused) => {
      replaced.push(refused.expose())
      return token(replaced.length)
    },
  }
}
