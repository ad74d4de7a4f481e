// Rotation step 1: makes up the credentials of the next version, for each accepted mode, and stores them as AWSPENDING.
import { randomPassword } from '#shared/text/random-text.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { addClientSecret } from '../add-client-secret.ts'
import { newMachineName } from '../machine-name.ts'
import { assessFitness, findOtherName, reportLeftBehind } from '../other-user.ts'
import { RotationError } from '../rotation-error.ts'
import {
  readCurrent,
  readWritten,
  type MachineUserDeps,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'
import { serializeStoredSecret, type StoredSecret, type UserCredentials } from '../stored-secret.ts'

/**
 * Touches no user. A version that has a value already keeps it: a repeat goes on with the same name, password and client
 * secret. Credentials of a mode that is no longer accepted are not carried over.
 */
export async function createSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  if (await hasValue(deps, context)) return { outcome: 'repeated' }

  const current = await readCurrent(deps, context)
  const chosen = deps.machineUser && (await chooseUser(current, deps.machineUser, deps, context))
  // Last, so that little can go wrong between a secret that Cognito has and a version that names it.
  const added = deps.scopeClient && (await addClientSecret(current, deps.scopeClient, deps, context))
  if (added?.kind === 'repeated') return { outcome: 'repeated' }
  await deps.store.putPending(
    context.version,
    serializeStoredSecret({
      idempotencySecret: current.idempotencySecret,
      user: chosen?.credentials,
      client: added?.credentials,
    }),
    context,
  )
  return chosen?.result ?? { outcome: 'new_client_secret' }
}

/** One that is known to be stored is waited for: a second client secret could only be drawn in the place of the first. */
async function hasValue(deps: StepDeps, context: StepContext): Promise<boolean> {
  const wanted = { id: context.version }
  if (!context.isBegun) return (await deps.store.read(wanted, context)) !== undefined
  if ((await readWritten(wanted, deps, context)) === undefined) throw new RotationError('pending_without_value')
  return true
}

async function chooseUser(
  current: StoredSecret,
  machineUser: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<{ readonly credentials: UserCredentials; readonly result: StepResult }> {
  const { name, ...result } = await chooseName(current, machineUser, deps, context)
  const client = await chooseClient(current, machineUser, context)
  return { credentials: { username: name, password: randomPassword(), ...client }, result }
}

async function chooseName(
  current: StoredSecret,
  machineUser: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<StepResult & { readonly name: SecretValue }> {
  const other = await findOtherName(current, deps, context)
  if (other === undefined) return { name: newMachineName(), outcome: 'new_user' }
  const fitness = await assessFitness(other, machineUser, context)
  if (fitness.kind === 'fit') return { name: other, outcome: 'other_user', sub: fitness.sub }
  reportLeftBehind(fitness, deps.logger)
  return { name: newMachineName(), outcome: 'new_user' }
}

/** Carried over; read from Cognito on the first rotation, and when the app client is another one since a deployment. */
async function chooseClient(
  { user }: StoredSecret,
  { users, clientId }: MachineUserDeps,
  context: StepContext,
): Promise<Pick<UserCredentials, 'clientId' | 'clientSecret'>> {
  const clientSecret = user?.clientId === clientId ? user.clientSecret : await users.readClientSecret(context)
  return { clientId, clientSecret }
}
