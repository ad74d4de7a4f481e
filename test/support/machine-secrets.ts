// Builders for App1's tests: machine secrets, and fakes of the ports that hand out secrets, tokens and credentials.
import type { CurrentMachine, Machine } from '#services/app1-provisioner/machine/machine.ts'
import type {
  ClientCredentials,
  MachineSecret,
  MachineSecretSource,
  PasswordCredentials,
} from '#services/app1-provisioner/machine/machine-secret.ts'
import type { MachineTokenSource } from '#services/app1-provisioner/machine/machine-token.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

export const machinePassword = (): PasswordCredentials => ({
  username: new SecretValue('latchkey-machine-canary'),
  password: new SecretValue('machine-password-canary'),
  clientId: 'machineclient',
  clientSecret: new SecretValue('client-secret-canary'),
})

export const machineClient = (): ClientCredentials => ({
  clientId: 'scopeclient',
  clientSecret: new SecretValue('scope-client-secret-canary'),
})

export const machineSecret = <Credentials>(
  credentials: Credentials,
  version = 'version-1',
): MachineSecret<Credentials> => ({
  version,
  idempotencySecret: new SecretValue('idempotency-secret-canary-32-chars'),
  credentials,
})

const idempotencyField = { idempotency_secret: 'idempotency-secret-canary-32-chars' }

/** The fields of `machinePassword()` and of `machineClient()`, as Secrets Manager holds them. */
export const passwordFields = {
  username: 'latchkey-machine-canary',
  password: 'machine-password-canary',
  client_id: 'machineclient',
  client_secret: 'client-secret-canary',
}
export const clientFields = { scope_client_id: 'scopeclient', scope_client_secret: 'scope-client-secret-canary' }

/** What Secrets Manager holds for `machinePassword()`, or for what `fields` say. */
export const storedMachineSecret = (fields: Readonly<Record<string, unknown>> = passwordFields): string =>
  JSON.stringify({ ...fields, ...idempotencyField })

/** `current` is what the cache holds, `stored` what Secrets Manager holds; a re-read makes them one. */
export function fakeSecretSource<Credentials>(
  first: MachineSecret<Credentials>,
): MachineSecretSource<Credentials> & { stored: MachineSecret<Credentials>; rereads: number } {
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

export function fakeTokenSource(
  tokens: readonly string[] = ['token-1', 'token-2'],
): MachineTokenSource<unknown> & { readonly replaced: string[] } {
  const replaced: string[] = []
  const token = (index: number): Promise<SecretValue> => Promise.resolve(new SecretValue(tokens[index] ?? 'none left'))
  return {
    replaced,
    get: () => token(0),
    replace: (refused) => {
      replaced.push(refused.expose())
      return token(replaced.length)
    },
    issueFor: ({ provisioningId }) => Promise.resolve(new SecretValue(`for ${provisioningId}`)),
  }
}

/** A machine that sends its requests by `send`. */
export const fakeMachine = (
  send: CurrentMachine['send'] = () => Promise.reject(new Error('not expected')),
): Machine => ({ current: () => Promise.resolve({ idempotencySecret: machineSecret(null).idempotencySecret, send }) })

/** A token in form only: what App1 reads of one before anybody has verified it. */
export const unsignedToken = (payload: Readonly<Record<string, unknown>>): string =>
  ['e30', Buffer.from(JSON.stringify(payload)).toString('base64url'), 'c2lnbmF0dXJl'].join('.')
