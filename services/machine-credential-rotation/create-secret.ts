// Rotation step 1: decides on the machine user of the next version and stores its new credentials as AWSPENDING.
import { randomPassword } from '../../shared/random-password.ts'
import type { SecretValue } from '../../shared/secret-value.ts'
import { newMachineName } from './machine-name.ts'
import { assessFitness, findOtherName, reportLeftBehind } from './other-user.ts'
import { readCurrent, type StepContext, type StepDeps, type StepResult } from './rotation-step.ts'
import { serializeStoredSecret, type MachineCredentials, type StoredSecret } from './stored-secret.ts'

/** Touches no user. A version that has a value already keeps it: a repeat goes on with the same name and password. */
export async function createSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  if ((await deps.store.read({ id: context.version }, context)) !== undefined) return { outcome: 'repeated' }

  const current = await readCurrent(deps, context)
  const { name, ...result } = await chooseUser(current, deps, context)
  const client = await chooseClient(current, deps, context)
  const value = serializeStoredSecret(current.idempotencySecret, {
    username: name,
    password: randomPassword(),
    ...client,
  })
  await deps.store.putPending(context.version, value, context)
  return result
}

async function chooseUser(
  current: StoredSecret,
  deps: StepDeps,
  context: StepContext,
): Promise<StepResult & { readonly name: SecretValue }> {
  const other = await findOtherName(current, deps, context)
  if (other === undefined) return { name: newMachineName(), outcome: 'new_user' }
  const fitness = await assessFitness(other, deps, context)
  if (fitness.kind === 'fit') return { name: other, outcome: 'other_user', sub: fitness.sub }
  reportLeftBehind(fitness, deps.logger)
  return { name: newMachineName(), outcome: 'new_user' }
}

/** Carried over; read from Cognito on the first rotation, and when the app client is another one since a deployment. */
async function chooseClient(
  { credentials }: StoredSecret,
  { users, machineClientId }: StepDeps,
  context: StepContext,
): Promise<Pick<MachineCredentials, 'clientId' | 'clientSecret'>> {
  const clientSecret =
    credentials?.clientId === machineClientId ? credentials.clientSecret : await users.readClientSecret(context)
  return { clientId: machineClientId, clientSecret }
}
